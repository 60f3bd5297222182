//! Room on the disk: said and looked for before it is needed.

use anyhow::{Context as _, Result, ensure};
use nix::sys::statvfs::statvfs;
use std::path::Path;

/// What a seeded case takes with its events, rows and facts, and what a copied row takes, in bytes.
/// Both were measured (about 90,000 and 9,400) and rounded up.
const SEEDED: u64 = 100_000;
const COPIED: u64 = 10_000;
/// What a seeded case takes without its facts.
const STORED: u64 = 40_000;
/// Besides: the write-ahead log, servers, what is loaded and rebuilt.
const BESIDES: u64 = 3 << 30;
/// While an index is made, it lies there sorted and as itself.
const SORTED: (u64, u64) = (4, 3);

/// Looks before anything is started.
pub fn ask(folder: &Path, cases: u64, rows: Option<u64>) -> Result<()> {
    let copied = rows.unwrap_or_default().saturating_sub(cases) * COPIED * SORTED.0 / SORTED.1;
    need(folder, "all of it", cases * SEEDED + copied + BESIDES)
}

/// Looks before a seeded installation is copied, without its facts, and grows to so many rows.
pub fn ask_for_copy(folder: &Path, cases: u64, rows: u64) -> Result<()> {
    let copied = rows.saturating_sub(cases) * COPIED * SORTED.0 / SORTED.1;
    need(folder, "a copy that grows", cases * STORED + copied + BESIDES)
}

/// Looks again when it is known what rows take.
pub fn ask_for_copies(folder: &Path, bytes: u64) -> Result<()> {
    need(folder, "copied rows", bytes * SORTED.0 / SORTED.1 + (3 << 30))
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn need(folder: &Path, what: &str, bytes: u64) -> Result<()> {
    let disk = statvfs(folder).with_context(|| format!("{}", folder.display()))?;
    let free = disk.blocks_available() as u64 * disk.fragment_size() as u64;
    let gigabytes = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    let (needed, there) = (gigabytes(bytes), gigabytes(free));
    println!("disk: {what} may take {needed:.1} GB; {there:.1} GB are free");
    ensure!(bytes <= free, "{} has too little room (TMPDIR names another place)", folder.display());
    Ok(())
}

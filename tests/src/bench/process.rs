//! What the amparo process and this one take.

use crate::site::Site;
use crate::table::{Table, Target};
use anyhow::{Context as _, Result};
use nix::sys::resource::{UsageWho, getrusage};
use std::time::Duration;

/// Processor time that this process has taken so far.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
pub fn cpu_seconds() -> f64 {
    let seconds =
        |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1_000_000.0;
    getrusage(UsageWho::RUSAGE_SELF)
        .map_or(0.0, |usage| seconds(usage.user_time()) + seconds(usage.system_time()))
}

/// Memory after a start, when nothing was asked yet.
pub async fn idle(site: &Site, table: &mut Table) -> Result<()> {
    tokio::time::sleep(Duration::from_secs(5)).await;
    let pid = site.pid()?;
    table.add("memory, idle", megabytes(pid, "VmRSS:")?, " MB", Target::Most(150.0));
    // The peak counts from here on.
    std::fs::write(format!("/proc/{pid}/clear_refs"), "5").context("clear_refs")
}

/// The peak of the memory since then.
pub fn loaded(site: &Site, table: &mut Table) -> Result<()> {
    let peak = megabytes(site.pid()?, "VmHWM:")?;
    table.add("memory, peak under load", peak, " MB", Target::Most(400.0));
    Ok(())
}

fn megabytes(pid: i32, name: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such figure")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1_024.0)
}

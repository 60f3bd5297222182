//! Reads what all installations of a test run logged, and fails when a line names a person of the
//! seed. `discreet FOLDER`; the last line is `N passed, N failed`, counted in files.

use anyhow::{Context as _, Result, ensure};
use std::path::PathBuf;
use tests::SeededNames;

/// Fewer bytes than this are not the logs of a test run.
const LEAST: usize = 50_000;

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).context("which folder?")?);
    let names = SeededNames::read()?;
    let (mut read, mut passed, mut failed) = (0, 0, 0);
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
            read += text.len();
            let found = names.found_in(&text);
            for (name, line) in &found {
                println!("{}: {name:?} in: {line}", path.display());
            }
            if found.is_empty() { passed += 1 } else { failed += 1 }
        }
    }
    println!("{read} bytes of logs");
    println!("{passed} passed, {failed} failed");
    ensure!(failed == 0, "logs name people");
    ensure!(read >= LEAST, "too little was logged to prove anything");
    Ok(())
}

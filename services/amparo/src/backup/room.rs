//! Room on a disk, and a scratch folder that leaves nothing behind.

use anyhow::{Context as _, Result, bail};
use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

const PREFIX: &str = ".amparo-scratch-";
/// What servers need besides what is unpacked: their logs.
const BESIDES: u64 = 256 << 20;

/// Refuses to begin what would fill the disk.
pub fn need(folder: &Path, bytes: u64) -> Result<()> {
    let disk = nix::sys::statvfs::statvfs(folder).context("how much room is there?")?;
    check(folder, bytes + BESIDES, disk.blocks_available() * disk.fragment_size())
}

fn check(folder: &Path, need: u64, free: u64) -> Result<()> {
    if free < need {
        let [need, free] = [need, free].map(|bytes| bytes.div_ceil(1_000_000));
        bail!("{} has {free} MB of room, and {need} MB are needed", folder.display());
    }
    Ok(())
}

/// The folder that a file lies in.
pub fn parent(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A folder that only its owner enters, removed when dropped. What a killed process left is
/// removed by the next one.
pub struct Scratch {
    path: PathBuf,
    _lock: Flock<File>,
}

impl Scratch {
    /// Makes one in `folder`.
    pub fn make(folder: &Path) -> Result<Self> {
        for entry in fs::read_dir(folder)?.flatten() {
            let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
            if ours && hold(&entry.path()).is_some() {
                fs::remove_dir_all(entry.path())?;
            }
        }
        let path = folder.join(format!("{PREFIX}{}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&path).context("a scratch folder")?;
        let lock = hold(&path).context("the scratch folder is another's")?;
        Ok(Self { path, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("{} is left and is to be removed: {error}", self.path.display());
        }
    }
}

fn hold(path: &Path) -> Option<Flock<File>> {
    Flock::lock(File::open(path).ok()?, FlockArg::LockExclusiveNonblock).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_without_room_is_told_beforehand() {
        let said = check(Path::new("/backups"), 5_000_000, 2_000_001).unwrap_err().to_string();
        assert_eq!(said, "/backups has 3 MB of room, and 5 MB are needed");
        assert!(check(Path::new("/backups"), 5, 5).is_ok());
        assert!(need(Path::new("/"), u64::MAX / 2).is_err());
    }

    #[test]
    fn a_scratch_folder_is_private_and_goes_and_takes_forgotten_ones_along() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let forgotten = dir.path().join(".amparo-scratch-0");
        fs::create_dir(&forgotten).unwrap();
        fs::write(dir.path().join("mine"), "kept").unwrap();
        let scratch = Scratch::make(dir.path()).unwrap();
        assert!(!forgotten.exists());
        let path = scratch.path().to_owned();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        drop(scratch);
        assert!(!path.exists() && dir.path().join("mine").exists());
    }
}

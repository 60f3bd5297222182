//! The data folder: where everything of one embedded installation lies, and
//! the lock that says whether it runs.

use anyhow::{Context as _, Result, bail};
use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, chown};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Folders that Amparo makes here.
const MADE: [&str; 9] = [
    "postgres",
    "postgres.new",
    "postgres.old",
    "restore.new",
    "nats",
    "gateway",
    "logs",
    "secrets",
    "journal",
];

/// Paths under the data folder, absolute.
#[derive(Clone, Debug)]
pub struct DataFolder {
    root: PathBuf,
}

/// Who holds a data folder: the process and the address it answers at.
#[derive(Debug, PartialEq, Eq)]
pub struct Running {
    pub pid: i32,
    pub port: u16,
}

/// Held for as long as this process runs the folder; the kernel lets go of it
/// even when the process is killed.
pub struct Lock(#[expect(dead_code, reason = "held, not read")] Flock<File>);

impl DataFolder {
    /// Makes the folder when it is missing.
    pub fn open(path: &Path) -> Result<Self> {
        make_folder(path, 0o711)?;
        let root =
            path.canonicalize().with_context(|| format!("cannot open {}", path.display()))?;
        Ok(Self { root })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A folder of its own for a server, owned by the account that runs it.
    pub fn server_folder(&self, name: &str, account: Option<&User>) -> Result<PathBuf> {
        let path = self.path(name);
        make_folder(&path, 0o700)?;
        give_to(&path, account)?;
        Ok(path)
    }

    /// Takes the folder for this process, or says who has it.
    pub fn lock(&self, port: u16) -> Result<Result<Lock, Running>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.lock_file())
            .context("cannot open the lock file")?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(mut lock) => {
                lock.set_len(0)?;
                lock.rewind()?;
                writeln!(lock, "{} {port}", std::process::id())?;
                Ok(Ok(Lock(lock)))
            }
            Err((file, _)) => Ok(Err(read_running(file)?)),
        }
    }

    /// Takes the folder for work during which nothing runs in it.
    pub fn lock_alone(&self) -> Result<Lock> {
        match self.lock(0)? {
            Ok(lock) => Ok(lock),
            Err(Running { pid, .. }) => bail!(
                "process {pid} has {}; end it first (amparo up --stop --data ...)",
                self.root.display()
            ),
        }
    }

    /// The process that runs this folder now, if any.
    pub fn running(&self) -> Result<Option<Running>> {
        let Ok(file) = OpenOptions::new().read(true).write(true).open(self.lock_file()) else {
            return Ok(None);
        };
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(_) => Ok(None),
            Err((file, _)) => Ok(Some(read_running(file)?)),
        }
    }

    /// Asks the process that runs this folder to end and waits for it.
    pub async fn stop(&self) -> Result<bool> {
        let Some(running) = self.running()? else { return Ok(false) };
        kill(Pid::from_raw(running.pid), Signal::SIGTERM).context("cannot signal it")?;
        for _ in 0..900 {
            if self.running()?.is_none() {
                return Ok(true);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("process {} did not end within 90 seconds", running.pid)
    }

    /// Removes what Amparo made here, and nothing else.
    pub fn wipe(&self) -> Result<()> {
        for name in MADE {
            match fs::remove_dir_all(self.path(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {name}"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn lock_file(&self) -> PathBuf {
        self.path("amparo.lock")
    }
}

fn read_running(mut file: File) -> Result<Running> {
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let mut words = text.split_whitespace();
    let (Some(pid), Some(port)) = (words.next(), words.next()) else {
        bail!("the data folder is being opened by another process; try again")
    };
    Ok(Running { pid: pid.parse()?, port: port.parse()? })
}

fn make_folder(path: &Path, mode: u32) -> Result<()> {
    if !path.is_dir() {
        DirBuilder::new()
            .recursive(true)
            .mode(mode)
            .create(path)
            .with_context(|| format!("cannot make {}", path.display()))?;
        fs::set_permissions(path, Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// Hands a file or folder to the account that will read it.
pub fn give_to(path: &Path, account: Option<&User>) -> Result<()> {
    if let Some(user) = account {
        chown(path, Some(user.uid), Some(user.gid))
            .with_context(|| format!("cannot hand over {}", path.display()))?;
    }
    Ok(())
}

/// Writes a file that only its owner reads, from the first byte on.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_is_told_who_has_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(&dir.path().join("data")).unwrap();
        assert_eq!(folder.running().unwrap(), None);
        let lock = folder.lock(8080).unwrap().expect("free");
        let pid = i32::try_from(std::process::id()).unwrap();
        assert_eq!(folder.lock(9090).unwrap().err(), Some(Running { pid, port: 8080 }));
        assert_eq!(folder.running().unwrap(), Some(Running { pid, port: 8080 }));
        drop(lock);
        assert_eq!(folder.running().unwrap(), None);
    }

    #[test]
    fn wiping_keeps_what_is_not_ours() {
        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(dir.path()).unwrap();
        fs::write(folder.path("mine.txt"), "kept").unwrap();
        folder.server_folder("postgres", None).unwrap();
        folder.wipe().unwrap();
        assert!(folder.path("mine.txt").exists());
        assert!(!folder.path("postgres").exists());
    }
}

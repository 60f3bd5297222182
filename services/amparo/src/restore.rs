//! `amparo restore`: a data folder from a backup.
//!
//! The backup is opened to its end beside what is there before anything is replaced. Facts are
//! published again, so NATS starts empty. The journal of erasures is never rolled back: of what
//! lies here, what is given and what the backup has, the longest counts.

mod journal;

use crate::backup::archive::{Manifest, unpack};
use crate::backup::keys::Key;
use crate::backup::{quiet, room, trial};
use crate::embedded::{DataFolder, Secrets, Tools, give_to, server_account};
use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use keyring::{LocalRoot, RootKey as _};
use kit_serve::Shutdown;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Instant;

/// Makes a data folder from such a file.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup.
    from: PathBuf,
    /// The data folder to make.
    #[arg(long, env = "AMPARO_DATA")]
    data: PathBuf,
    #[command(flatten)]
    key: Key,
    /// The root key of the installation, where neither the folder nor the backup has it.
    #[arg(long)]
    root_key_file: Option<PathBuf>,
    /// The latest copy of the journal of erasures (<data>/journal/destroyed-keys), where the
    /// folder has none.
    #[arg(long)]
    journal: Option<PathBuf>,
    /// Restores without a journal later than the backup: what was erased since then is readable
    /// until `amparo erasures replay` hears of it.
    #[arg(long)]
    without_later_erasures: bool,
    /// Removes the databases that the folder has, once the backup has been opened to its end.
    #[arg(long)]
    replace: bool,
    /// Does not start and verify what was restored.
    #[arg(long)]
    no_verify: bool,
    /// Folder with the server programs; those on the PATH are used when it lacks them.
    #[arg(long, env = "AMPARO_TOOLS")]
    tools: Option<PathBuf>,
    /// Log filter.
    #[arg(long, env = "AMPARO_LOG", default_value = "error,deadpool.postgres=off")]
    log: String,
}

impl Restore {
    /// Restores, and verifies what was restored.
    pub async fn run(self) -> Result<()> {
        quiet(&self.log)?;
        let begun = Instant::now();
        let shutdown = Shutdown::on_signals()?;
        let opener = self.key.read()?;
        ensure!(self.from.is_file(), "there is no file {}", self.from.display());
        let folder = DataFolder::open(&self.data)?;
        let lock = folder.lock_alone()?;
        if folder.path("postgres").exists() && !self.replace {
            bail!("{} has databases already; --replace removes them", self.data.display());
        }
        let tools = Tools::find(&self.tools.clone().unwrap_or_else(|| folder.path("tools")))?;
        let journals = journal::Known::read(&folder, self.journal.as_deref())?;
        if journals.is_none() && !self.without_later_erasures {
            bail!(
                "what was erased after the backup is not known here: give the latest copy of the \
                 journal with --journal, or say --without-later-erasures"
            );
        }
        let new = folder.path("restore.new");
        let _ = fs::remove_dir_all(&new);
        folder.server_folder("restore.new", None)?;
        let accept = |manifest: &Manifest| self.accept(manifest, &folder, &tools);
        let unpacked = unpack(&self.from, &opener, &new, accept)
            .and_then(|manifest| Ok((journals.with(&new)?, manifest)));
        let put = unpacked.and_then(|(journal, manifest)| {
            self.put_in_place(&folder, &journal).map(|()| manifest)
        });
        let _ = fs::remove_dir_all(&new);
        let manifest = put.with_context(|| format!("{} was not restored", self.from.display()))?;
        println!("restored the backup of {} in {:.1?}", manifest.made_at, begun.elapsed());
        if self.no_verify {
            println!("not verified (--no-verify)");
            return Ok(());
        }
        let root_key = Secrets::open(&folder)?.file("root-key")?;
        let found = trial::hold(&folder, &root_key, &tools, &shutdown).await;
        drop(lock);
        print!("{}", found.context("it was restored, and does not hold")?);
        println!("all of it took {:.1?}; amparo up starts it", begun.elapsed());
        Ok(())
    }

    /// Whether this backup can be restored here, before anything of it is written.
    fn accept(&self, manifest: &Manifest, folder: &DataFolder, tools: &Tools) -> Result<()> {
        let this = env!("CARGO_PKG_VERSION");
        if numbers(&manifest.amparo) > numbers(this) {
            bail!("it was made by Amparo {}, and this is {this}", manifest.amparo);
        }
        let release = tools.postgres_release()?;
        if manifest.postgres != release {
            bail!("it holds files of Postgres {}, and here is {release}", manifest.postgres);
        }
        room::need(&folder.path("."), manifest.bytes)?;
        match self.root_key(folder) {
            Some(path) => {
                let root = LocalRoot::read(&path)?;
                ensure!(
                    root.name() == manifest.root_key,
                    "{} is not the root key of this backup",
                    path.display()
                );
            }
            None if manifest.holds_root_key => {}
            None => bail!("it does not hold the root key: give it with --root-key-file"),
        }
        Ok(())
    }

    fn root_key(&self, folder: &DataFolder) -> Option<PathBuf> {
        let here = folder.path("secrets/root-key");
        self.root_key_file.clone().or_else(|| here.exists().then_some(here))
    }

    /// From here on the folder changes; what it had goes last.
    fn put_in_place(&self, folder: &DataFolder, journal: &str) -> Result<()> {
        let new = folder.path("restore.new");
        let secrets = Secrets::open(folder)?;
        let root_key = self.root_key(folder).map(fs::read_to_string).transpose()?;
        for entry in fs::read_dir(new.join("secrets"))? {
            let entry = entry?;
            let name = entry.file_name().into_string().ok().context("an odd name")?;
            secrets.write(&name, &fs::read_to_string(entry.path())?)?;
        }
        if let Some(text) = root_key {
            secrets.write("root-key", text.trim())?;
        }
        let kept = folder.server_folder("journal", None)?;
        journal::write(&kept, journal)?;
        let (old, postgres) = (folder.path("postgres.old"), folder.path("postgres"));
        let _ = fs::remove_dir_all(&old);
        if postgres.exists() {
            fs::rename(&postgres, &old)?;
        }
        fs::rename(new.join("postgres"), &postgres)?;
        hand_over(folder)?;
        for folder in [folder.path("nats"), folder.path("gateway"), old] {
            let _ = fs::remove_dir_all(folder);
        }
        if new.join("gateway").exists() {
            fs::rename(new.join("gateway"), folder.path("gateway"))?;
        }
        nix::unistd::sync();
        Ok(())
    }
}

/// Gives the databases' files to the account that runs Postgres, and to nobody else.
pub fn hand_over(folder: &DataFolder) -> Result<()> {
    // Postgres refuses a folder that others may look into.
    fs::set_permissions(folder.path("postgres"), Permissions::from_mode(0o700))?;
    let account = server_account();
    if account.is_some() {
        let mut left = vec![folder.path("postgres")];
        while let Some(path) = left.pop() {
            give_to(&path, account.as_ref())?;
            if path.is_dir() {
                for entry in fs::read_dir(&path)? {
                    left.push(entry?.path());
                }
            }
        }
    }
    Ok(())
}

/// A version as numbers.
fn numbers(version: &str) -> Vec<u32> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(numbers("0.10.0") > numbers("0.9.9"));
        assert!(numbers("1.0.0") > numbers("0.1.0"));
        assert!(numbers("0.1.0") == numbers("0.1.0-rc"));
    }
}

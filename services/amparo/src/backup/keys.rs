//! What a backup is sealed for and opened with, as flags.

use crate::embedded::write_private;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use kit_parcel::{KeyPair, Lock, Opener, PublicKey};
use std::path::{Path, PathBuf};

/// What a file is sealed for.
#[derive(Debug, Args)]
pub struct Locks {
    /// A file with the passphrase to seal it with: 12 characters or more.
    #[arg(long)]
    pub passphrase_file: Option<PathBuf>,
    /// A public key to seal it for (amparo-public-...); more than one may be given. Only the
    /// secret key opens it, which needs not be on this machine.
    #[arg(long)]
    pub recipient: Vec<String>,
}

/// What a file is opened with.
#[derive(Debug, Args)]
pub struct Key {
    /// A file with the passphrase that it was sealed with.
    #[arg(long)]
    pub passphrase_file: Option<PathBuf>,
    /// A file with the secret key (amparo-secret-...) that it was sealed for.
    #[arg(long)]
    pub identity_file: Option<PathBuf>,
}

/// Locks, and what opens one of them here and now.
pub struct Unlocked {
    pub locks: Vec<Lock>,
    opener: Option<Opener>,
}

impl Unlocked {
    /// Opens what was sealed with these locks.
    pub fn opener(&self) -> Result<Opener> {
        self.opener.clone().context("nothing here opens it")
    }
}

impl Locks {
    /// The locks. With `opens` there is one more if need be, whose key is known to this process
    /// alone and forgotten with it.
    pub fn read(&self, opens: bool) -> Result<Unlocked> {
        let mut locks = Vec::new();
        let mut opener = None;
        if let Some(path) = &self.passphrase_file {
            let text = read(path)?;
            locks.push(Lock::passphrase(&text).with_context(|| path.display().to_string())?);
            opener = Some(Opener::passphrase(&text));
        }
        for text in &self.recipient {
            locks.push(Lock::Public(PublicKey::parse(text).context("--recipient")?));
        }
        if locks.is_empty() {
            bail!("--passphrase-file or --recipient is needed: nothing is written in clear");
        }
        if opens && opener.is_none() {
            let once = KeyPair::random();
            locks.push(Lock::Public(once.public()));
            opener = Some(Opener::Secret(once));
        }
        Ok(Unlocked { locks, opener })
    }
}

impl Key {
    /// The one that was given.
    pub fn read(&self) -> Result<Opener> {
        match (&self.passphrase_file, &self.identity_file) {
            (Some(path), None) => Ok(Opener::passphrase(&read(path)?)),
            (None, Some(path)) => {
                let pair = KeyPair::parse(&read(path)?);
                Ok(Opener::Secret(pair.with_context(|| path.display().to_string())?))
            }
            _ => bail!("--passphrase-file or --identity-file is needed"),
        }
    }
}

/// A new pair: the secret half into a file, the public one on the screen.
pub fn make(path: &Path) -> Result<()> {
    if path.exists() {
        bail!("{} exists; a key is never written over", path.display());
    }
    let pair = KeyPair::random();
    write_private(path, &format!("{}\n", *pair.to_text()))?;
    println!("{}", pair.public());
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

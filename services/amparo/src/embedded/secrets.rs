//! Secrets of an embedded installation: made once, kept in files that only
//! their owner reads, handed on as file names and never printed.

use super::DataFolder;
use super::folder::write_private;
use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

/// The folder of secrets.
#[derive(Clone, Debug)]
pub struct Secrets {
    dir: PathBuf,
}

impl Secrets {
    /// Makes the folder when it is missing.
    pub fn open(folder: &DataFolder) -> Result<Self> {
        let dir = folder.path("secrets");
        DirBuilder::new().recursive(true).mode(0o700).create(&dir).context("secrets folder")?;
        Ok(Self { dir })
    }

    /// The file of one secret: 32 random bytes in base64url, drawn on first use.
    pub fn file(&self, name: &str) -> Result<PathBuf> {
        let path = self.dir.join(name);
        if path.exists() {
            return Ok(path);
        }
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).context("no randomness")?;
        let draft = self.dir.join(format!(".{name}"));
        let file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft);
        let mut file = file.context("cannot write a secret")?;
        file.write_all(URL_SAFE_NO_PAD.encode(bytes).as_bytes())?;
        file.sync_all()?;
        // Renamed only when whole: a half-written root key would lock out all records.
        fs::rename(&draft, &path)?;
        fs::File::open(&self.dir)?.sync_all()?;
        Ok(path)
    }

    /// The text of one secret.
    pub fn text(&self, name: &str) -> Result<String> {
        let path = self.file(name)?;
        fs::read_to_string(&path).with_context(|| format!("cannot read the secret {name}"))
    }

    /// Writes down a secret that was made of others, anew at every start.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.dir.join(name);
        write_private(&path, text)?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_secret_is_drawn_once_and_read_by_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(dir.path()).unwrap();
        let secrets = Secrets::open(&folder).unwrap();
        let first = secrets.text("root-key").unwrap();
        assert_eq!(first.len(), 43);
        assert_eq!(secrets.text("root-key").unwrap(), first);
        assert_ne!(secrets.text("nats-token").unwrap(), first);
        let mode = fs::metadata(secrets.file("root-key").unwrap()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

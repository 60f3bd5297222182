//! The keyring's own settings: where the root key comes from.

use std::path::PathBuf;

use anyhow::bail;
use kit_serve::Secret;

use crate::{Journal, LocalRoot};

/// One of the two must be given; a file wins.
#[derive(Debug, Clone, Default, clap::Args)]
#[group(skip)]
pub struct Settings {
    /// The root key: 32 bytes as 43 characters of base64url.
    #[arg(long, env = "AMPARO_KEYRING_ROOT_KEY", hide_env_values = true)]
    pub keyring_root_key: Option<Secret>,
    /// A file with the root key.
    #[arg(long, env = "AMPARO_KEYRING_ROOT_KEY_FILE")]
    pub keyring_root_key_file: Option<PathBuf>,
    /// A file that lists destroyed keys and is kept where no backup of the database lies; made
    /// when missing. Without it a restored backup brings erased records back.
    #[arg(long, env = "AMPARO_KEYRING_JOURNAL_FILE")]
    pub keyring_journal_file: Option<PathBuf>,
}

impl Settings {
    /// The root key, checked.
    pub fn root(&self) -> anyhow::Result<LocalRoot> {
        match (&self.keyring_root_key_file, &self.keyring_root_key) {
            (Some(file), _) => LocalRoot::read(file),
            (None, Some(secret)) => LocalRoot::try_parse(secret.reveal()),
            (None, None) => bail!("--keyring-root-key or --keyring-root-key-file is needed"),
        }
    }

    /// The journal, if there is to be one, checked.
    pub fn journal(&self) -> anyhow::Result<Option<Journal>> {
        self.keyring_journal_file.as_deref().map(Journal::open).transpose()
    }
}

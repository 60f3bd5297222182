//! Settings of identity alone; what all services need comes with `Shared`.

use std::path::PathBuf;

use anyhow::{Context, bail};
use kit_seal::SecretKey;
use kit_serve::{InternalToken, SigningKey};
use sha2::{Digest, Sha256};

/// How people sign in and for how long.
#[derive(Debug, Clone, clap::Args)]
#[group(skip)]
pub struct Settings {
    /// Minutes after the last call when a session ends.
    #[arg(long, env = "AMPARO_IDENTITY_SESSION_IDLE_MINUTES", default_value_t = 60)]
    pub identity_session_idle_minutes: u32,
    /// Hours after signing in when a session ends, however busy.
    #[arg(long, env = "AMPARO_IDENTITY_SESSION_HOURS", default_value_t = 12)]
    pub identity_session_hours: u32,
    /// Wrong passwords in a row that lock an account.
    #[arg(long, env = "AMPARO_IDENTITY_LOCK_AFTER", default_value_t = 6)]
    pub identity_lock_after: u32,
    /// Minutes that an account stays locked.
    #[arg(long, env = "AMPARO_IDENTITY_LOCK_MINUTES", default_value_t = 30)]
    pub identity_lock_minutes: u32,
    /// Memory of one password hash, in KiB.
    #[arg(long, env = "AMPARO_IDENTITY_HASH_MEMORY", default_value_t = 19_456)]
    pub identity_hash_memory: u32,
    /// Passes of one password hash.
    #[arg(long, env = "AMPARO_IDENTITY_HASH_PASSES", default_value_t = 2)]
    pub identity_hash_passes: u32,
    /// Passwords hashed at the same time; 0 for as many as there are cores.
    #[arg(long, env = "AMPARO_IDENTITY_HASH_AT_ONCE", default_value_t = 0)]
    pub identity_hash_at_once: usize,
    /// Seconds that a principal token is good for.
    #[arg(long, env = "AMPARO_IDENTITY_TOKEN_SECONDS", default_value_t = 300)]
    pub identity_token_seconds: u32,
    /// File with the secret that signing keys are derived from; without it they are derived from
    /// the installation's internal token.
    #[arg(long, env = "AMPARO_IDENTITY_SIGNING_SECRET_FILE")]
    pub identity_signing_secret_file: Option<PathBuf>,
}

/// What identity derives from the installation's secret.
pub(crate) struct Secrets {
    pub signing: SigningKey,
    /// Hides tried names and passwords in tables and caches.
    pub hiding: SecretKey,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            identity_session_idle_minutes: 60,
            identity_session_hours: 12,
            identity_lock_after: 6,
            identity_lock_minutes: 30,
            identity_hash_memory: 19_456,
            identity_hash_passes: 2,
            identity_hash_at_once: 0,
            identity_token_seconds: 300,
            identity_signing_secret_file: None,
        }
    }
}

impl Settings {
    /// Refuses values that would weaken sign-in, before any port is bound.
    pub fn check(&self) -> anyhow::Result<()> {
        if self.identity_token_seconds == 0 || self.identity_token_seconds > 900 {
            bail!("--identity-token-seconds has to be from 1 to 900");
        }
        if self.identity_lock_after == 0 {
            bail!("--identity-lock-after must not be 0");
        }
        if self.identity_hash_memory < 8_192 || self.identity_hash_passes == 0 {
            bail!("--identity-hash-memory has to be at least 8192, --identity-hash-passes 1");
        }
        Ok(())
    }

    pub(crate) fn secrets(&self, internal: &InternalToken) -> anyhow::Result<Secrets> {
        let material = match &self.identity_signing_secret_file {
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("reading {}", path.display()))?,
            None => internal.sent().reveal().to_owned(),
        };
        let material = material.trim();
        if material.len() < 16 {
            bail!("the signing secret is too short");
        }
        let root = SecretKey::new(Sha256::digest(material.as_bytes()).into());
        let signing = SigningKey::from_bytes(root.derive("amparo identity signing 1").expose());
        Ok(Secrets { signing, hiding: root.derive("amparo identity hiding 1") })
    }
}

//! argon2id on threads of its own, a bounded number at once, so that a storm of sign-ins does
//! not starve everything else.

use std::sync::Arc;

use anyhow::Context;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use kit_serve::Refusal;
use tokio::sync::Semaphore;

use crate::settings::Settings;

/// Hashes and compares passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    argon2: Arc<Argon2<'static>>,
    places: Arc<Semaphore>,
    /// Compared with when there is nothing to compare with, so that it takes as long.
    decoy: Arc<str>,
}

impl Passwords {
    pub fn try_new(settings: &Settings) -> anyhow::Result<Self> {
        let (memory, passes) = (settings.identity_hash_memory, settings.identity_hash_passes);
        let params = Params::new(memory, passes, 1, None)
            .map_err(|error| anyhow::anyhow!("password hashing: {error}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let at_once = match settings.identity_hash_at_once {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            some => some,
        };
        let decoy = hash(&argon2, b"nobody has this password").context("hashing a password")?;
        Ok(Self {
            argon2: Arc::new(argon2),
            places: Arc::new(Semaphore::new(at_once)),
            decoy: decoy.into(),
        })
    }

    /// A PHC string of a new password.
    pub async fn hash(&self, password: &str) -> Result<String, Refusal> {
        let password = password.as_bytes().to_vec();
        self.on_a_thread(move |argon2| hash(argon2, &password)).await?.map_err(Refusal::internal)
    }

    /// Whether this is the password of `hash`; without a hash it takes as long and says no.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, Refusal> {
        let known = hash.is_some();
        let (password, hash) =
            (password.as_bytes().to_vec(), hash.unwrap_or(&self.decoy).to_owned());
        let same = self
            .on_a_thread(move |argon2| argon2.verify_password(&password, hash.as_str()).is_ok());
        Ok(same.await? && known)
    }

    async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(Refusal::internal)?;
        let argon2 = Arc::clone(&self.argon2);
        tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&argon2)
        })
        .await
        .map_err(Refusal::internal)
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> anyhow::Result<String> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    let hash = argon2
        .hash_password_with_salt(password, &salt)
        .map_err(|error| anyhow::anyhow!("hashing: {error}"))?;
    Ok(hash.to_string())
}

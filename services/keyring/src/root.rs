//! The root key: wraps the keys of tenants and is never stored beside them.

use std::path::Path;

use anyhow::{Context, ensure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::future::BoxFuture;
use kit_seal::{SecretKey, StatementKey};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Where the root key is: here a secret of this process, elsewhere a cloud's key service,
/// which wraps and opens without ever handing the key out.
pub trait RootKey: Send + Sync + 'static {
    /// Names the key without telling anything of it; stored beside what it wrapped.
    fn name(&self) -> &str;

    /// What was wrapped for one tenant and purpose does not open for another.
    fn wrap<'a>(
        &'a self,
        tenant: Uuid,
        purpose: &'a str,
        key: &'a SecretKey,
    ) -> BoxFuture<'a, anyhow::Result<Vec<u8>>>;

    fn unwrap<'a>(
        &'a self,
        tenant: Uuid,
        purpose: &'a str,
        wrapped: &'a [u8],
    ) -> BoxFuture<'a, anyhow::Result<SecretKey>>;

    /// An Ed25519 signature under a statement about histories (see `kit_seal::is_signed`).
    fn sign<'a>(&'a self, statement: &'a [u8]) -> BoxFuture<'a, anyhow::Result<[u8; 64]>>;

    /// What such signatures are checked with.
    fn signing_key(&self) -> BoxFuture<'_, anyhow::Result<[u8; 32]>>;
}

/// A root key held by this process, from a file or the environment.
pub struct LocalRoot {
    name: String,
    key: SecretKey,
    signing: StatementKey,
}

impl LocalRoot {
    pub fn new(key: &SecretKey) -> Self {
        // A derived fingerprint: equal for equal keys, useless for opening.
        let print = kit_seal::blind(&key.derive("amparo root name"), b"name");
        Self {
            name: format!("local:{print:016x}"),
            key: key.derive("amparo root wrap"),
            signing: StatementKey::new(&key.derive("amparo root sign")),
        }
    }

    /// From 43 characters of base64url: 32 bytes.
    pub fn try_parse(text: &str) -> anyhow::Result<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(text.trim().trim_end_matches('='))
            .ok()
            .map(Zeroizing::new)
            .context("the root key is not base64url")?;
        let key = SecretKey::from_slice(&bytes).context("the root key must have 32 bytes")?;
        ensure!(key.expose().iter().any(|byte| *byte != 0), "the root key is all zeros");
        Ok(Self::new(&key))
    }

    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .map(Zeroizing::new)
            .with_context(|| format!("reading the root key from {}", path.display()))?;
        Self::try_parse(&text)
    }
}

impl RootKey for LocalRoot {
    fn name(&self) -> &str {
        &self.name
    }

    fn wrap<'a>(
        &'a self,
        tenant: Uuid,
        purpose: &'a str,
        key: &'a SecretKey,
    ) -> BoxFuture<'a, anyhow::Result<Vec<u8>>> {
        let wrapped =
            kit_seal::wrap(&self.key, &[b"root", tenant.as_bytes(), purpose.as_bytes()], key);
        Box::pin(async move { Ok(wrapped) })
    }

    fn unwrap<'a>(
        &'a self,
        tenant: Uuid,
        purpose: &'a str,
        wrapped: &'a [u8],
    ) -> BoxFuture<'a, anyhow::Result<SecretKey>> {
        Box::pin(async move {
            kit_seal::unwrap(&self.key, &[b"root", tenant.as_bytes(), purpose.as_bytes()], wrapped)
                .context("the root key given is not the one that wrapped this tenant's keys")
        })
    }

    fn sign<'a>(&'a self, statement: &'a [u8]) -> BoxFuture<'a, anyhow::Result<[u8; 64]>> {
        Box::pin(async move { Ok(self.signing.sign(statement)) })
    }

    fn signing_key(&self) -> BoxFuture<'_, anyhow::Result<[u8; 32]>> {
        Box::pin(async move { Ok(self.signing.public()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_key_is_32_bytes_and_not_nothing() {
        assert!(LocalRoot::try_parse(&BASE64_URL_SAFE_NO_PAD.encode([5; 32])).is_ok());
        assert!(
            LocalRoot::try_parse(&format!("{}\n", BASE64_URL_SAFE_NO_PAD.encode([5; 32]))).is_ok()
        );
        assert!(LocalRoot::try_parse(&BASE64_URL_SAFE_NO_PAD.encode([5; 31])).is_err());
        assert!(LocalRoot::try_parse(&BASE64_URL_SAFE_NO_PAD.encode([0; 32])).is_err());
        assert!(LocalRoot::try_parse("not a key!").is_err());
    }
}

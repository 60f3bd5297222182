//! A keyring for tests of other services: the real one, over a vault in memory.

use std::sync::Arc;

use keyring::{Keyring, LocalKeys, LocalRoot, MemoryVault};
use kit_seal::SecretKey;
use kit_serve::{Clock, Ids};
use kit_store::{KeyCache, Keys};
use uuid::Uuid;

/// Keys of this test alone. Clones share them.
#[derive(Clone)]
pub struct TestKeys {
    keys: LocalKeys,
}

impl TestKeys {
    pub fn new() -> Self {
        let root = LocalRoot::new(&SecretKey::random());
        let keyring = Keyring::new(Arc::new(root), Arc::new(MemoryVault::default()));
        Self { keys: LocalKeys::new(Arc::new(keyring), Ids::system(Clock::system())) }
    }

    /// The store's port.
    pub fn port(&self) -> Arc<dyn Keys> {
        Arc::new(self.keys.clone())
    }

    /// Destroys a key for good, with a note of what for.
    pub async fn destroy(
        &self,
        tenant: Uuid,
        id: Uuid,
        note: serde_json::Value,
    ) -> anyhow::Result<()> {
        let now = Clock::system().now();
        self.keys.keyring().destroy(tenant, id, Some(note), now).await?;
        Ok(())
    }

    /// The keys that were destroyed with a note.
    pub async fn destroyed(&self, tenant: Uuid) -> anyhow::Result<Vec<(Uuid, serde_json::Value)>> {
        Ok(self.keys.keyring().destroyed(tenant).await?)
    }

    /// A fresh cache over it, as a newly started process has.
    pub fn cache(&self) -> Arc<KeyCache> {
        Arc::new(KeyCache::new(self.port()))
    }
}

impl Default for TestKeys {
    fn default() -> Self {
        Self::new()
    }
}

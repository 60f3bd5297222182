//! A keyring for tests of other services: the real one, over a vault in memory.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use keyring::{Keyring, LocalKeys, LocalRoot, MemoryVault};
use kit_seal::SecretKey;
use kit_serve::{Clock, Ids};
use kit_store::{Destroyed, KeyCache, Keys, Listed, Shredder};
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

    /// A fresh cache over it, as a newly started process has.
    pub fn cache(&self) -> Arc<KeyCache> {
        Arc::new(KeyCache::new(self.port()))
    }
}

/// As the keyring destroys them, without a journal.
impl Shredder for TestKeys {
    fn destroy(
        &self,
        tenant: Uuid,
        key_id: Uuid,
        note: serde_json::Value,
    ) -> BoxFuture<'_, anyhow::Result<Option<Listed>>> {
        Box::pin(async move {
            let now = Clock::system().now();
            self.keys.keyring().destroy(tenant, key_id, Some(note), now).await?;
            Ok(None)
        })
    }

    fn destroyed(&self, tenant: Uuid) -> BoxFuture<'_, anyhow::Result<Vec<Destroyed>>> {
        Box::pin(async move {
            let keys = self.keys.keyring().destroyed(tenant).await?.into_iter();
            Ok(keys.map(|(key_id, note)| Destroyed { key_id, note }).collect())
        })
    }
}

impl Default for TestKeys {
    fn default() -> Self {
        Self::new()
    }
}

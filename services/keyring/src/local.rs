//! The store's port to a keyring in the same process: tests, and tools that have the root key.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use kit_seal::{DataKey, IndexKey};
use kit_serve::{Clock, Ids};
use kit_store::{KeyState, Keys};
use uuid::Uuid;

use crate::Keyring;

/// [`Keys`] without a network.
#[derive(Clone)]
pub struct LocalKeys {
    keyring: Arc<Keyring>,
    ids: Ids,
    clock: Clock,
}

impl LocalKeys {
    pub fn new(keyring: Arc<Keyring>, ids: Ids) -> Self {
        Self { keyring, ids, clock: Clock::system() }
    }

    /// The keyring behind it.
    pub fn keyring(&self) -> &Arc<Keyring> {
        &self.keyring
    }
}

impl Keys for LocalKeys {
    fn reserve(&self, tenant: Uuid, count: usize) -> BoxFuture<'_, anyhow::Result<Vec<DataKey>>> {
        let ids: Vec<_> = (0..count).map(|_| self.ids.v7()).collect();
        Box::pin(async move { Ok(self.keyring.reserve(tenant, &ids).await?) })
    }

    fn open(&self, tenant: Uuid, ids: Vec<Uuid>) -> BoxFuture<'_, anyhow::Result<Vec<KeyState>>> {
        Box::pin(async move { Ok(self.keyring.open(tenant, ids).await?) })
    }

    fn index(&self, tenant: Uuid, purpose: String) -> BoxFuture<'_, anyhow::Result<IndexKey>> {
        Box::pin(async move { Ok(self.keyring.index(tenant, &purpose).await?) })
    }

    fn sign(&self, statement: Vec<u8>) -> BoxFuture<'_, anyhow::Result<Vec<u8>>> {
        Box::pin(async move { Ok(self.keyring.sign(&statement).await?.to_vec()) })
    }

    fn signing_key(&self) -> BoxFuture<'_, anyhow::Result<[u8; 32]>> {
        Box::pin(async move { Ok(self.keyring.signing_key().await?) })
    }

    fn destroy(&self, tenant: Uuid, id: Uuid) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(async move {
            self.keyring.destroy(tenant, id, None, self.clock.now()).await?;
            Ok(())
        })
    }
}

//! kit-keys: the keyring service as the event store's `Keys` port.
//!
//! It asks and translates, and keeps nothing: `kit_store::KeyCache` does that.

use std::sync::Arc;

use anyhow::Context;
use futures_util::future::BoxFuture;
use kit_proto::keyring::v1::keyring_client::KeyringClient;
use kit_proto::keyring::v1::{
    DestroyKeyRequest, GetIndexKeyRequest, GetKeysRequest, Key, ReserveKeysRequest,
};
use kit_seal::{DataKey, IndexKey, SecretKey};
use kit_serve::{CallContext, Channel, Shared};
use kit_store::{KeyCache, KeyState, Keys};
use uuid::Uuid;

/// The keyring, reached over gRPC in the installation's name.
#[derive(Clone)]
pub struct RemoteKeys {
    shared: Shared,
}

impl RemoteKeys {
    pub fn new(shared: &Shared) -> Self {
        Self { shared: shared.clone() }
    }

    /// The port with its cache, as `StoreBuilder` wants it.
    pub fn cached(shared: &Shared) -> Arc<KeyCache> {
        Arc::new(KeyCache::new(Arc::new(Self::new(shared))))
    }

    fn call(&self, tenant: Uuid) -> (KeyringClient<Channel>, CallContext) {
        (self.shared.peers.keyring(), self.shared.internal_call(Some(tenant)))
    }
}

impl Keys for RemoteKeys {
    fn reserve(&self, tenant: Uuid, count: usize) -> BoxFuture<'_, anyhow::Result<Vec<DataKey>>> {
        Box::pin(async move {
            let (mut keyring, call) = self.call(tenant);
            let wanted = ReserveKeysRequest {
                tenant: tenant.to_string(),
                count: u32::try_from(count).context("too many keys")?,
            };
            let keys = keyring.reserve_keys(call.request(wanted)).await?.into_inner().keys;
            keys.iter().map(live).collect()
        })
    }

    fn open(&self, tenant: Uuid, ids: Vec<Uuid>) -> BoxFuture<'_, anyhow::Result<Vec<KeyState>>> {
        Box::pin(async move {
            let (mut keyring, call) = self.call(tenant);
            let wanted = GetKeysRequest {
                tenant: tenant.to_string(),
                key_ids: ids.iter().map(Uuid::to_string).collect(),
            };
            let keys = keyring.get_keys(call.request(wanted)).await?.into_inner().keys;
            keys.iter().map(state).collect()
        })
    }

    fn index(&self, tenant: Uuid, purpose: String) -> BoxFuture<'_, anyhow::Result<IndexKey>> {
        Box::pin(async move {
            let (mut keyring, call) = self.call(tenant);
            let wanted = GetIndexKeyRequest { tenant: tenant.to_string(), purpose };
            let key = keyring.get_index_key(call.request(wanted)).await?.into_inner();
            Ok(IndexKey(secret(&key.secret)?))
        })
    }

    fn destroy(&self, tenant: Uuid, id: Uuid) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(async move {
            let (mut keyring, call) = self.call(tenant);
            let wanted = DestroyKeyRequest { tenant: tenant.to_string(), key_id: id.to_string() };
            keyring.destroy_key(call.request(wanted)).await?;
            Ok(())
        })
    }
}

fn state(key: &Key) -> anyhow::Result<KeyState> {
    if key.destroyed {
        return Ok(KeyState::Destroyed(key_id(key)?));
    }
    live(key).map(KeyState::Live)
}

fn live(key: &Key) -> anyhow::Result<DataKey> {
    Ok(DataKey { id: key_id(key)?, secret: secret(&key.secret)? })
}

fn key_id(key: &Key) -> anyhow::Result<Uuid> {
    Uuid::parse_str(&key.key_id).context("the keyring answered an id that is none")
}

fn secret(bytes: &[u8]) -> anyhow::Result<SecretKey> {
    SecretKey::from_slice(bytes).context("the keyring answered a key of the wrong length")
}

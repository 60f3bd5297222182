//! The store's port to the keyring, over gRPC.

use std::sync::Arc;

use anyhow::Context;
use futures_util::future::BoxFuture;
use kit_proto::keyring::v1 as proto;
use kit_serve::Shared;
use kit_store::{DataKey, IndexKey, KeyCache, KeyState, Keys, SecretKey};
use uuid::Uuid;

/// As many keys as the keyring opens in one call.
const MOST: usize = 10_000;

/// The keyring service, asked in this service's own right.
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

    async fn reserve(&self, tenant: Uuid, count: usize) -> anyhow::Result<Vec<DataKey>> {
        let message = proto::ReserveKeysRequest {
            tenant: tenant.to_string(),
            count: u32::try_from(count.min(MOST))?,
        };
        let request = self.shared.internal_call(Some(tenant)).request(message);
        let reply = self.shared.peers.keyring().reserve_keys(request).await.map_err(said)?;
        let states = reply.into_inner().keys.iter().map(state).collect::<Result<Vec<_>, _>>()?;
        Ok(states.iter().filter_map(|state| state.live().cloned()).collect())
    }

    async fn open(&self, tenant: Uuid, ids: Vec<Uuid>) -> anyhow::Result<Vec<KeyState>> {
        let mut states = Vec::with_capacity(ids.len());
        for ids in ids.chunks(MOST) {
            let message = proto::GetKeysRequest {
                tenant: tenant.to_string(),
                key_ids: ids.iter().map(Uuid::to_string).collect(),
            };
            let request = self.shared.internal_call(Some(tenant)).request(message);
            let reply = self.shared.peers.keyring().get_keys(request).await.map_err(said)?;
            for key in &reply.into_inner().keys {
                states.push(state(key)?);
            }
        }
        Ok(states)
    }

    async fn index(&self, tenant: Uuid, purpose: String) -> anyhow::Result<IndexKey> {
        let message = proto::GetIndexKeyRequest { tenant: tenant.to_string(), purpose };
        let request = self.shared.internal_call(Some(tenant)).request(message);
        let reply = self.shared.peers.keyring().get_index_key(request).await.map_err(said)?;
        let secret = SecretKey::from_slice(&reply.into_inner().secret);
        Ok(IndexKey(secret.context("the keyring gave no index key")?))
    }

    async fn sign(&self, statement: Vec<u8>) -> anyhow::Result<Vec<u8>> {
        let message = proto::SignStatementRequest { statement: statement.into() };
        let request = self.shared.internal_call(None).request(message);
        let reply = self.shared.peers.keyring().sign_statement(request).await.map_err(said)?;
        Ok(reply.into_inner().signature.to_vec())
    }

    async fn signing_key(&self) -> anyhow::Result<[u8; 32]> {
        let request = self.shared.internal_call(None).request(proto::GetSigningKeyRequest {});
        let reply = self.shared.peers.keyring().get_signing_key(request).await.map_err(said)?;
        let public: &[u8] = &reply.into_inner().public_key;
        public.try_into().context("a signing key does not have 32 bytes")
    }

    async fn destroy(&self, tenant: Uuid, id: Uuid) -> anyhow::Result<()> {
        let message = proto::DestroyKeyRequest {
            tenant: tenant.to_string(),
            key_id: id.to_string(),
            ..Default::default()
        };
        let request = self.shared.internal_call(Some(tenant)).request(message);
        self.shared.peers.keyring().destroy_key(request).await.map_err(said)?;
        Ok(())
    }
}

impl Keys for RemoteKeys {
    fn reserve(&self, tenant: Uuid, count: usize) -> BoxFuture<'_, anyhow::Result<Vec<DataKey>>> {
        Box::pin(self.reserve(tenant, count))
    }

    fn open(&self, tenant: Uuid, ids: Vec<Uuid>) -> BoxFuture<'_, anyhow::Result<Vec<KeyState>>> {
        Box::pin(self.open(tenant, ids))
    }

    fn index(&self, tenant: Uuid, purpose: String) -> BoxFuture<'_, anyhow::Result<IndexKey>> {
        Box::pin(self.index(tenant, purpose))
    }

    fn sign(&self, statement: Vec<u8>) -> BoxFuture<'_, anyhow::Result<Vec<u8>>> {
        Box::pin(self.sign(statement))
    }

    fn signing_key(&self) -> BoxFuture<'_, anyhow::Result<[u8; 32]>> {
        Box::pin(self.signing_key())
    }

    fn destroy(&self, tenant: Uuid, id: Uuid) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(self.destroy(tenant, id))
    }
}

fn state(key: &proto::Key) -> anyhow::Result<KeyState> {
    let id = key.key_id.parse().context("a key id is not a UUID")?;
    if key.destroyed {
        return Ok(KeyState::Destroyed(id));
    }
    let secret = SecretKey::from_slice(&key.secret).context("a key does not have 32 bytes")?;
    Ok(KeyState::Live(DataKey { id, secret }))
}

/// Only the code: a message is for whoever asked, not for a log.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn said(status: tonic::Status) -> anyhow::Error {
    anyhow::anyhow!("the keyring said {:?}", status.code())
}

//! The keyring's contract: convert, ask the ring, reply. Only services may call.

use std::sync::Arc;

use kit_proto::keyring::v1 as proto;
use kit_proto::keyring::v1::keyring_server;
use kit_serve::{Access, Ids, Refusal};
use kit_store::{KeyState, StoreError};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{Keyring, KeyringError};

/// Every rpc is for services only: a person never holds a key.
pub const ACCESS: Access = Access::new("amparo.keyring.v1.Keyring").internal(&[
    "ReserveKeys",
    "GetKeys",
    "GetIndexKey",
    "RotateTenantKey",
    "DestroyKey",
]);

/// The keyring over gRPC.
pub struct Grpc {
    keyring: Arc<Keyring>,
    ids: Ids,
}

impl Grpc {
    pub fn new(keyring: Arc<Keyring>, ids: Ids) -> Self {
        Self { keyring, ids }
    }
}

#[tonic::async_trait]
impl keyring_server::Keyring for Grpc {
    async fn reserve_keys(
        &self,
        request: Request<proto::ReserveKeysRequest>,
    ) -> Result<Response<proto::Keys>, Status> {
        let proto::ReserveKeysRequest { tenant, count } = request.into_inner();
        let tenant = id("tenant", &tenant)?;
        if count as usize > crate::MOST {
            return Err(refused(KeyringError::TooMany));
        }
        let ids: Vec<_> = (0..count).map(|_| self.ids.v7()).collect();
        let keys = self.keyring.reserve(tenant, &ids).await.map_err(refused)?;
        let keys = keys.into_iter().map(|key| to_proto(KeyState::Live(key))).collect();
        Ok(Response::new(proto::Keys { keys }))
    }

    async fn get_keys(
        &self,
        request: Request<proto::GetKeysRequest>,
    ) -> Result<Response<proto::Keys>, Status> {
        let proto::GetKeysRequest { tenant, key_ids } = request.into_inner();
        let tenant = id("tenant", &tenant)?;
        let ids = key_ids.iter().map(|text| id("key_id", text)).collect::<Result<_, _>>()?;
        let keys = self.keyring.open(tenant, ids).await.map_err(refused)?;
        Ok(Response::new(proto::Keys { keys: keys.into_iter().map(to_proto).collect() }))
    }

    async fn get_index_key(
        &self,
        request: Request<proto::GetIndexKeyRequest>,
    ) -> Result<Response<proto::IndexKey>, Status> {
        let proto::GetIndexKeyRequest { tenant, purpose } = request.into_inner();
        let tenant = id("tenant", &tenant)?;
        let key = self.keyring.index(tenant, &purpose).await.map_err(refused)?;
        Ok(Response::new(proto::IndexKey { secret: key.0.expose().to_vec().into() }))
    }

    async fn rotate_tenant_key(
        &self,
        request: Request<proto::RotateTenantKeyRequest>,
    ) -> Result<Response<proto::RotateTenantKeyReply>, Status> {
        let tenant = id("tenant", &request.into_inner().tenant)?;
        let (generation, rewrapped) = self.keyring.rotate(tenant).await.map_err(refused)?;
        let generation = u32::try_from(generation).unwrap_or_default();
        Ok(Response::new(proto::RotateTenantKeyReply { generation, rewrapped }))
    }

    async fn destroy_key(
        &self,
        request: Request<proto::DestroyKeyRequest>,
    ) -> Result<Response<proto::DestroyKeyReply>, Status> {
        let proto::DestroyKeyRequest { tenant, key_id } = request.into_inner();
        let (tenant, key_id) = (id("tenant", &tenant)?, id("key_id", &key_id)?);
        self.keyring.destroy(tenant, key_id).await.map_err(refused)?;
        Ok(Response::new(proto::DestroyKeyReply {}))
    }
}

fn to_proto(state: KeyState) -> proto::Key {
    let key_id = state.id().to_string();
    match state {
        KeyState::Live(key) => {
            proto::Key { key_id, secret: key.secret.expose().to_vec().into(), destroyed: false }
        }
        KeyState::Destroyed(_) => proto::Key { key_id, secret: Vec::new().into(), destroyed: true },
    }
}

fn id(field: &str, text: &str) -> Result<Uuid, Status> {
    text.parse().map_err(|_| Status::invalid_argument(format!("{field} is not a UUID")))
}

fn refused(error: KeyringError) -> Status {
    match error {
        KeyringError::TooMany => Status::invalid_argument(error.to_string()),
        KeyringError::Unknown => Status::not_found(error.to_string()),
        KeyringError::Store(StoreError::Unavailable(_) | StoreError::Conflict)
        | KeyringError::Root(_) => {
            tracing::warn!(%error, "the keyring cannot answer");
            Refusal::unavailable().into()
        }
        KeyringError::Store(_) | KeyringError::Damaged => Refusal::internal(error).into(),
    }
}

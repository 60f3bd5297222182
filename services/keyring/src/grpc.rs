//! The keyring's contract: convert, ask the ring, reply. Only services may call.

use std::sync::Arc;

use kit_proto::keyring::v1 as proto;
use kit_proto::keyring::v1::keyring_server;
use kit_serve::{Access, Clock, Ids, Refusal};
use kit_store::{KeyState, StoreError};
use serde_json::Value;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{JournalEntry, Keyring, KeyringError};

/// Every rpc is for services only: a person never holds a key.
pub const ACCESS: Access = Access::new("amparo.keyring.v1.Keyring").internal(&[
    "ReserveKeys",
    "GetKeys",
    "GetIndexKey",
    "RotateTenantKey",
    "DestroyKey",
    "ListDestroyedKeys",
    "DestroyTenantKeys",
    "ListDestroyedTenants",
    "SignStatement",
    "GetSigningKey",
]);

/// The most bytes of a note.
const MOST_NOTE: usize = 16 << 10;

/// The keyring over gRPC.
pub struct Grpc {
    keyring: Arc<Keyring>,
    ids: Ids,
    clock: Clock,
}

impl Grpc {
    pub fn new(keyring: Arc<Keyring>, ids: Ids, clock: Clock) -> Self {
        Self { keyring, ids, clock }
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

    async fn sign_statement(
        &self,
        request: Request<proto::SignStatementRequest>,
    ) -> Result<Response<proto::SignStatementReply>, Status> {
        let statement = request.into_inner().statement;
        let signature = self.keyring.sign(&statement).await.map_err(refused)?;
        Ok(Response::new(proto::SignStatementReply { signature: signature.to_vec().into() }))
    }

    async fn get_signing_key(
        &self,
        _: Request<proto::GetSigningKeyRequest>,
    ) -> Result<Response<proto::SigningKey>, Status> {
        let public = self.keyring.signing_key().await.map_err(refused)?;
        Ok(Response::new(proto::SigningKey { public_key: public.to_vec().into() }))
    }

    async fn destroy_key(
        &self,
        request: Request<proto::DestroyKeyRequest>,
    ) -> Result<Response<proto::DestroyKeyReply>, Status> {
        let proto::DestroyKeyRequest { tenant, key_id, note } = request.into_inner();
        let (tenant, key_id) = (id("tenant", &tenant)?, id("key_id", &key_id)?);
        let (note, now) = (read_note(&note)?, self.clock.now());
        let listed = self.keyring.destroy(tenant, key_id, note, now).await.map_err(refused)?;
        Ok(Response::new(told(listed)))
    }

    async fn destroy_tenant_keys(
        &self,
        request: Request<proto::DestroyTenantKeysRequest>,
    ) -> Result<Response<proto::DestroyKeyReply>, Status> {
        let proto::DestroyTenantKeysRequest { tenant, note } = request.into_inner();
        let tenant = id("tenant", &tenant)?;
        let (note, now) = (read_note(&note)?.unwrap_or_default(), self.clock.now());
        let listed = self.keyring.end(tenant, note, now).await.map_err(refused)?;
        Ok(Response::new(told(listed)))
    }

    async fn list_destroyed_tenants(
        &self,
        _: Request<proto::ListDestroyedTenantsRequest>,
    ) -> Result<Response<proto::DestroyedTenants>, Status> {
        let tenants = self.keyring.ended().await.map_err(refused)?;
        let tenants = tenants.into_iter().map(|(tenant, note)| proto::DestroyedTenant {
            tenant: tenant.to_string(),
            note: note.to_string().into_bytes().into(),
        });
        Ok(Response::new(proto::DestroyedTenants { tenants: tenants.collect() }))
    }

    async fn list_destroyed_keys(
        &self,
        request: Request<proto::ListDestroyedKeysRequest>,
    ) -> Result<Response<proto::DestroyedKeys>, Status> {
        let tenant = id("tenant", &request.into_inner().tenant)?;
        let keys = self.keyring.destroyed(tenant).await.map_err(refused)?;
        let keys = keys.into_iter().map(|(key_id, note)| proto::DestroyedKey {
            key_id: key_id.to_string(),
            note: note.to_string().into_bytes().into(),
        });
        Ok(Response::new(proto::DestroyedKeys { keys: keys.collect() }))
    }
}

/// Where the journal lists it.
fn told(listed: Option<JournalEntry>) -> proto::DestroyKeyReply {
    let told = listed.map(|entry| proto::DestroyKeyReply {
        journal_number: entry.number,
        journal_hash: entry.hash_bytes().into(),
    });
    told.unwrap_or_default()
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

/// A JSON object, or nothing.
fn read_note(note: &[u8]) -> Result<Option<Value>, Status> {
    if note.is_empty() {
        return Ok(None);
    }
    match serde_json::from_slice(note) {
        Ok(note @ Value::Object(_)) if note.to_string().len() <= MOST_NOTE => Ok(Some(note)),
        _ => Err(Status::invalid_argument("note is not a small JSON object")),
    }
}

fn refused(error: KeyringError) -> Status {
    match error {
        KeyringError::TooMany => Status::invalid_argument(error.to_string()),
        KeyringError::Unknown => Status::not_found(error.to_string()),
        KeyringError::Ended => Status::failed_precondition(error.to_string()),
        KeyringError::Store(StoreError::Unavailable(_) | StoreError::Conflict)
        | KeyringError::Root(_) => {
            tracing::warn!(%error, "the keyring cannot answer");
            Refusal::unavailable().into()
        }
        KeyringError::Journal(error) => {
            tracing::error!(%error, "no key is destroyed while the journal cannot be written");
            Refusal::unavailable().into()
        }
        KeyringError::Store(_) | KeyringError::Damaged => Refusal::internal(error).into(),
    }
}

//! Where wrapped keys lie. What it holds opens nothing by itself.

use futures_util::future::BoxFuture;
use kit_store::StoreError;
use serde_json::Value;
use uuid::Uuid;

/// The generation of a tenant whose keys were all destroyed: it wraps no data key, and there is no
/// other.
pub const ENDED: i32 = 0;

/// A key-encryption key of a tenant, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantKeyRow {
    pub generation: i32,
    pub wrapped: Vec<u8>,
    /// Which root key wrapped it.
    pub root: String,
}

/// A data key, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataKeyRow {
    pub id: Uuid,
    pub generation: i32,
    /// None once destroyed.
    pub wrapped: Option<Vec<u8>>,
}

/// Storage of wrapped keys. Each call is durable before it answers.
pub trait Vault: Send + Sync + 'static {
    /// The key in use: the highest generation, or [`ENDED`] where there is that.
    fn newest(&self, tenant: Uuid) -> BoxFuture<'_, Result<Option<TenantKeyRow>, StoreError>>;

    fn generation(
        &self,
        tenant: Uuid,
        generation: i32,
    ) -> BoxFuture<'_, Result<Option<TenantKeyRow>, StoreError>>;

    /// Adds a generation, unless it exists already or the tenant has ended.
    fn add_generation(
        &self,
        tenant: Uuid,
        row: TenantKeyRow,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Forgets generations below this one that no data key needs.
    fn retire_below(&self, tenant: Uuid, generation: i32) -> BoxFuture<'_, Result<(), StoreError>>;

    fn index_secret(&self, tenant: Uuid) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>>;

    /// Keeps the first one given, unless the tenant has ended.
    fn add_index_secret(
        &self,
        tenant: Uuid,
        wrapped: Vec<u8>,
        root: String,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// [`StoreError::Conflict`] when the generation is gone by now.
    fn add_data_keys(
        &self,
        tenant: Uuid,
        rows: Vec<DataKeyRow>,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    fn data_keys(
        &self,
        tenant: Uuid,
        ids: Vec<Uuid>,
    ) -> BoxFuture<'_, Result<Vec<DataKeyRow>, StoreError>>;

    /// Some data keys of generations below this one.
    fn data_keys_below(
        &self,
        tenant: Uuid,
        generation: i32,
    ) -> BoxFuture<'_, Result<Vec<DataKeyRow>, StoreError>>;

    /// Replaces wrapped bytes; one that was destroyed meanwhile stays so.
    fn rewrap(&self, tenant: Uuid, rows: Vec<DataKeyRow>) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Whether there was such a key. A note that is there already stays.
    fn destroy(
        &self,
        tenant: Uuid,
        id: Uuid,
        note: Option<Value>,
    ) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// Keys that were destroyed with a note.
    fn destroyed(&self, tenant: Uuid) -> BoxFuture<'_, Result<Vec<(Uuid, Value)>, StoreError>>;

    /// Destroys every key of a tenant and leaves `last`, of generation [`ENDED`], in their place.
    /// [`StoreError::Conflict`] when one came in meanwhile: try again. Safe to repeat.
    fn end(
        &self,
        tenant: Uuid,
        last: TenantKeyRow,
        note: Value,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// The tenants that have ended, with what was noted.
    fn ended(&self) -> BoxFuture<'_, Result<Vec<(Uuid, Value)>, StoreError>>;
}

//! Owns the table of open conflicts of a record type: what the list over all records walks.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use kit_dossier::{Conflict, Dossier, Kind};
use kit_seal::DataKey;
use kit_store::{Change, Projection, StoreError, Tx};
use uuid::Uuid;

use crate::history::top_field;
use crate::tables::Tables;

const WRITE: &str = "INSERT INTO {conflict} (tenant, id, record, field, proposed_at, sealed) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant, id) DO UPDATE SET \
     field = excluded.field, proposed_at = excluded.proposed_at, sealed = excluded.sealed";
const SETTLE: &str = "DELETE FROM {conflict} WHERE tenant = $1 AND id = ANY($2)";
const REMOVE: &str = "DELETE FROM {conflict} WHERE tenant = $1 AND record = $2";

/// Writes the open conflicts of the records of one kind.
#[derive(Debug)]
pub struct ConflictRow<K>(PhantomData<K>);

impl<K> Default for ConflictRow<K> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// Where a sealed conflict belongs.
fn context<'a>(tables: &Tables, tenant: &'a Uuid, record: &'a Uuid) -> [&'a [u8]; 3] {
    [tables.conflict.as_bytes(), tenant.as_bytes(), record.as_bytes()]
}

/// The conflict in a row.
pub fn opened(
    tables: &Tables,
    (tenant, record): (Uuid, Uuid),
    key: &DataKey,
    sealed: &[u8],
) -> Result<Conflict, StoreError> {
    let damaged = || StoreError::Internal(anyhow::anyhow!("a conflict of {record} is damaged"));
    let json = key.open(&context(tables, &tenant, &record), sealed).map_err(|_| damaged())?;
    serde_json::from_slice(&json).map_err(|_| damaged())
}

impl<K: Kind> Projection<Dossier<K>> for ConflictRow<K> {
    const NAME: &'static str = Tables::of(K::RECORD_TYPE).conflict;

    async fn project(&self, tx: &Tx, changes: &[Change<Dossier<K>>]) -> Result<(), StoreError> {
        let tables = Tables::of(K::RECORD_TYPE);
        for change in changes {
            let (before, after) = (&change.before.conflicts, &change.after.conflicts);
            let settled = missing(before, after);
            if !settled.is_empty() {
                tx.execute(&tables.fill(SETTLE), &[&change.tenant, &settled]).await?;
            }
            let opened = after.iter().filter(|(id, one)| before.get(*id) != Some(*one));
            for (id, conflict) in opened {
                write(tx, tables, change, *id, conflict).await?;
            }
        }
        Ok(())
    }

    async fn erase(&self, tx: &Tx, tenant: Uuid, id: &str) -> Result<(), StoreError> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(()) };
        let sql = Tables::of(K::RECORD_TYPE).fill(REMOVE);
        tx.execute(&sql, &[&tenant, &id]).await.map(drop)
    }
}

/// What was open before and is so no more.
fn missing(before: &BTreeMap<Uuid, Conflict>, after: &BTreeMap<Uuid, Conflict>) -> Vec<Uuid> {
    before.keys().filter(|id| !after.contains_key(*id)).copied().collect()
}

async fn write<K: Kind>(
    tx: &Tx,
    tables: &Tables,
    change: &Change<Dossier<K>>,
    id: Uuid,
    conflict: &Conflict,
) -> Result<(), StoreError> {
    let no_key = || StoreError::Internal(anyhow::anyhow!("a record has no key"));
    let key = change.key.as_ref().ok_or_else(no_key)?;
    let (tenant, record) = (change.tenant, change.after.id);
    let sealed = key.seal(&context(tables, &tenant, &record), &serde_json::to_vec(conflict)?);
    let (field, at) = (top_field(&conflict.path), &conflict.proposed_by.at);
    let row: kit_store::Params<'_> = &[&tenant, &id, &record, &field, at, &sealed];
    tx.execute(&tables.fill(WRITE), row).await.map(drop)
}

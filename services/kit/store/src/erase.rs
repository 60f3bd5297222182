//! Erasing a record: its key is destroyed, its rows go, its sealed history stays verifiable.

use futures_util::future::BoxFuture;
use kit_decider::Stored;
use kit_seal::{Hash, IndexKey};
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::append::{self, CommandRow};
use crate::event_row::{BURIED, EventRow, record, to_u64};
use crate::{Meta, Store, StoreError, Tx, stream_name};

/// How often a burial is tried anew when others write to the same stream.
const ATTEMPTS: u32 = 8;

/// Table names, and how many rows of the record each has lost.
pub type Removed = Vec<(String, u64)>;

/// What is left of a record: its sealed history, closed by an event that tells of its end.
#[derive(Debug, Clone)]
pub struct Burial {
    pub stream: String,
    /// How many events the stream has, the last one included.
    pub events: u64,
    /// The hash of the last one, which covers all before it.
    pub head: Hash,
    /// The keys that sealed it.
    pub keys: Vec<Uuid>,
    /// What the last event holds: the note given, and under `removed` the rows by table.
    pub note: Value,
}

impl Store {
    /// Ends a record's stream with an event of type `erased`, and deletes its rows and snapshot,
    /// in one transaction: from then on nobody appends to it, whatever they have in memory, and
    /// whoever reads it gets [`StoreError::Erased`]. None when there is no such stream.
    ///
    /// Safe to repeat: it returns what it did the first time, though rows that have come back
    /// since (a backup was restored in part) are removed again. Destroys no key.
    pub async fn bury<A: Stored>(
        &self,
        meta: &Meta,
        id: impl std::fmt::Display + Send,
        note: &Value,
        remove: impl for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<Removed, StoreError>> + Send + Sync,
    ) -> Result<Option<Burial>, StoreError> {
        let id = id.to_string();
        let stream = stream_name::<A>(&id);
        for _ in 0..ATTEMPTS {
            // Read before the transaction that writes begins: see README.md.
            let Some(last) = self.last_event(meta.tenant, &stream).await? else { return Ok(None) };
            let chain = self.keys().index(meta.tenant, append::CHAIN).await?;
            let tx = self.inner.begin(meta.tenant).await?;
            let mut removed = remove(&tx).await?;
            let sql = "delete from snapshot where tenant = $1 and stream = $2";
            removed.push(("snapshot".into(), tx.execute(sql, &[&meta.tenant, &stream]).await?));
            for projection in self.inner.projections::<A>() {
                projection.erase(&tx, meta.tenant, &id).await?;
            }
            self.inner.forget(meta.tenant, &stream);
            if last.kind == BURIED {
                tx.commit().await?;
                return self.burial(meta.tenant, &last).await.map(Some);
            }
            match close(&tx, meta, &last, note, removed, &chain).await {
                Ok(end) => {
                    tx.commit().await?;
                    self.inner.forget(meta.tenant, &stream);
                    self.inner.woken.notify_one();
                    return self.burial(meta.tenant, &end).await.map(Some);
                }
                // Somebody appended meanwhile, or buried it in another process.
                Err(StoreError::Taken { .. } | StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Drops the state of a stream from memory: its record was erased elsewhere.
    pub fn forget_stream(&self, tenant: Uuid, stream: &str) {
        self.inner.forget(tenant, stream);
    }

    async fn last_event(&self, tenant: Uuid, stream: &str) -> Result<Option<EventRow>, StoreError> {
        let columns = crate::event_row::COLUMNS;
        let sql = format!(
            "select {columns} from event where tenant = $1 and stream = $2 \
             order by version desc limit 1"
        );
        let row = self.read(tenant).await?.query_opt(&sql, &[&tenant, &stream]).await?;
        row.as_ref().map(EventRow::read).transpose()
    }

    async fn burial(&self, tenant: Uuid, last: &EventRow) -> Result<Burial, StoreError> {
        let sql = "select key_id from event where tenant = $1 and stream = $2 \
             and key_id is not null group by key_id order by key_id";
        let rows = self.read(tenant).await?.query(sql, &[&tenant, &last.stream]).await?;
        let key = |row: &Row| row.try_get(0);
        Ok(Burial {
            stream: last.stream.clone(),
            events: to_u64(last.version),
            head: crate::load::hash_of(last)?,
            keys: rows.iter().map(key).collect::<Result<_, _>>()?,
            note: serde_json::from_slice(&last.payload)?,
        })
    }

    /// Destroys the record's key for good and deletes its rows here. Safe to repeat.
    /// Copies elsewhere (facts, other services, backups) cannot be read from then on.
    pub async fn erase<A: Stored>(
        &self,
        tenant: Uuid,
        id: impl std::fmt::Display + Send,
    ) -> Result<(), StoreError> {
        let id = id.to_string();
        let stream = stream_name::<A>(&id);
        let tx = self.begin(tenant).await?;
        let sql = "select key_id from event where tenant = $1 and stream = $2 \
             and key_id is not null group by key_id";
        let keys = tx.query(sql, &[&tenant, &stream]).await?;
        for row in &keys {
            self.keys().destroy(tenant, row.try_get(0)?).await?;
        }
        self.inner.forget(tenant, &stream);
        let sql = "delete from snapshot where tenant = $1 and stream = $2";
        tx.execute(sql, &[&tenant, &stream]).await?;
        for projection in self.inner.projections::<A>() {
            projection.erase(&tx, tenant, &id).await?;
        }
        tx.commit().await
    }
}

/// Appends the last event, readable without a key.
async fn close(
    tx: &Tx,
    meta: &Meta,
    last: &EventRow,
    note: &Value,
    removed: Removed,
    chain: &IndexKey,
) -> Result<EventRow, StoreError> {
    let version = to_u64(last.version) + 1;
    let mut payload = note.clone();
    payload["type"] = BURIED.into();
    payload["removed"] = removed.into_iter().collect();
    let recorded = record(meta, &last.stream, version, payload);
    let end = EventRow::end(recorded, &crate::load::hash_of(last)?)?;
    let command = CommandRow {
        id: meta.command_id,
        actor: meta.actor.clone(),
        name: "Bury".to_owned(),
        streams: vec![(last.stream.clone(), version, version)],
        recorded_at: meta.now,
    };
    append::log(tx, meta.tenant, &[command], std::slice::from_ref(&end), chain).await?;
    Ok(end)
}

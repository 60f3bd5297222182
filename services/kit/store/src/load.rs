//! From rows to state: snapshot, tail, fold.

use std::sync::Arc;

use kit_decider::{Recorded, fold};
use kit_seal::{DataKey, GENESIS, Hash};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::event_row::{COLUMNS, EventRow, to_i64, to_u64};
use crate::store::Inner;
use crate::{StoreError, Stored, Tx};

/// The state of a stream and how far its history goes.
#[derive(Debug)]
pub struct Loaded<A> {
    pub state: Arc<A>,
    /// 0 when nothing ever happened.
    pub version: u64,
    /// The record's own key, once it has one.
    pub key: Option<DataKey>,
    pub(crate) hash: Hash,
}

impl<A> Clone for Loaded<A> {
    fn clone(&self) -> Self {
        Self {
            state: Arc::clone(&self.state),
            version: self.version,
            key: self.key.clone(),
            hash: self.hash,
        }
    }
}

impl<A: Stored> Loaded<A> {
    pub(crate) fn nothing() -> Self {
        Self { state: Arc::default(), version: 0, key: None, hash: GENESIS }
    }

    pub fn exists(&self) -> bool {
        self.version > 0
    }
}

/// What is stored of a stream, not opened yet.
#[derive(Default)]
pub(crate) struct Found {
    pub snapshot: Option<Row>,
    pub tail: Vec<EventRow>,
}

impl Found {
    pub fn key_ids(&self) -> Vec<Uuid> {
        let snapshot = self.snapshot.iter().filter_map(|row| row.get(2));
        snapshot.chain(self.tail.iter().filter_map(|row| row.key_id)).collect()
    }
}

/// Reads what is stored after version `known`, in one pipelined trip.
pub(crate) async fn find<A: Stored>(
    tx: &Tx,
    tenant: Uuid,
    stream: &str,
    known: u64,
) -> Result<Found, StoreError> {
    let known = to_i64(known);
    // The tail is read first: a snapshot written in between then only overlaps it.
    let tail = format!(
        "select {COLUMNS} from event where tenant = $1 and stream = $2 and version > greatest($3, \
         (select version from snapshot where tenant = $1 and stream = $2 and schema = $4)) \
         order by version"
    );
    let snapshot = "select version, payload, key_id, hash from snapshot \
         where tenant = $1 and stream = $2 and version > $3 and schema = $4";
    let (tail, snapshot) = futures_util::future::try_join(
        tx.query(&tail, &[&tenant, &stream, &known, &A::STATE]),
        tx.query_opt(snapshot, &[&tenant, &stream, &known, &A::STATE]),
    )
    .await?;
    let tail = tail.iter().map(EventRow::read).collect::<Result<_, _>>()?;
    Ok(Found { snapshot, tail })
}

/// The whole history up to a version, as rows.
pub(crate) async fn find_until(
    tx: &Tx,
    tenant: Uuid,
    stream: &str,
    last: u64,
) -> Result<Vec<EventRow>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from event where tenant = $1 and stream = $2 and version <= $3 \
         order by version"
    );
    let rows = tx.query(&sql, &[&tenant, &stream, &to_i64(last)]).await?;
    rows.iter().map(EventRow::read).collect()
}

impl Inner {
    /// Folds what was found on top of what was known.
    pub(crate) async fn open_found<A: Stored>(
        &self,
        tenant: Uuid,
        stream: &str,
        known: Loaded<A>,
        found: Found,
    ) -> Result<Loaded<A>, StoreError> {
        let mut loaded = known;
        if let Some(row) = &found.snapshot {
            loaded = self.open_snapshot(tenant, stream, row).await?;
        } else if let Some(key) = &loaded.key {
            // Asked again so that a destroyed key is noticed within minutes.
            loaded.key = Some(self.keys.open_one(tenant, key.id).await?);
        }
        let tail: Vec<_> =
            found.tail.into_iter().filter(|row| to_u64(row.version) > loaded.version).collect();
        if tail.is_empty() {
            return Ok(loaded);
        }
        let events = self.open_rows::<A>(&tail, &mut loaded.key).await?;
        let mut state = Arc::unwrap_or_clone(loaded.state);
        for recorded in &events {
            if recorded.version != loaded.version + 1 {
                return Err(StoreError::internal(format!("{stream} has a gap in its history")));
            }
            loaded.version = recorded.version;
            kit_decider::Aggregate::evolve(&mut state, &recorded.event);
        }
        loaded.state = Arc::new(state);
        loaded.hash = hash_of(&tail[tail.len() - 1])?;
        Ok(loaded)
    }

    /// Opens events of one stream; learns the stream's key on the way.
    pub(crate) async fn open_rows<A: Stored>(
        &self,
        rows: &[EventRow],
        key: &mut Option<DataKey>,
    ) -> Result<Vec<Recorded<A::Event>>, StoreError> {
        let mut events = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(id) = row.key_id
                && key.as_ref().is_none_or(|key| key.id != id)
            {
                *key = Some(self.keys.open_one(row.tenant, id).await?);
            }
            events.push(row.open::<A>(key.as_ref())?);
        }
        Ok(events)
    }

    async fn open_snapshot<A: Stored>(
        &self,
        tenant: Uuid,
        stream: &str,
        row: &Row,
    ) -> Result<Loaded<A>, StoreError> {
        let version: i64 = row.try_get(0)?;
        let payload: Vec<u8> = row.try_get(1)?;
        let key = match row.try_get::<_, Option<Uuid>>(2)? {
            Some(id) => Some(self.keys.open_one(tenant, id).await?),
            None => None,
        };
        let hash: Vec<u8> = row.try_get(3)?;
        let json = match &key {
            Some(key) => key
                .open(&snapshot_context(&tenant, stream, &version.to_be_bytes()), &payload)
                .map_err(|_| StoreError::internal(format!("snapshot of {stream} is damaged")))?,
            None => payload,
        };
        let state = serde_json::from_slice(&json)
            .map_err(|_| StoreError::internal(format!("snapshot of {stream} does not decode")))?;
        let hash = hash.try_into().map_err(|_| StoreError::internal("a hash has 32 bytes"))?;
        Ok(Loaded { state: Arc::new(state), version: to_u64(version), key, hash })
    }

    /// The state after exactly `last` events, with the events.
    pub(crate) async fn open_until<A: Stored>(
        &self,
        tenant: Uuid,
        stream: &str,
        last: u64,
    ) -> Result<(Loaded<A>, Vec<Recorded<A::Event>>), StoreError> {
        let tx = self.read(tenant).await?;
        let rows = find_until(&tx, tenant, stream, last).await?;
        drop(tx);
        let mut loaded = Loaded::nothing();
        let events = self.open_rows::<A>(&rows, &mut loaded.key).await?;
        if let Some(row) = rows.last() {
            loaded.version = to_u64(row.version);
            loaded.hash = hash_of(row)?;
        }
        loaded.state = Arc::new(fold::<A>(events.iter().map(|recorded| &recorded.event)));
        Ok((loaded, events))
    }
}

pub(crate) fn snapshot_context<'a>(
    tenant: &'a Uuid,
    stream: &'a str,
    version: &'a [u8],
) -> [&'a [u8]; 4] {
    [b"snapshot", tenant.as_bytes(), stream.as_bytes(), version]
}

pub(crate) fn hash_of(row: &EventRow) -> Result<Hash, StoreError> {
    row.hash.as_slice().try_into().map_err(|_| StoreError::internal("a hash has 32 bytes"))
}

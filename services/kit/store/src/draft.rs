//! New events of streams, decided but not yet stored.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use kit_seal::{DataKey, Hash};

use crate::event_row::{EventRow, record, to_i64};
use crate::load::{Loaded, snapshot_context};
use crate::store::Inner;
use crate::{Change, Meta, StoreError, Stored, Tx};

/// A snapshot as it will lie in the table.
pub(crate) struct SnapshotRow {
    pub stream: String,
    pub version: i64,
    pub schema: i32,
    pub payload: Vec<u8>,
    pub key_id: Option<uuid::Uuid>,
    pub hash: Vec<u8>,
}

/// All drafts of one kind of aggregate within a unit of work.
pub(crate) struct Batch<A: Stored> {
    changes: Vec<Change<A>>,
    /// Streams that were looked at and not written.
    idle: Vec<Change<A>>,
    hashes: Vec<Hash>,
    at: HashMap<String, usize>,
    rows: Vec<EventRow>,
}

/// [`Batch`] of any aggregate.
pub(crate) trait AnyBatch: Send + Sync {
    /// Hands the new rows over; from here on only written streams count as changes.
    fn rows(&mut self) -> Vec<EventRow>;
    fn snapshots(&self) -> Result<Vec<SnapshotRow>, StoreError>;
    fn project<'a>(&'a self, inner: &'a Inner, tx: &'a Tx)
    -> BoxFuture<'a, Result<(), StoreError>>;
    fn remember(&self, inner: &Inner);
    fn as_any(&mut self) -> &mut dyn Any;
}

impl<A: Stored> Batch<A> {
    pub fn new() -> Self {
        Self {
            changes: Vec::new(),
            idle: Vec::new(),
            hashes: Vec::new(),
            at: HashMap::new(),
            rows: Vec::new(),
        }
    }

    /// The stream as this unit of work has left it.
    pub fn current(&self, stream: &str) -> Option<Loaded<A>> {
        let at = *self.at.get(stream)?;
        let change = &self.changes[at];
        Some(Loaded {
            state: Arc::clone(&change.after),
            version: change.version,
            key: change.key.clone(),
            hash: self.hashes[at],
        })
    }

    /// The one stream of a unit that has no other.
    pub fn only(&mut self) -> Option<Change<A>> {
        self.changes.pop().or_else(|| self.idle.pop())
    }

    /// Takes a loaded stream in, so that events can be added to it.
    pub fn open(&mut self, meta: &Meta, stream: String, loaded: Loaded<A>) {
        let id = stream[A::CATEGORY.len() + 1..].to_owned();
        self.at.insert(stream.clone(), self.changes.len());
        self.hashes.push(loaded.hash);
        self.changes.push(Change {
            tenant: meta.tenant,
            stream,
            id,
            recorded: Vec::new(),
            before: Arc::clone(&loaded.state),
            after: loaded.state,
            version: loaded.version,
            key: loaded.key,
        });
    }

    /// Adds what was decided, sealed and chained. The stream was opened before.
    pub fn add(
        &mut self,
        meta: &Meta,
        stream: &str,
        events: Vec<A::Event>,
        key: Option<DataKey>,
    ) -> Result<(), StoreError> {
        let at = self.at[stream];
        let change = &mut self.changes[at];
        if change.key.is_none() {
            change.key = key;
        }
        // `before` shares the state at first: this clones it once.
        let state = Arc::make_mut(&mut change.after);
        for event in events {
            change.version += 1;
            state.evolve(&event);
            let recorded = record(meta, stream, change.version, event);
            let (row, hash) =
                EventRow::write::<A>(&recorded, change.key.as_ref(), &self.hashes[at])?;
            self.hashes[at] = hash;
            self.rows.push(row);
            change.recorded.push(recorded);
        }
        Ok(())
    }
}

impl<A: Stored> AnyBatch for Batch<A> {
    fn rows(&mut self) -> Vec<EventRow> {
        let changes = std::mem::take(&mut self.changes);
        let hashes = std::mem::take(&mut self.hashes);
        for (change, hash) in changes.into_iter().zip(hashes) {
            if change.recorded.is_empty() {
                self.idle.push(change);
            } else {
                self.changes.push(change);
                self.hashes.push(hash);
            }
        }
        std::mem::take(&mut self.rows)
    }

    fn snapshots(&self) -> Result<Vec<SnapshotRow>, StoreError> {
        let mut rows = Vec::new();
        for (change, hash) in self.changes.iter().zip(&self.hashes) {
            let base = change.version - change.recorded.len() as u64;
            let every = A::SNAPSHOT_EVERY.max(1);
            if base / every < change.version / every {
                rows.push(snapshot(change, hash)?);
            }
        }
        Ok(rows)
    }

    fn project<'a>(
        &'a self,
        inner: &'a Inner,
        tx: &'a Tx,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            for projection in inner.projections::<A>() {
                if self.changes.is_empty() {
                    break;
                }
                projection.project(tx, &self.changes).await?;
            }
            Ok(())
        })
    }

    fn remember(&self, inner: &Inner) {
        for (change, hash) in self.changes.iter().zip(&self.hashes) {
            let loaded = Loaded {
                state: Arc::clone(&change.after),
                version: change.version,
                key: change.key.clone(),
                hash: *hash,
            };
            inner.remember(change.tenant, &change.stream, loaded);
        }
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

fn snapshot<A: Stored>(change: &Change<A>, hash: &Hash) -> Result<SnapshotRow, StoreError> {
    let version = to_i64(change.version);
    let json = serde_json::to_vec(&*change.after)?;
    let version_bytes = version.to_be_bytes();
    let payload = match &change.key {
        Some(key) => {
            key.seal(&snapshot_context(&change.tenant, &change.stream, &version_bytes), &json)
        }
        None => json,
    };
    Ok(SnapshotRow {
        stream: change.stream.clone(),
        version,
        schema: A::STATE,
        payload,
        key_id: change.key.as_ref().map(|key| key.id),
        hash: hash.to_vec(),
    })
}

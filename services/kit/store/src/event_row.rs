//! One row of the event table: from an event to sealed bytes, and back.

use std::borrow::Cow;

use jiff::Timestamp;
use kit_decider::Recorded;
use kit_seal::{ChainLink, DataKey, Hash};
use serde::Deserialize;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::{Meta, StoreError, Stored};

/// The columns that make up an event, in the order that [`EventRow::read`] expects.
pub(crate) const COLUMNS: &str = "tenant, stream, version, id, type, schema, payload, key_id, \
     actor, command_id, correlation, causation, trace, recorded_at, hash";

/// The type of the last event of a stream whose record was erased; no aggregate has it.
pub(crate) const BURIED: &str = "erased";

/// An event as it lies in the table.
#[derive(Debug, Clone)]
pub(crate) struct EventRow {
    pub tenant: Uuid,
    pub stream: String,
    pub version: i64,
    pub id: Uuid,
    pub kind: String,
    pub schema: i32,
    pub payload: Vec<u8>,
    pub key_id: Option<Uuid>,
    pub actor: String,
    pub command_id: Uuid,
    pub correlation: Uuid,
    pub causation: Option<Uuid>,
    pub trace: Option<String>,
    pub recorded_at: Timestamp,
    pub hash: Vec<u8>,
}

#[derive(Deserialize)]
struct Tagged<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
}

impl EventRow {
    /// Seals a recorded event and chains it to the one before it.
    pub fn write<A: Stored>(
        recorded: &Recorded<A::Event>,
        key: Option<&DataKey>,
        previous: &Hash,
    ) -> Result<(Self, Hash), StoreError> {
        let json = serde_json::to_vec(&recorded.event)?;
        let kind = serde_json::from_slice::<Tagged<'_>>(&json)?.kind.into_owned();
        let version = to_i64(recorded.version);
        let recorded_at = Timestamp::from_microsecond(recorded.at_unix_us)
            .map_err(|error| StoreError::Internal(error.into()))?;
        let mut row = Self {
            tenant: recorded.tenant,
            stream: recorded.stream.clone(),
            version,
            id: recorded.id,
            kind,
            schema: A::SCHEMA,
            payload: json,
            key_id: key.map(|key| key.id),
            actor: recorded.by.clone(),
            command_id: recorded.command_id,
            correlation: recorded.correlation,
            causation: recorded.causation,
            trace: recorded.trace.clone(),
            recorded_at,
            hash: Vec::new(),
        };
        if let Some(key) = key {
            row.payload = row.in_place(|context| key.seal(context, &row.payload));
        }
        let hash = row.link().hash(previous);
        row.hash = hash.to_vec();
        Ok((row, hash))
    }

    /// The event that closes a stream: unsealed, since its key is about to go.
    pub fn end(recorded: Recorded<serde_json::Value>, previous: &Hash) -> Result<Self, StoreError> {
        let recorded_at = Timestamp::from_microsecond(recorded.at_unix_us)
            .map_err(|error| StoreError::Internal(error.into()))?;
        let mut row = Self {
            tenant: recorded.tenant,
            version: to_i64(recorded.version),
            stream: recorded.stream,
            id: recorded.id,
            kind: BURIED.to_owned(),
            schema: 1,
            payload: serde_json::to_vec(&recorded.event)?,
            key_id: None,
            actor: recorded.by,
            command_id: recorded.command_id,
            correlation: recorded.correlation,
            causation: recorded.causation,
            trace: recorded.trace,
            recorded_at,
            hash: Vec::new(),
        };
        row.hash = row.link().hash(previous).to_vec();
        Ok(row)
    }

    /// The event in clear. `key` is needed when the row has a key id.
    pub fn open<A: Stored>(&self, key: Option<&DataKey>) -> Result<Recorded<A::Event>, StoreError> {
        if self.kind == BURIED {
            return Err(StoreError::Erased);
        }
        let json = self.payload_in_clear(key)?;
        // Serde's own message could quote the payload.
        let event = A::decode(&self.kind, self.schema, &json).map_err(|_| {
            self.damaged(&format!("({} v{}) does not decode", self.kind, self.schema))
        })?;
        Ok(self.recorded(event))
    }

    /// What the event holds, as it was stored.
    pub fn data(&self, key: Option<&DataKey>) -> Result<serde_json::Value, StoreError> {
        let json = self.payload_in_clear(key)?;
        serde_json::from_slice(&json).map_err(|_| self.damaged("is no JSON"))
    }

    fn payload_in_clear(&self, key: Option<&DataKey>) -> Result<Cow<'_, [u8]>, StoreError> {
        match (self.key_id, key) {
            (None, _) => Ok(Cow::Borrowed(&self.payload)),
            (Some(id), Some(key)) if id == key.id => self
                .in_place(|context| key.open(context, &self.payload))
                .map(Cow::Owned)
                .map_err(|error| self.damaged(&error.to_string())),
            _ => Err(self.damaged("needs another key")),
        }
    }

    fn damaged(&self, what: &str) -> StoreError {
        let (stream, version) = (&self.stream, self.version);
        StoreError::internal(format!("event {version} of {stream} {what}"))
    }

    pub fn link(&self) -> ChainLink<'_> {
        ChainLink {
            tenant: self.tenant,
            stream: &self.stream,
            version: self.version,
            event_id: self.id,
            kind: &self.kind,
            schema: self.schema,
            key_id: self.key_id,
            actor: &self.actor,
            command_id: self.command_id,
            correlation: self.correlation,
            causation: self.causation,
            trace: self.trace.as_deref(),
            recorded_at: self.recorded_at.as_microsecond(),
            payload: &self.payload,
        }
    }

    /// From a row that has [`COLUMNS`] first.
    pub fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: row.try_get(0)?,
            stream: row.try_get(1)?,
            version: row.try_get(2)?,
            id: row.try_get(3)?,
            kind: row.try_get(4)?,
            schema: row.try_get(5)?,
            payload: row.try_get(6)?,
            key_id: row.try_get(7)?,
            actor: row.try_get(8)?,
            command_id: row.try_get(9)?,
            correlation: row.try_get(10)?,
            causation: row.try_get(11)?,
            trace: row.try_get(12)?,
            recorded_at: row.try_get(13)?,
            hash: row.try_get(14)?,
        })
    }

    /// A sealed payload opens only where it was written: it is bound to this place.
    fn in_place<T>(&self, with: impl FnOnce(&[&[u8]]) -> T) -> T {
        with(&[
            b"event",
            self.tenant.as_bytes(),
            self.stream.as_bytes(),
            &self.version.to_be_bytes(),
            self.kind.as_bytes(),
        ])
    }

    fn recorded<E>(&self, event: E) -> Recorded<E> {
        Recorded {
            tenant: self.tenant,
            id: self.id,
            stream: self.stream.clone(),
            version: to_u64(self.version),
            at_unix_us: self.recorded_at.as_microsecond(),
            by: self.actor.clone(),
            command_id: self.command_id,
            correlation: self.correlation,
            causation: self.causation,
            trace: self.trace.clone(),
            event,
        }
    }
}

/// An event as it will be recorded under `meta`.
pub(crate) fn record<E>(meta: &Meta, stream: &str, version: u64, event: E) -> Recorded<E> {
    Recorded {
        tenant: meta.tenant,
        id: event_id(meta.now),
        stream: stream.to_owned(),
        version,
        at_unix_us: meta.now.as_microsecond(),
        by: meta.actor.clone(),
        command_id: meta.command_id,
        correlation: meta.correlation,
        causation: meta.causation,
        trace: meta.trace.clone(),
        event,
    }
}

/// A version 7 UUID of that moment.
fn event_id(now: Timestamp) -> Uuid {
    let mut chance = [0; 10];
    getrandom::fill(&mut chance).expect("the operating system gives randomness");
    let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid()
}

/// Versions start at 1 and stay far below the limit of either type.
pub(crate) fn to_i64(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

pub(crate) fn to_u64(version: i64) -> u64 {
    u64::try_from(version).unwrap_or_default()
}

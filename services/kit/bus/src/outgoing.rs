//! From an event of the log to the fact that others may know.

use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;
use kit_proto::facts::v1::Fact;
use kit_proto::facts::v1::fact::Kind;
use kit_store::{KeyState, LogEntry, Store, StoreError};
use prost::Message;
use uuid::Uuid;

use crate::Relay;
use crate::publish::{Outgoing, part_of};

/// The fact of an event, or nothing: it is private, its record was erased, or its tenant has ended.
///
/// `Internal` when the event makes no fact, now or however often it is tried.
pub(crate) async fn outgoing(
    relay: &Relay,
    entry: &LogEntry,
    partition: u16,
    keys: &HashMap<Uuid, KeyState>,
) -> Result<Option<Outgoing>, StoreError> {
    let category = entry.stream().split('-').next().unwrap_or_default();
    let Some(mapping) = relay.mappings.get(category) else { return Ok(None) };
    if relay.has_ended(entry.tenant()) {
        return Ok(None);
    }
    let key = match entry.key_id().and_then(|id| keys.get(&id)) {
        // There is nothing left to tell; that it was erased is a fact of its own.
        Some(KeyState::Destroyed(_)) => return Ok(None),
        state => state.and_then(KeyState::live),
    };
    let mapped = match mapping.map(&relay.store, entry, key).await {
        Err(StoreError::Erased) => None,
        other => other?,
    };
    let Some(mapped) = mapped else { return Ok(None) };
    let mut fact = Fact {
        event_id: entry.event_id().to_string(),
        tenant: entry.tenant().to_string(),
        stream: entry.stream().to_owned(),
        version: entry.version(),
        actor: mapped.actor,
        recorded_at: mapped.recorded_at,
        kind: Some(mapped.kind),
    };
    let largest = relay.bus.largest();
    slim(&mut fact, largest);
    if fact.encoded_len() > largest {
        return Err(StoreError::Internal(anyhow::anyhow!("too large for a message")));
    }
    let (here, part) = part_of(entry.trace(), entry.event_id(), category);
    Ok(Some(Outgoing {
        subject: relay.bus.subject(&relay.service, partition, &fact, &mapped.id),
        event_id: fact.event_id.clone(),
        at: Some(entry.at),
        late: false,
        trace: here,
        part,
        body: Bytes::from(fact.encode_to_vec()),
    }))
}

/// The keys of all entries, in one call per tenant.
pub(crate) async fn keys(
    store: &Store,
    entries: &[LogEntry],
) -> Result<HashMap<Uuid, KeyState>, StoreError> {
    let mut ids: HashMap<Uuid, BTreeSet<Uuid>> = HashMap::new();
    for entry in entries {
        if let Some(id) = entry.key_id() {
            ids.entry(entry.tenant()).or_default().insert(id);
        }
    }
    let mut keys = HashMap::new();
    for (tenant, ids) in ids {
        keys.extend(store.keys().open(tenant, ids).await?);
    }
    Ok(keys)
}

/// A record too large for a message goes without its document; whoever needs it asks its service.
fn slim(fact: &mut Fact, largest: usize) {
    if fact.encoded_len() <= largest {
        return;
    }
    let (sealed, key_id) = match &mut fact.kind {
        Some(Kind::CaseChanged(case)) => (&mut case.sealed, &mut case.key_id),
        Some(Kind::RecordChanged(record)) => (&mut record.sealed, &mut record.key_id),
        _ => return,
    };
    *sealed = Bytes::new();
    key_id.clear();
}

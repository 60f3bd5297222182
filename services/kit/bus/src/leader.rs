//! One relay while it leads: reads the log, publishes, moves its cursor.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kit_proto::facts::v1::Fact;
use kit_proto::facts::v1::fact::Kind;
use kit_store::{KeyState, LogEntry, LogPosition, StoreError};
use prost::Message;
use uuid::Uuid;

use crate::cursor::{Cursor, Written};
use crate::listen::Listener;
use crate::partition::{StreamState, Tail, stream_state, tail};
use crate::publish::{Fence, Outgoing, Refused, batches, publish};
use crate::subject::{PARTITIONS, partition_of};
use crate::{BusError, Relay};

/// Events per step.
const STEP: i64 = 500;
const ATTEMPTS: usize = 3;

/// Whether there was something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Published,
    Idle,
}

/// The relay that leads. Others are refused by JetStream's fence should they think so too.
pub struct Leader {
    relay: Arc<Relay>,
    listener: Listener,
    cursor: Cursor,
    stream: StreamState,
}

/// Facts ready to go, by partition.
type Outbox = Vec<Vec<Outgoing>>;

impl Leader {
    pub(crate) async fn start(relay: Arc<Relay>, listener: Listener) -> Result<Self, BusError> {
        let cursor = Cursor::read(&relay.store).await?;
        let stream = stream_state(&relay.bus, &relay.service).await?;
        let mut leader = Self { relay, listener, cursor, stream };
        leader.rewind_if_lost().await?;
        Ok(leader)
    }

    /// Publishes the next part of the log.
    pub async fn step(&mut self) -> Result<Progress, BusError> {
        if self.listener.client.is_closed() {
            // The lock went with the connection.
            return Err(BusError::TakenOver);
        }
        let relay = Arc::clone(&self.relay);
        let entries = relay.store.log(self.cursor.at, STEP).await?;
        if entries.is_empty() {
            return Ok(Progress::Idle);
        }
        let (outbox, upto) = self.map(&entries).await?;
        let count: usize = outbox.iter().map(Vec::len).sum();
        for (partition, messages) in outbox.iter().enumerate() {
            self.publish(partition, messages).await?;
        }
        let written = self.written(&outbox);
        self.cursor.advance(&relay.store, upto, &written).await?;
        relay.note(|status| {
            status.published = upto;
            status.facts += count as u64;
        });
        Ok(Progress::Published)
    }

    /// Waits for a wake-up, but not for longer than `most`.
    pub async fn wait(&self, most: Duration) {
        let _ = tokio::time::timeout(most, self.listener.heard.notified()).await;
    }

    /// Compares the stream with what was published, and goes back to what NATS has lost.
    pub async fn reconcile(&mut self) -> Result<(), BusError> {
        self.stream = stream_state(&self.relay.bus, &self.relay.service).await?;
        self.rewind_if_lost().await
    }

    async fn rewind_if_lost(&mut self) -> Result<(), BusError> {
        let Some(from) = self.cursor.lost(&self.stream) else { return Ok(()) };
        let service = &self.relay.service;
        tracing::warn!(%service, %from, "NATS lost facts; publishing them again");
        self.cursor.rewind(&self.relay.store, from, &self.stream).await
    }

    /// The facts of these events, up to the first event that cannot be mapped.
    async fn map(&self, entries: &[LogEntry]) -> Result<(Outbox, LogPosition), BusError> {
        let keys = self.keys(entries).await?;
        let mut upto = self.cursor.at;
        let mut outbox: Outbox = vec![Vec::new(); usize::from(PARTITIONS)];
        for entry in entries {
            let partition = partition_of(entry.tenant(), entry.stream());
            // Otherwise it was published before a crash, or by another relay.
            if entry.at > self.stream.tails[usize::from(partition)].at {
                match self.outgoing(entry, partition, &keys).await {
                    Ok(Some(message)) => outbox[usize::from(partition)].push(message),
                    Ok(None) => {}
                    // Those before it go first; then it is the first, and stops the relay.
                    Err(_) if upto > self.cursor.at => break,
                    Err(error) => {
                        let (event, stream) = (entry.event_id(), entry.stream());
                        tracing::error!(%event, stream, "an event that makes no fact");
                        return Err(error);
                    }
                }
            }
            upto = entry.at;
        }
        Ok((outbox, upto))
    }

    async fn outgoing(
        &self,
        entry: &LogEntry,
        partition: u16,
        keys: &HashMap<Uuid, KeyState>,
    ) -> Result<Option<Outgoing>, BusError> {
        let category = entry.stream().split('-').next().unwrap_or_default();
        let Some(mapping) = self.relay.mappings.get(category) else { return Ok(None) };
        let key = match entry.key_id().and_then(|id| keys.get(&id)) {
            // Erased: there is nothing left to tell.
            Some(KeyState::Destroyed(_)) => return Ok(None),
            state => state.and_then(KeyState::live),
        };
        let mapped = match mapping.map(&self.relay.store, entry, key).await {
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
        let relay = &self.relay;
        slim(&mut fact, relay.bus.largest());
        Ok(Some(Outgoing {
            subject: relay.bus.subject(&relay.service, partition, &fact, &mapped.id),
            event_id: fact.event_id.clone(),
            at: Some(entry.at),
            trace: entry.trace().map(str::to_owned),
            body: Bytes::from(fact.encode_to_vec()),
        }))
    }

    /// The keys of all entries, in one call per tenant.
    async fn keys(&self, entries: &[LogEntry]) -> Result<HashMap<Uuid, KeyState>, BusError> {
        let mut ids: HashMap<Uuid, BTreeSet<Uuid>> = HashMap::new();
        for entry in entries {
            if let Some(id) = entry.key_id() {
                ids.entry(entry.tenant()).or_default().insert(id);
            }
        }
        let mut keys = HashMap::new();
        for (tenant, ids) in ids {
            keys.extend(self.relay.store.keys().open(tenant, ids).await?);
        }
        Ok(keys)
    }

    async fn publish(&mut self, partition: usize, messages: &[Outgoing]) -> Result<(), BusError> {
        for batch in batches(messages) {
            self.publish_batch(partition, batch).await?;
        }
        Ok(())
    }

    /// Publishes what the partition does not hold yet, and nothing if another relay is ahead.
    async fn publish_batch(
        &mut self,
        partition: usize,
        batch: &[Outgoing],
    ) -> Result<(), BusError> {
        let number = u16::try_from(partition).unwrap_or(u16::MAX);
        let filter = self.relay.bus.partition_filter(&self.relay.service, number);
        for _ in 0..ATTEMPTS {
            let known = self.stream.tails[partition];
            let missing: Vec<_> =
                batch.iter().filter(|message| message.at > Some(known.at)).cloned().collect();
            let Some(last) = missing.last() else { return Ok(()) };
            let fence = Fence { filter: filter.clone(), sequence: known.sequence };
            match publish(&self.relay.bus.client, &missing, Some(&fence)).await {
                Ok(sequence) => {
                    let at = last.at.unwrap_or_default();
                    self.stream.tails[partition] = Tail { at, sequence };
                    return Ok(());
                }
                Err(Refused::Behind) => self.look_again(partition, &filter).await?,
                // Gone altogether: the next leader makes it and finds what is lost.
                Err(Refused::NoStream) => {
                    return Err(BusError::Nats(anyhow::anyhow!("the stream is gone")));
                }
                Err(Refused::Failed(error)) => return Err(BusError::Nats(error)),
            }
        }
        Err(BusError::TakenOver)
    }

    /// Reads what the partition ends with; it must not have lost what was published before.
    async fn look_again(&mut self, partition: usize, filter: &str) -> Result<(), BusError> {
        let before = self.stream.tails[partition];
        let stream = self.relay.bus.stream(&self.relay.service).await?;
        let now = tail(&stream, filter).await?;
        if now.at < before.at {
            return Err(BusError::Nats(anyhow::anyhow!("the stream lost its end")));
        }
        self.stream.tails[partition] = now;
        Ok(())
    }

    /// What was written to which partition, to be stored with the cursor.
    fn written(&self, outbox: &Outbox) -> Vec<Written> {
        let mut written = Vec::new();
        for (partition, messages) in outbox.iter().enumerate() {
            if !messages.is_empty() {
                written.push(Written {
                    partition: i16::try_from(partition).unwrap_or(i16::MAX),
                    tail: self.stream.tails[partition],
                    stream_created: self.stream.created,
                });
            }
        }
        written
    }

    /// Up to where the log was published.
    pub fn published(&self) -> LogPosition {
        self.cursor.at
    }
}

/// A record too large for a message goes without its document; whoever needs it asks its service.
fn slim(fact: &mut Fact, largest: usize) {
    if fact.encoded_len() > largest
        && let Some(Kind::CaseChanged(case)) = &mut fact.kind
    {
        case.sealed = Bytes::new();
        case.key_id.clear();
    }
}

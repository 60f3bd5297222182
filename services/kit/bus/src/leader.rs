//! One relay while it leads: reads the log, publishes, moves its cursor.

use std::sync::Arc;
use std::time::Duration;

use kit_store::{Behind, Log, LogEntry, LogPosition, StoreError};

use crate::cursor::{Cursor, Written};
use crate::listen::Listener;
use crate::outgoing;
use crate::parked::Parked;
use crate::partition::{StreamState, Tail, stream_state, tail};
use crate::publish::{FEW, Fence, Outgoing, Refused, batches, publish};
use crate::subject::{PARTITIONS, partition_of};
use crate::{BusError, Relay};

/// Events per step.
const STEP: i64 = 1_500;
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
    log: Log,
    parked: Parked,
    /// Whether the last step read as much as it may.
    more: bool,
}

/// Facts ready to go, by partition.
type Outbox = Vec<Vec<Outgoing>>;

impl Leader {
    pub(crate) async fn start(relay: Arc<Relay>, listener: Listener) -> Result<Self, BusError> {
        let cursor = Cursor::read(&relay.store).await?;
        let stream = stream_state(&relay.bus, &relay.service).await?;
        let log = Log::connect(relay.address()).map_err(StoreError::Internal)?;
        let parked = Parked::read(&relay.store, &log).await?.0;
        let mut leader = Self { relay, listener, cursor, stream, log, parked, more: false };
        leader.note_parked();
        leader.compare().await?;
        Ok(leader)
    }

    /// Publishes the next part of the log.
    pub async fn step(&mut self) -> Result<Progress, BusError> {
        if self.listener.client.is_closed() {
            // The lock went with the connection.
            return Err(BusError::TakenOver);
        }
        let relay = Arc::clone(&self.relay);
        let entries = self.log.read(self.cursor.at, STEP).await?;
        self.more = entries.len() == usize::try_from(STEP).unwrap_or_default();
        let Some(upto) = entries.last().map(|entry| entry.at) else { return Ok(Progress::Idle) };
        let outbox = self.map(&entries).await?;
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

    /// Whether the log held more than the last step took.
    pub(crate) const fn has_more(&self) -> bool {
        self.more
    }

    /// Waits for a wake-up, but not for longer than `most`.
    pub async fn wait(&self, most: Duration) {
        let _ = tokio::time::timeout(most, self.listener.heard.notified()).await;
    }

    /// Compares the stream with what was published, and goes back to what NATS has lost; tries
    /// again what was set aside.
    pub async fn reconcile(&mut self) -> Result<(), BusError> {
        self.stream = stream_state(&self.relay.bus, &self.relay.service).await?;
        self.compare().await?;
        if self.parked.is_empty() { Ok(()) } else { self.tell_parked().await }
    }

    /// How many events wait to be published, and for how long the oldest has.
    pub async fn behind(&self) -> Result<Behind, BusError> {
        Ok(self.log.behind(self.cursor.at).await?)
    }

    /// Holds the stream against the log: what it lost is published again. What it ends with must
    /// be of this history: new facts would lie before those of another one, and never be told.
    async fn compare(&mut self) -> Result<(), BusError> {
        for tail in self.stream.tails.iter().filter(|tail| tail.at != LogPosition::default()) {
            if !self.log.has(tail.at).await? {
                return Err(BusError::OtherHistory);
            }
        }
        self.rewind_if_lost().await
    }

    async fn rewind_if_lost(&mut self) -> Result<(), BusError> {
        let Some(from) = self.cursor.lost(&self.stream) else { return Ok(()) };
        let service = &self.relay.service;
        tracing::warn!(%service, %from, "NATS lost facts; publishing them again");
        Parked::wait_again(&self.relay.store, &self.log).await?;
        self.parked = Parked::read(&self.relay.store, &self.log).await?.0;
        self.cursor.rewind(&self.relay.store, from, &self.stream).await
    }

    /// The facts of these events. One that makes no fact is set aside with what follows it in
    /// its stream; all others go on.
    async fn map(&mut self, entries: &[LogEntry]) -> Result<Outbox, BusError> {
        let relay = Arc::clone(&self.relay);
        let keys = outgoing::keys(&relay.store, entries).await?;
        let mut outbox: Outbox = vec![Vec::new(); usize::from(PARTITIONS)];
        for entry in entries {
            let partition = partition_of(entry.tenant(), entry.stream());
            // Otherwise it was published before a crash, or by another relay.
            if entry.at <= self.stream.tails[usize::from(partition)].at {
                continue;
            }
            if self.parked.holds(entry) {
                self.park(entry, "waits for an earlier event of its stream").await?;
                continue;
            }
            match outgoing::outgoing(&relay, entry, partition, &keys).await {
                Ok(Some(message)) => outbox[usize::from(partition)].push(message),
                Ok(None) => {}
                Err(StoreError::Internal(error)) => {
                    let (event, stream) = (entry.event_id(), entry.stream());
                    let reason = kit_store::cause(&error);
                    tracing::error!(%event, stream, reason, "an event that makes no fact waits");
                    self.park(entry, &reason).await?;
                }
                // What it takes is away; it is tried again with all that follows.
                Err(error) => return Err(error.into()),
            }
        }
        Ok(outbox)
    }

    async fn park(&mut self, entry: &LogEntry, reason: &str) -> Result<(), BusError> {
        self.parked.park(&self.relay.store, entry, reason).await?;
        self.note_parked();
        Ok(())
    }

    fn note_parked(&self) {
        let parked = self.parked.first.clone();
        self.relay.note(|status| status.parked = parked);
    }

    /// Tells what was set aside, as far as it makes facts by now.
    async fn tell_parked(&mut self) -> Result<(), BusError> {
        let relay = Arc::clone(&self.relay);
        let (_, places) = Parked::read(&relay.store, &self.log).await?;
        for stream in places.chunk_by(|a, b| (a.tenant, &a.stream) == (b.tenant, &b.stream)) {
            for place in stream {
                let version = place.version;
                let entry = self.log.entry(place.tenant, &place.stream, version).await?;
                // What was removed from the log is for `verify` to find.
                let Some(entry) = entry else { break };
                let partition = partition_of(place.tenant, &place.stream);
                let keys = outgoing::keys(&relay.store, std::slice::from_ref(&entry)).await?;
                match outgoing::outgoing(&relay, &entry, partition, &keys).await {
                    Ok(Some(message)) => self.publish_late(partition, message).await?,
                    Ok(None) => {}
                    Err(StoreError::Internal(_)) => break,
                    Err(error) => return Err(error.into()),
                }
                Parked::told(&relay.store, place).await?;
            }
        }
        self.parked = Parked::read(&relay.store, &self.log).await?.0;
        self.note_parked();
        Ok(())
    }

    /// Stores a fact behind later ones: under the place of the last, so that whoever has applied
    /// that one takes this one too.
    async fn publish_late(&mut self, partition: u16, message: Outgoing) -> Result<(), BusError> {
        let filter = self.relay.bus.partition_filter(&self.relay.service, partition);
        let index = usize::from(partition);
        for _ in 0..ATTEMPTS {
            let Tail { at, sequence } = self.stream.tails[index];
            let late = [Outgoing { at: Some(at), late: true, ..message.clone() }];
            let fence = Fence { filter: filter.clone(), sequence };
            match publish(&self.relay.bus.client, &late, Some(&fence)).await {
                Ok(sequence) => {
                    self.stream.tails[index].sequence = sequence;
                    return Ok(());
                }
                Err(Refused::Behind) => self.look_again(index, &filter).await?,
                Err(Refused::NoStream) => {
                    return Err(BusError::Nats(anyhow::anyhow!("the stream is gone")));
                }
                Err(Refused::Failed(error)) => return Err(BusError::Nats(error)),
            }
        }
        Err(BusError::TakenOver)
    }

    /// Whatever was stored when this fails, the partition's tail says so.
    async fn publish(&mut self, partition: usize, messages: &[Outgoing]) -> Result<(), BusError> {
        let parts: Vec<&[Outgoing]> =
            if messages.len() < FEW { messages.chunks(1).collect() } else { batches(messages) };
        for batch in parts {
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

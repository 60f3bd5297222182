//! One partition of a consumer: pulls, applies, remembers how far it came.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures_util::{Stream, StreamExt};
use kit_proto::facts::v1::Fact;
use kit_store::{LogPosition, Store, StoreError};
use prost::Message as _;
use tokio::time::Instant;
use uuid::Uuid;

use crate::checkpoint::{Checkpoint, Place};
use crate::consume::{PartitionStatus, Statuses};
use crate::consumer::{AnyConsumer, Delivered};
use crate::partition::stream_facts;
use crate::publish::{EVENT, LATE, POSITION};
use crate::{Bus, BusError};

/// Facts applied in one transaction, at most.
const BATCH: usize = 500;
/// Facts that lie here and wait, of each partition: some kilobytes each.
const AHEAD: usize = 300;
/// A fact that failed this often alone is poison.
const POISON_AFTER: u32 = 3;
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// What arrives so soon after the last batch waits for what follows it: under load facts are
/// applied together, a lone one at once.
const REST: Duration = Duration::from_millis(150);

/// A message and where it lies.
struct Arrived {
    place: Place,
    /// Told after later ones: its place is that of the fact before it.
    late: bool,
    /// None when its bytes are no fact.
    fact: Option<Delivered>,
    event_id: Uuid,
}

pub(crate) struct Pull {
    store: Store,
    bus: Bus,
    consumer: Arc<dyn AnyConsumer>,
    checkpoint: Checkpoint,
    partition: u16,
    statuses: Statuses,
    place: Place,
}

impl Pull {
    pub fn new(
        store: &Store,
        bus: &Bus,
        consumer: &Arc<dyn AnyConsumer>,
        partition: u16,
        statuses: &Statuses,
    ) -> Self {
        let checkpoint = Checkpoint {
            source: consumer.source(),
            consumer: consumer.name(),
            partition: partition.cast_signed(),
        };
        Self {
            store: store.clone(),
            bus: bus.clone(),
            consumer: Arc::clone(consumer),
            checkpoint,
            partition,
            statuses: Arc::clone(statuses),
            place: Place::default(),
        }
    }

    /// Runs until it is dropped; starts again from the checkpoint after any failure.
    pub async fn run(mut self) {
        let mut pause = Duration::from_millis(100);
        loop {
            let begun = Instant::now();
            if let Err(error) = self.follow().await {
                let Checkpoint { source, consumer, partition } = self.checkpoint;
                tracing::warn!(source, consumer, partition, %error, "a consumer starts anew");
            }
            self.note(|status| status.active = false);
            if begun.elapsed() > LONGEST_PAUSE {
                pause = Duration::from_millis(100);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn follow(&mut self) -> Result<(), BusError> {
        self.place = self.checkpoint.read(&self.store).await?;
        let (at, stopped) = (self.place.at, self.checkpoint.stopped_by(&self.store).await?);
        self.note(|status| (status.at, status.poison) = (at, stopped));
        let stream = self.bus.stream(self.checkpoint.source).await?;
        let (created, last) = stream_facts(&stream).await?;
        let known = self.place.stream_created == created && self.place.sequence <= last;
        // In another stream than the one remembered, all is looked at and the known skipped.
        let from = if known { self.place.sequence } else { 0 };
        let config = pull::Config {
            filter_subject: self.bus.partition_filter(self.checkpoint.source, self.partition),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: from + 1 },
            ack_policy: AckPolicy::None,
            inactive_threshold: Duration::from_secs(30),
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(BusError::nats)?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(AHEAD)
            .heartbeat(Duration::from_secs(5))
            .expires(Duration::from_secs(20))
            .messages()
            .await
            .map_err(BusError::nats)?;
        self.note(|status| status.active = true);
        let (mut messages, mut rested) = (messages, Instant::now());
        let mut expected = 1;
        while let Some(batch) = together(&mut messages, rested).await {
            let mut arrived = Vec::with_capacity(batch.len());
            for message in batch {
                let message = message.map_err(BusError::nats)?;
                // A gap: something was sent and did not arrive.
                let info = message.info().map_err(|e| BusError::Nats(anyhow::anyhow!(e)))?;
                if info.consumer_sequence != expected {
                    return Err(BusError::Nats(anyhow::anyhow!("facts were lost on the way")));
                }
                expected += 1;
                let pending = info.pending;
                self.note(|status| status.lag = pending);
                arrived.push(arrive(&message, created, info.stream_sequence));
            }
            self.take(arrived).await?;
            rested = Instant::now() + REST;
        }
        Err(BusError::Nats(anyhow::anyhow!("the stream of facts ended")))
    }

    /// Applies what arrived: together if it can be, one by one if something fails.
    async fn take(&mut self, mut arrived: Vec<Arrived>) -> Result<(), BusError> {
        let known = self.place;
        arrived.retain(|it| {
            it.place.at > known.at
                || it.late
                    && it.place.at == known.at
                    && (it.place.sequence > known.sequence
                        || it.place.stream_created != known.stream_created)
        });
        if arrived.is_empty() {
            return Ok(());
        }
        match self.apply(&arrived).await {
            Ok(()) => return Ok(()),
            Err(BusError::TakenOver) => return Err(BusError::TakenOver),
            Err(_) => {}
        }
        for one in arrived.chunks(1) {
            self.insist(one).await?;
        }
        Ok(())
    }

    /// Applies one fact, however often it takes; stops here when it is poison.
    async fn insist(&mut self, one: &[Arrived]) -> Result<(), BusError> {
        let (mut failures, mut pause) = (0, Duration::from_millis(50));
        loop {
            let error = match self.apply(one).await {
                Ok(()) => return Ok(()),
                Err(BusError::Store(error)) => error,
                Err(error) => return Err(error),
            };
            if !matches!(error, StoreError::Unavailable(_) | StoreError::Conflict) {
                failures += 1;
            }
            if failures >= POISON_AFTER && self.poison(&one[0], &error, failures).await? {
                return self.leave_out(&one[0]).await;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn apply(&mut self, arrived: &[Arrived]) -> Result<(), BusError> {
        let Some(last) = arrived.last() else { return Ok(()) };
        let facts: Option<Vec<&Delivered>> = arrived.iter().map(|one| one.fact.as_ref()).collect();
        let not_one = || StoreError::Internal(anyhow::anyhow!("not a fact"));
        let facts = facts.ok_or_else(not_one)?;
        let _parts: Vec<_> = facts.iter().map(|fact| self.part_of(fact)).collect();
        for facts in facts.chunk_by(|a, b| a.tenant == b.tenant) {
            self.consumer.react(facts).await?;
        }
        let tx = self.store.begin_without_tenant().await?;
        for facts in facts.chunk_by(|a, b| a.tenant == b.tenant) {
            tx.set_tenant(facts[0].tenant);
            self.consumer.apply_all(&tx, facts).await?;
        }
        self.checkpoint.advance(&tx, self.place, last.place).await?;
        if self.is_poisoned() {
            self.checkpoint.cured(&tx).await?;
        }
        tx.commit().await?;
        self.moved(last.place, facts.len());
        self.consumer.applied(&facts);
        Ok(())
    }

    /// Applying a fact, as a part of the trace that led to it.
    fn part_of(&self, fact: &Delivered) -> tracing::Span {
        let Some(parent) = &fact.trace else { return tracing::Span::none() };
        if !tracing::enabled!(target: kit_trace::TARGET, tracing::Level::TRACE) {
            return tracing::Span::none();
        }
        let (title, kind) = (self.consumer.name(), "consumer");
        let here = kit_trace::child(parent, title, fact.event_id.as_u128());
        let tenant = tracing::field::display(fact.tenant);
        tracing::trace_span!(
            target: kit_trace::TARGET, "apply", here, parent, title, kind, tenant.id = tenant
        )
    }

    /// Reports the fact that stops this partition; says whether it shall be left out.
    async fn poison(
        &self,
        one: &Arrived,
        error: &StoreError,
        failures: u32,
    ) -> Result<bool, BusError> {
        let Checkpoint { source, consumer, partition } = self.checkpoint;
        let (event, reason) = (one.event_id, reason(error));
        tracing::error!(source, consumer, partition, %event, reason, "a poison fact");
        self.note(|status| status.poison = Some(event));
        let (store, at) = (&self.store, one.place.at);
        Ok(self.checkpoint.poisoned(store, event, at, &reason, failures).await?)
    }

    async fn leave_out(&mut self, one: &Arrived) -> Result<(), BusError> {
        let tx = self.store.begin_without_tenant().await?;
        self.checkpoint.advance(&tx, self.place, one.place).await?;
        self.checkpoint.cured(&tx).await?;
        tx.commit().await?;
        let Checkpoint { source, consumer, partition } = self.checkpoint;
        let event = one.event_id;
        tracing::warn!(source, consumer, partition, %event, "a poison fact was skipped");
        self.moved(one.place, 0);
        Ok(())
    }

    fn moved(&mut self, to: Place, applied: usize) {
        self.place = to;
        self.note(|status| {
            (status.at, status.poison) = (to.at, None);
            status.applied += applied as u64;
        });
    }

    fn is_poisoned(&self) -> bool {
        let statuses = self.statuses.lock().expect("not poisoned");
        statuses[usize::from(self.partition)].poison.is_some()
    }

    fn note(&self, change: impl FnOnce(&mut PartitionStatus)) {
        let mut statuses = self.statuses.lock().expect("not poisoned");
        change(&mut statuses[usize::from(self.partition)]);
    }
}

/// The next batch: all that is there, and what arrives until `rested`.
async fn together<M>(
    messages: &mut (impl Stream<Item = M> + Unpin),
    rested: Instant,
) -> Option<Vec<M>> {
    let mut batch = vec![messages.next().await?];
    while batch.len() < BATCH
        && let Ok(Some(message)) = tokio::time::timeout_at(rested, messages.next()).await
    {
        batch.push(message);
    }
    Some(batch)
}

fn arrive(message: &Message, stream_created: i64, sequence: u64) -> Arrived {
    let header = |name: &str| {
        let headers = message.headers.as_ref()?;
        Some(headers.get(name)?.as_str().to_owned())
    };
    // A source without a log: the stream itself is the log, and its creation the epoch.
    let own = LogPosition {
        transaction: u64::try_from(stream_created).unwrap_or_default(),
        position: i64::try_from(sequence).unwrap_or(i64::MAX),
    };
    let at = header(POSITION).and_then(|text| text.parse().ok()).unwrap_or(own);
    let event_id = header(EVENT)
        .or_else(|| header("Nats-Msg-Id"))
        .and_then(|id| id.parse().ok())
        .unwrap_or(Uuid::nil());
    let fact = Fact::decode(message.payload.clone()).ok().and_then(|fact| {
        let tenant = fact.tenant.parse().ok()?;
        Some(Delivered { tenant, event_id, at, trace: header("traceparent"), fact })
    });
    let late = header(LATE).is_some();
    Arrived { place: Place { at, sequence, stream_created }, late, fact, event_id }
}

/// Why, without a word of what the fact holds: messages of Postgres may quote values.
fn reason(error: &StoreError) -> String {
    match error {
        StoreError::Taken { constraint } => format!("taken: {constraint}"),
        StoreError::Internal(source) => source
            .downcast_ref::<tokio_postgres::Error>()
            .and_then(tokio_postgres::Error::code)
            .map_or_else(
                || "not applicable".to_owned(),
                |code| format!("sqlstate {}", code.code()),
            ),
        other => other.to_string(),
    }
}

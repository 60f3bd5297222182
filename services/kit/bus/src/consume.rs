//! Runs a consumer: one task per partition, each in its own order.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kit_store::{Address, LogPosition, Store, StoreError};
use uuid::Uuid;

use crate::checkpoint;
pub use crate::checkpoint::skip;
use crate::consumer::AnyConsumer;
use crate::listen::Listener;
use crate::pull::Pull;
use crate::subject::PARTITIONS;
use crate::{Bus, Consumer};

const STANDBY: Duration = Duration::from_secs(1);
/// How often the one that applies looks whether it was set back.
const LOOK_BACK: Duration = Duration::from_secs(3);

/// What is known of one partition, for health and metrics.
#[derive(Debug, Clone, Default)]
pub struct PartitionStatus {
    pub partition: u16,
    /// Whether this process applies it now.
    pub active: bool,
    /// Up to where it was applied.
    pub at: LogPosition,
    /// Facts that wait, as of the last one that arrived.
    pub lag: u64,
    /// The fact that stops it.
    pub poison: Option<Uuid>,
    pub applied: u64,
}

/// A consumer at work. Ends when dropped.
pub struct Consuming {
    source: &'static str,
    name: &'static str,
    statuses: Statuses,
    task: tokio::task::JoinHandle<()>,
}

pub(crate) type Statuses = Arc<Mutex<Vec<PartitionStatus>>>;

impl Consuming {
    /// Starts to apply facts. `address` leads to the store's database as its runtime role.
    pub fn start<C: Consumer>(store: &Store, bus: &Bus, address: &Address, consumer: C) -> Self {
        let consumer: Arc<dyn AnyConsumer> = Arc::new(consumer);
        let statuses: Statuses = Arc::new(Mutex::new(
            (0..PARTITIONS)
                .map(|partition| PartitionStatus { partition, ..Default::default() })
                .collect(),
        ));
        let (source, name) = (C::SOURCE, C::NAME);
        let task = tokio::spawn(supervise(
            store.clone(),
            bus.clone(),
            address.clone(),
            consumer,
            Arc::clone(&statuses),
        ));
        Self { source, name, statuses, task }
    }

    pub fn source(&self) -> &'static str {
        self.source
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn status(&self) -> Vec<PartitionStatus> {
        self.statuses.lock().expect("not poisoned").clone()
    }

    /// Stops at once; what was not committed is applied again next time.
    pub fn stop(&self) {
        self.task.abort();
    }

    /// Something that tells, whenever asked, whether no partition is stopped by a poison fact.
    pub fn well(&self) -> impl Fn() -> bool + Send + Sync + 'static {
        let statuses = Arc::clone(&self.statuses);
        move || statuses.lock().expect("not poisoned").iter().all(|it| it.poison.is_none())
    }
}

impl Drop for Consuming {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Holds the lock that makes this process the one that applies these facts.
async fn supervise(
    store: Store,
    bus: Bus,
    address: Address,
    consumer: Arc<dyn AnyConsumer>,
    statuses: Statuses,
) {
    let lock = format!("amparo consumer {} {}", consumer.source(), consumer.name());
    loop {
        match Listener::connect(&address).await {
            Ok(listener) => match listener.lock(&lock).await {
                Ok(()) => lead(&store, &bus, &consumer, &statuses, &listener).await,
                Err(error) => tracing::warn!(%error, "a consumer cannot take its lock"),
            },
            Err(error) => tracing::warn!(%error, "a consumer cannot reach Postgres"),
        }
        tokio::time::sleep(STANDBY).await;
    }
}

/// Applies all partitions until the connection that holds the lock is gone, or somebody has set
/// the consumer back to an earlier fact.
async fn lead(
    store: &Store,
    bus: &Bus,
    consumer: &Arc<dyn AnyConsumer>,
    statuses: &Statuses,
    listener: &Listener,
) {
    let mut tasks = tokio::task::JoinSet::new();
    for partition in 0..PARTITIONS {
        let pull = Pull::new(store, bus, consumer, partition, statuses);
        tasks.spawn(pull.run());
    }
    let mut looked = Instant::now();
    while !listener.client.is_closed() {
        let _ = tokio::time::timeout(STANDBY, listener.heard.notified()).await;
        if looked.elapsed() > LOOK_BACK {
            looked = Instant::now();
            if was_set_back(store, consumer, statuses).await.unwrap_or_default() {
                break;
            }
        }
    }
    tasks.shutdown().await;
    // Another process may apply them now, and says how that goes.
    for status in statuses.lock().expect("not poisoned").iter_mut() {
        status.active = false;
    }
}

/// Whether a checkpoint lies before what was applied.
async fn was_set_back(
    store: &Store,
    consumer: &Arc<dyn AnyConsumer>,
    statuses: &Statuses,
) -> Result<bool, StoreError> {
    let known: Vec<LogPosition> =
        statuses.lock().expect("not poisoned").iter().map(|one| one.at).collect();
    let places = checkpoint::places(store, consumer.source(), consumer.name()).await?;
    let is_before = |(partition, at): &(i16, LogPosition)| {
        usize::try_from(*partition).ok().and_then(|it| known.get(it)).is_some_and(|it| at < it)
    };
    Ok(places.iter().any(is_before))
}

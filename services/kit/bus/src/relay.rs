//! The relay: one active per service, carries the log to JetStream.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kit_store::{Address, Behind, CHANNEL, LogPosition, Store, StoreError, Stored};
use uuid::Uuid;

use crate::facts::{AnyFacts, Mapping};
use crate::leader::{Leader, Progress};
use crate::listen::Listener;
use crate::{Bus, BusError, Facts};

/// How often it looks by itself, should a wake-up be lost.
const POLL: Duration = Duration::from_millis(500);
/// Between steps that keep up: facts go out together rather than each by itself.
const REST: Duration = Duration::from_millis(40);
/// Before it starts anew after a failure.
const PAUSE: Duration = Duration::from_secs(1);
const LOCK: &str = "amparo relay";
/// How often the stream is compared with what was published.
const RECONCILE: Duration = Duration::from_secs(20);
/// How often it counts what waits.
const LOOK: Duration = Duration::from_secs(5);

/// What is known of a relay, for health and metrics.
#[derive(Debug, Clone, Default)]
pub struct RelayStatus {
    pub leading: bool,
    /// Up to where the log was published by this process.
    pub published: LogPosition,
    pub facts: u64,
    /// Failed steps in a row.
    pub failures: u32,
    /// Since the start.
    pub all_failures: u64,
    /// Events that make no fact: each holds up its stream, and no other.
    pub parked: Vec<Uuid>,
    /// What waits to be published, as of the last look.
    pub behind: Behind,
}

/// Puts a [`Relay`] together.
pub struct RelayBuilder {
    relay: Relay,
}

/// Publishes what a service's events mean to others.
pub struct Relay {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) service: String,
    pub(crate) mappings: HashMap<&'static str, Arc<dyn AnyFacts>>,
    /// Of the service's database, for a connection of the relay's own.
    address: Address,
    status: Arc<Mutex<RelayStatus>>,
    /// Tenants that have ended: nothing more is told of them.
    ended: Mutex<HashSet<Uuid>>,
}

impl RelayBuilder {
    /// `address` leads to the store's database as its runtime role.
    pub fn new(store: Store, bus: Bus, service: &str, address: Address) -> Self {
        let service = service.to_owned();
        let status = Arc::default();
        let mappings = HashMap::new();
        Self {
            relay: Relay {
                store,
                bus,
                service,
                mappings,
                address,
                status,
                ended: Mutex::default(),
            },
        }
    }

    /// Events of aggregates without a mapping stay private.
    #[must_use]
    pub fn facts<A: Stored>(mut self, facts: impl Facts<A>) -> Self {
        self.relay.mappings.insert(A::CATEGORY, Arc::new(Mapping::<A, _>::new(facts)));
        self
    }

    pub fn build(self) -> Arc<Relay> {
        Arc::new(self.relay)
    }
}

impl Relay {
    /// Runs until the future is dropped: leads when it may, waits when another does.
    pub async fn run(self: Arc<Self>) {
        loop {
            match self.wait_to_lead().await {
                Ok(mut leader) => {
                    let error = self.work(&mut leader).await;
                    tracing::warn!(service = %self.service, %error, "the relay starts anew");
                    self.note(|status| status.leading = false);
                }
                Err(error) => {
                    tracing::warn!(service = %self.service, %error, "the relay cannot start");
                    self.failed();
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Becomes the leader, if nobody is. Steps are taken by [`Leader::step`].
    pub async fn lead(self: &Arc<Self>) -> Result<Option<Leader>, BusError> {
        let listener = Listener::connect(&self.address).await.map_err(unavailable)?;
        if !listener.try_lock(LOCK).await.map_err(unavailable)? {
            return Ok(None);
        }
        self.start(listener).await.map(Some)
    }

    async fn wait_to_lead(self: &Arc<Self>) -> Result<Leader, BusError> {
        let listener = Listener::connect(&self.address).await.map_err(unavailable)?;
        listener.lock(LOCK).await.map_err(unavailable)?;
        self.start(listener).await
    }

    async fn start(self: &Arc<Self>, listener: Listener) -> Result<Leader, BusError> {
        let listen = format!("listen {CHANNEL}");
        listener.client.batch_execute(&listen).await.map_err(|error| unavailable(error.into()))?;
        Leader::start(Arc::clone(self), listener).await
    }

    /// The store whose log this is.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Where facts go.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Leads to the store's database as its runtime role.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Tells nothing more of a tenant that has ended, also when it goes back in the log.
    pub fn forget_tenant(&self, tenant: Uuid) {
        self.ended.lock().expect("not poisoned").insert(tenant);
    }

    pub(crate) fn has_ended(&self, tenant: Uuid) -> bool {
        self.ended.lock().expect("not poisoned").contains(&tenant)
    }

    pub fn status(&self) -> RelayStatus {
        self.status.lock().expect("not poisoned").clone()
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut RelayStatus)) {
        change(&mut self.status.lock().expect("not poisoned"));
    }

    fn failed(&self) {
        self.note(|status| {
            status.failures += 1;
            status.all_failures += 1;
        });
    }

    /// Steps until something fails.
    async fn work(&self, leader: &mut Leader) -> BusError {
        self.note(|status| status.leading = true);
        let mut reconciled = tokio::time::Instant::now();
        let mut looked = reconciled;
        loop {
            match leader.step().await {
                Ok(progress) => {
                    self.note(|status| status.failures = 0);
                    match progress {
                        Progress::Idle => leader.wait(POLL).await,
                        Progress::Published if leader.has_more() => {}
                        Progress::Published => tokio::time::sleep(REST).await,
                    }
                }
                Err(error) => {
                    self.failed();
                    return error;
                }
            }
            if looked.elapsed() >= LOOK {
                match leader.behind().await {
                    Ok(behind) => self.note(|status| status.behind = behind),
                    Err(error) => return error,
                }
                looked = tokio::time::Instant::now();
            }
            if reconciled.elapsed() >= RECONCILE {
                if let Err(error) = leader.reconcile().await {
                    return error;
                }
                reconciled = tokio::time::Instant::now();
            }
        }
    }
}

fn unavailable(error: anyhow::Error) -> BusError {
    BusError::Store(StoreError::Unavailable(error))
}

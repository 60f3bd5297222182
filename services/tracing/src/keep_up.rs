//! Work in the background: pools follow their rows, and what changed is matched.

use std::collections::HashMap;
use std::time::Duration;

use kit_bus::{Bus, Kind, Overheard};
use kit_cabinet::ServiceName as _;
use kit_proto::identity::v1::ListTenantsRequest;
use kit_serve::{Shared, Shutdown};
use kit_store::{StoreError, cause};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};
use uuid::Uuid;

use crate::Service;
use crate::matcher::Matcher;

/// How often a tenant is looked at while something happens there.
const TICK: Duration = Duration::from_millis(100);
/// How long after the last sign: who wakes may commit a little later, and another process may
/// apply a fact later than this one hears it.
const WATCHED: Duration = Duration::from_secs(3);
/// How often all tenants are looked at, whatever was heard.
const ROUND: Duration = Duration::from_secs(30);

/// Says that something changed.
#[derive(Debug, Clone)]
pub struct Waker(Option<mpsc::UnboundedSender<Uuid>>);

impl Waker {
    /// With the end that hears it.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Uuid>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(Some(sender)), receiver)
    }

    /// That nobody hears.
    pub const fn deaf() -> Self {
        Self(None)
    }

    /// Something changed, or is about to be committed, of this tenant.
    pub fn wake(&self, tenant: Uuid) {
        if let Some(sender) = &self.0 {
            // Nobody listens any more when the process is stopping.
            let _ = sender.send(tenant);
        }
    }
}

/// A tenant where something happens.
#[derive(Debug, Clone, Copy)]
struct Watch {
    until: Instant,
    /// This process wrote what changed, and matches it; another one would do the same work twice.
    matches: bool,
}

/// Until told to stop.
pub async fn keep_up(
    matcher: Matcher,
    mut woken: mpsc::UnboundedReceiver<Uuid>,
    shared: Shared,
    bus: Bus,
    shutdown: Shutdown,
) {
    // Of cases nothing is overheard: whoever applies their facts is woken, and where a question is
    // answered the pool follows first.
    let (overheard, mut heard) = mpsc::unbounded_channel();
    if let Ok(facts) = bus.overhear(Service::NAME).await {
        tokio::spawn(overhear(facts, overheard));
    }
    let mut watched: HashMap<Uuid, Watch> = HashMap::new();
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut next_round = Instant::now();
    loop {
        tokio::select! {
            Some(tenant) = woken.recv() => watch(&mut watched, tenant, true),
            Some(tenant) = heard.recv() => watch(&mut watched, tenant, false),
            _ = tick.tick() => {
                if Instant::now() >= next_round {
                    next_round = Instant::now() + ROUND;
                    for tenant in tenants(&shared).await {
                        watch(&mut watched, tenant, true);
                    }
                }
                follow(&matcher, &mut watched).await;
            }
            () = shutdown.wait() => return,
        }
    }
}

fn watch(watched: &mut HashMap<Uuid, Watch>, tenant: Uuid, matches: bool) {
    let until = Instant::now() + WATCHED;
    let watch = watched.entry(tenant).or_insert(Watch { until, matches });
    watch.until = until;
    watch.matches |= matches;
}

async fn follow(matcher: &Matcher, watched: &mut HashMap<Uuid, Watch>) {
    for (tenant, watch) in watched.iter() {
        if let Err(error) = follow_one(matcher, *tenant, watch.matches).await {
            tracing::warn!(%tenant, error = cause(&error.into()), "matching waits");
        }
    }
    let now = Instant::now();
    watched.retain(|_, watch| watch.until > now);
}

async fn follow_one(matcher: &Matcher, tenant: Uuid, and_match: bool) -> Result<(), StoreError> {
    matcher.pools.of(tenant).await?;
    if and_match { matcher.match_pending(tenant).await } else { Ok(()) }
}

async fn overhear(mut facts: Overheard, heard: mpsc::UnboundedSender<Uuid>) {
    while let Some(fact) = facts.next().await {
        let concerns = matches!(fact.kind, Some(Kind::RecordChanged(_) | Kind::RecordErased(_)));
        if let (true, Ok(tenant)) = (concerns, fact.tenant.parse())
            && heard.send(tenant).is_err()
        {
            return;
        }
    }
}

/// The open tenants; none while identity is away, and then they are asked for in the next round.
async fn tenants(shared: &Shared) -> Vec<Uuid> {
    let request = shared.internal_call(None).request(ListTenantsRequest {});
    match shared.peers.identity().list_tenants(request).await {
        Ok(reply) => {
            let tenants = reply.into_inner().tenants;
            let open = tenants.iter().filter(|tenant| tenant.status == "open");
            open.filter_map(|tenant| tenant.id.parse().ok()).collect()
        }
        Err(status) => {
            tracing::debug!(code = ?status.code(), "tenants are not known yet");
            Vec::new()
        }
    }
}

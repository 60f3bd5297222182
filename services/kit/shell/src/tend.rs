//! What every service with a history does beside its work: rows of another version are made
//! anew, keys that were destroyed elsewhere are forgotten.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kit_bus::{Bus, Kind, Overheard, RECORD_ERASED, Relay, TENANT_CHANGED};
use kit_proto::keyring::v1::ListDestroyedTenantsRequest;
use kit_serve::{Shared, Shutdown};
use kit_store::{Log, LogPosition, Store, StoreError};
use uuid::Uuid;

use crate::owner_config;

const PAUSE: Duration = Duration::from_secs(5);
/// How often the keyring is asked which tenants have ended.
const NOW_AND_THEN: Duration = Duration::from_hours(1);
/// Facts that were under way when a tenant ended, or are told again at the start, have come by then.
const AFTER: [Duration; 4] = [
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_mins(1),
    Duration::from_mins(5),
];

/// Makes the rows anew that another `VERSION` of their projection has made, beside the running
/// ones. It takes the owner's address; without it, whoever watches is told what to do.
pub(crate) async fn bring_up_to_date(shared: Shared, relay: Arc<Relay>, shutdown: Shutdown) {
    loop {
        match tended(&shared, &relay).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => {
                let service = shared.service;
                tracing::warn!(%service, %error, "read models are not brought up to date");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = shutdown.wait() => return,
        }
    }
}

/// Whether there is nothing left to do.
async fn tended(shared: &Shared, relay: &Relay) -> Result<bool, StoreError> {
    let store = relay.store();
    let outdated = store.outdated().await?;
    if outdated.is_empty() {
        return Ok(true);
    }
    let log = Log::connect(relay.address()).map_err(StoreError::Internal)?;
    if log.head().await? == LogPosition::default() {
        store.note_versions().await?;
        return Ok(true);
    }
    let Ok(owner) = owner_config(shared) else {
        let service = shared.service;
        tracing::warn!(%service, "read models are of another version: run `amparo rebuild`");
        shared.health.remark(move || Some(format!("run `amparo rebuild {service}`")));
        return Ok(true);
    };
    let begun = Instant::now();
    match store.rebuild(&owner, &outdated).await {
        Ok(rebuilt) => {
            for projection in rebuilt.projections {
                let service = shared.service.name();
                metrics::counter!("amparo_projection_rebuilds_total", "service" => service,
                    "projection" => projection)
                .increment(1);
            }
            tracing::info!(?outdated, took = ?begun.elapsed(), "read models were made anew");
            Ok(true)
        }
        // Another process is at it.
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Every process hears by itself which keys were destroyed; what it would miss while NATS is
/// away, the keyring tells within minutes.
pub(crate) async fn forget_destroyed(store: Store, bus: Bus, shutdown: Shutdown) {
    let Ok(mut heard) = bus.overhear_only("cases", &[RECORD_ERASED]).await else { return };
    loop {
        let fact = tokio::select! {
            fact = heard.next() => fact,
            () = shutdown.wait() => None,
        };
        let Some(fact) = fact else { return };
        if let (Some(Kind::RecordErased(erased)), Ok(tenant)) = (&fact.kind, fact.tenant.parse()) {
            let keys = erased.key_ids.iter().filter_map(|id| id.parse::<Uuid>().ok());
            store.keys().forget(tenant, keys);
            erased.streams.iter().for_each(|stream| store.forget_stream(tenant, stream));
        }
    }
}

/// What a service has of tenants.
pub struct Belongings {
    pub store: Store,
    pub bus: Bus,
    /// Whose facts it takes out of NATS.
    pub sources: Vec<String>,
    /// What would tell them again.
    pub relay: Option<Arc<Relay>>,
}

/// Deletes the rows and the facts of tenants that have ended: at the start, for a backup may have
/// been restored, when it happens, and now and then. Every process drops what it has in memory of
/// them.
pub async fn forget_ended(shared: Shared, belongings: Belongings, shutdown: Shutdown) {
    let mut heard = belongings.bus.overhear_only("identity", &[TENANT_CHANGED]).await.ok();
    let mut looks = 0;
    loop {
        let pause = match forget_all(&shared, &belongings).await {
            Ok(()) => AFTER.get(looks).copied().unwrap_or(NOW_AND_THEN),
            Err(error) => {
                let service = shared.service;
                tracing::warn!(%service, %error, "tenants that have ended are forgotten later");
                PAUSE
            }
        };
        looks += 1;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = ended(&mut heard) => looks = 0,
            () = shutdown.wait() => return,
        }
    }
}

/// Returns when a tenant has ended.
async fn ended(heard: &mut Option<Overheard>) {
    while let Some(overheard) = heard {
        match overheard.next().await.and_then(|fact| fact.kind) {
            Some(Kind::TenantChanged(changed)) if changed.status == "destroyed" => return,
            Some(_) => {}
            None => *heard = None,
        }
    }
    std::future::pending::<()>().await;
}

async fn forget_all(shared: &Shared, belongings: &Belongings) -> anyhow::Result<()> {
    let request = shared.internal_call(None).request(ListDestroyedTenantsRequest {});
    let reply = shared.peers.keyring().list_destroyed_tenants(request).await;
    let reply = reply.map_err(|status| anyhow::anyhow!("the keyring said {:?}", status.code()))?;
    for tenant in reply.into_inner().tenants {
        let tenant: Uuid = tenant.tenant.parse()?;
        let removed = belongings.store.forget_tenant(tenant).await?;
        if !removed.is_empty() {
            tracing::info!(tenant.id = %tenant, ?removed, "rows of a tenant that has ended go");
        }
        belongings.purge(tenant).await?;
    }
    Ok(())
}

impl Belongings {
    /// The relay first: it finds its stream shorter than it was, and goes back in the log.
    async fn purge(&self, tenant: Uuid) -> anyhow::Result<()> {
        if let Some(relay) = &self.relay {
            relay.forget_tenant(tenant);
        }
        for source in &self.sources {
            let purged = self.bus.purge_tenant(source, tenant).await?;
            if purged > 0 {
                tracing::info!(tenant.id = %tenant, source, purged, "facts of a tenant that has ended go");
            }
        }
        Ok(())
    }
}

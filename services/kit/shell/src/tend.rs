//! What every service with a history does beside its work: rows of another version are made
//! anew, keys that were destroyed elsewhere are forgotten.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kit_bus::{Bus, Kind, RECORD_ERASED, Relay};
use kit_serve::{Shared, Shutdown};
use kit_store::{Log, LogPosition, Store, StoreError};
use uuid::Uuid;

use crate::owner_config;

const PAUSE: Duration = Duration::from_secs(5);

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
    let log = Log::connect(relay.config()).map_err(StoreError::Internal)?;
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

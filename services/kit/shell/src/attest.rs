//! Has a service's history attested, and keeps the statements where its database is not.

use std::sync::Arc;
use std::time::Duration;

use kit_bus::{Bus, BusError, Kept, Relay};
use kit_serve::{Shared, Shutdown};
use kit_store::{Attestation, Log, Store};
use uuid::Uuid;

/// Between two statements: what is cut off the end of a history within this time may be missed.
const EVERY: Duration = Duration::from_mins(3);
/// After the start, when there may be something left of the time before.
const FIRST: Duration = Duration::from_secs(20);

/// Statements that are read at a time.
const AT_ONCE: i64 = 10;

/// Attests every few minutes, and once more when the service is told to stop.
pub(crate) async fn keep_attesting(shared: Shared, relay: Arc<Relay>, shutdown: Shutdown) {
    let log = match Log::connect(relay.address()) {
        Ok(log) => log,
        Err(error) => return tracing::error!(%error, "histories cannot be attested"),
    };
    let mut pause = FIRST;
    loop {
        let stopping = tokio::select! {
            () = tokio::time::sleep(pause) => false,
            () = shutdown.wait() => true,
        };
        if let Err(error) = attest(&shared, &relay, &log).await {
            tracing::warn!(service = %shared.service, %error, "the history was not attested");
        }
        if stopping {
            return;
        }
        pause = EVERY;
    }
}

async fn attest(shared: &Shared, relay: &Relay, log: &Log) -> Result<(), BusError> {
    let (service, store, bus) = (shared.service.name(), relay.store(), relay.bus());
    let made = store.attest(service, log, shared.clock.now()).await?;
    for attestation in &made {
        // What is missing elsewhere, after NATS was away or lost its disk, goes before.
        let last = bus.last_kept(service, attestation.tenant).await?;
        keep_from(store, bus, service, attestation.tenant, last).await?;
    }
    Ok(())
}

async fn keep_from(
    store: &Store,
    bus: &Bus,
    service: &str,
    tenant: Uuid,
    mut last: i64,
) -> Result<(), BusError> {
    loop {
        let some = store.attestations(tenant, last, AT_ONCE).await?;
        for attestation in &some {
            let (number, bytes) = (attestation.number, attestation.to_bytes().into());
            bus.keep(service, &Kept { tenant, number, bytes }).await?;
            last = number;
        }
        if some.is_empty() {
            return Ok(());
        }
    }
}

/// What was kept of a service's statements about a tenant.
pub async fn kept(bus: &Bus, service: &str, tenant: Uuid) -> Result<Vec<Attestation>, BusError> {
    let kept = bus.kept(service, Some(tenant)).await?;
    let read = |one: &Kept| Attestation::from_bytes(one.tenant, one.number, &one.bytes);
    Ok(kept.iter().map(read).collect())
}

//! Listens to facts so that caches are dropped at once; a missed one costs seconds, not truth.

use std::sync::Arc;
use std::time::Duration;

use kit_bus::{Bus, Fact, Kind};
use kit_serve::Shutdown;
use uuid::Uuid;

use crate::gateway::Gateway;

const PAUSE: Duration = Duration::from_secs(1);

/// Follows the facts of one service until told to stop.
pub async fn follow(gateway: Arc<Gateway>, bus: Bus, service: &'static str, shutdown: Shutdown) {
    let following = async {
        loop {
            match bus.overhear(service).await {
                Ok(mut overheard) => {
                    // Facts may have been missed while nobody listened.
                    gateway.people.forget();
                    gateway.tenants.forget();
                    while let Some(fact) = overheard.next().await {
                        learn(&gateway, &fact);
                    }
                }
                Err(error) => tracing::warn!(%error, service, "facts can't be followed"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! {
        () = following => {}
        () = shutdown.wait() => {}
    }
}

/// Drops what a fact makes stale.
pub fn learn(gateway: &Gateway, fact: &Fact) {
    let Ok(tenant) = fact.tenant.parse::<Uuid>() else { return };
    match &fact.kind {
        Some(Kind::UserChanged(_) | Kind::PeopleChanged(_)) => gateway.people.changed(tenant),
        Some(Kind::TenantChanged(_)) => {
            gateway.tenants.forget();
            gateway.people.changed(tenant);
        }
        Some(Kind::CatalogChanged(changed)) => {
            gateway.catalogs.saw(tenant, changed.version);
            gateway.people.changed(tenant);
        }
        Some(Kind::ReadingAlarmRaised(raised)) => gateway.readers.heard(tenant, raised.user_id),
        // The gateway keeps nothing of records.
        Some(
            Kind::LocationsChanged(_)
            | Kind::CaseChanged(_)
            | Kind::RecordChanged(_)
            | Kind::RecordErased(_)
            | Kind::CallAudited(_),
        )
        | None => {}
    }
}

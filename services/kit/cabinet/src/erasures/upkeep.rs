//! Looks after erasures: those that a crash left half done, and those that a restored backup
//! does not know of.

use std::time::{Duration, Instant};

use kit_proto::identity::v1::ListTenantsRequest;
use kit_serve::{Shared, Shutdown};
use kit_store::StoreError;
use uuid::Uuid;

use super::Erasures;
use crate::refusals;

/// How often it is looked for erasures that are not finished.
const LOOK: Duration = Duration::from_secs(20);
/// How often the keyring is asked what it has destroyed.
const ASK: Duration = Duration::from_mins(1);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(2);
const UNFINISHED: &str = "SELECT id FROM erasure_row WHERE tenant = $1 AND status = 'approved'";

/// Runs until told to stop. Two processes that do the same destroy nothing twice.
pub async fn look_after(erasures: Erasures, shared: Shared, shutdown: Shutdown) {
    let mut asked: Option<Instant> = None;
    loop {
        let ask = asked.is_none_or(|at| at.elapsed() > ASK);
        let pause = match all_tenants(&erasures, &shared, ask).await {
            Ok(()) => {
                asked = if ask { Some(Instant::now()) } else { asked };
                LOOK
            }
            Err(error) => {
                tracing::warn!(error = kit_store::cause(&error), "erasures wait");
                AGAIN
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.wait() => return,
        }
    }
}

/// Of closed tenants too: what was promised is done.
async fn all_tenants(erasures: &Erasures, shared: &Shared, ask: bool) -> anyhow::Result<()> {
    let request = shared.internal_call(None).request(ListTenantsRequest {});
    let tenants = shared.peers.identity().list_tenants(request).await?.into_inner().tenants;
    for tenant in tenants.iter().filter_map(|tenant| tenant.id.parse::<Uuid>().ok()) {
        let done = async {
            if ask {
                erasures.again(tenant).await?;
            }
            finish(erasures, tenant).await
        };
        if let Err(error) = done.await {
            let error = refusals::safe(&error);
            tracing::warn!(tenant.id = %tenant, error, "a tenant's erasures wait");
            anyhow::bail!("not all erasures are finished");
        }
    }
    Ok(())
}

/// Finishes what is unfinished of one tenant.
pub async fn finish(erasures: &Erasures, tenant: Uuid) -> Result<(), StoreError> {
    let rows = erasures.office.store.read(tenant).await?.query(UNFINISHED, &[&tenant]).await?;
    for row in rows {
        erasures.carry_out(tenant, row.try_get(0)?).await?;
    }
    Ok(())
}

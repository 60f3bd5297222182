//! Once a day, and at the start, each tenant is looked after.

use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::civil::Date;
use kit_proto::identity::v1::ListTenantsRequest;
use kit_serve::{Clock, Shared, Shutdown};
use kit_store::StoreError;
use uuid::Uuid;

/// How often it is looked whether a new day has begun.
const LOOK: Duration = Duration::from_mins(1);

/// What is done for a tenant on a day; says how much was.
pub type Daily =
    Box<dyn Fn(Uuid, Date) -> BoxFuture<'static, Result<usize, StoreError>> + Send + Sync>;

/// Does `work` for each open tenant on each day, until told to stop. What fails is done again.
/// `what` names it in the log.
pub async fn each_day(
    clock: Clock,
    shared: Shared,
    shutdown: Shutdown,
    what: &'static str,
    work: Daily,
) {
    let mut done: Option<Date> = None;
    loop {
        let today = clock.today();
        if done != Some(today) {
            match all_tenants(&shared, today, &work).await {
                Ok(count) => {
                    tracing::info!(what, count, "the day's work is done");
                    done = Some(today);
                }
                Err(error) => {
                    tracing::warn!(what, error = kit_store::cause(&error), "the day's work waits");
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = shutdown.wait() => return,
        }
    }
}

async fn all_tenants(shared: &Shared, today: Date, work: &Daily) -> anyhow::Result<usize> {
    let request = shared.internal_call(None).request(ListTenantsRequest {});
    let tenants = shared.peers.identity().list_tenants(request).await?.into_inner().tenants;
    let mut count = 0;
    for tenant in tenants.iter().filter(|tenant| tenant.status == "open") {
        if let Ok(tenant) = tenant.id.parse() {
            count += work(tenant, today).await?;
        }
    }
    Ok(count)
}

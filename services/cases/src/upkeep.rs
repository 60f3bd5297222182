//! Once a day, and at the start, each tenant is looked after: the age of everyone who has a
//! birthday, and cases that have not followed new forms yet.

use std::time::Duration;

use cases_domain::{RefreshAge, Stamp};
use jiff::ToSpan;
use jiff::civil::Date;
use kit_proto::identity::v1::ListTenantsRequest;
use kit_serve::{Shared, Shutdown};
use kit_store::{Meta, StoreError};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::service::Cases;

/// How often it is looked whether a new day has begun.
const LOOK: Duration = Duration::from_mins(1);
/// Days that are made up for after the service was away.
const MISSED: i32 = 7;
/// Who changed the age, in the case's history.
const ACTOR: &str = "cases";

/// Cases whose child was born on this day of a year.
const BORN: &str = "SELECT id FROM case_row WHERE tenant = $1 AND record_state AND status = 'open' \
     AND substr(facets->>'date_of_birth', 6, 5) = ANY($2)";

/// Runs until told to stop. Two processes that do the same change nothing twice.
pub async fn look_after(
    cases: Cases,
    shared: Shared,
    forms: mpsc::UnboundedSender<Uuid>,
    shutdown: Shutdown,
) {
    let mut done: Option<Date> = None;
    loop {
        let today = cases.clock.today();
        if done != Some(today) {
            match all_tenants(&cases, &shared, &forms, today).await {
                Ok(aged) => {
                    tracing::info!(aged, "ages are up to date");
                    done = Some(today);
                }
                Err(error) => tracing::warn!(%error, "ages could not be brought up to date"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = shutdown.wait() => return,
        }
    }
}

async fn all_tenants(
    cases: &Cases,
    shared: &Shared,
    forms: &mpsc::UnboundedSender<Uuid>,
    today: Date,
) -> anyhow::Result<usize> {
    let request = shared.internal_call(None).request(ListTenantsRequest {});
    let tenants = shared.peers.identity().list_tenants(request).await?.into_inner().tenants;
    let mut aged = 0;
    for tenant in tenants.iter().filter(|tenant| tenant.status == "open") {
        if let Ok(tenant) = tenant.id.parse() {
            // Nobody listens any more when the process is stopping.
            let _ = forms.send(tenant);
            aged += of_tenant(cases, tenant, today).await?;
        }
    }
    Ok(aged)
}

/// Brings the ages of one tenant up to date; says how many changed.
async fn of_tenant(cases: &Cases, tenant: Uuid, today: Date) -> Result<usize, StoreError> {
    let tx = cases.store.read(tenant).await?;
    let rows = tx.query(BORN, &[&tenant, &birthdays(today)]).await?;
    drop(tx);
    let mut aged = 0;
    for row in rows {
        let id: Uuid = row.try_get(0)?;
        let meta = Meta {
            tenant,
            actor: ACTOR.to_owned(),
            command_id: cases.ids.v7(),
            now: cases.clock.now(),
            correlation: cases.ids.v7(),
            causation: None,
            trace: None,
        };
        let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
        match cases.execute(&meta, id, RefreshAge { stamp, today }).await {
            Ok(outcome) => aged += usize::from(!outcome.recorded.is_empty()),
            Err(error) => tracing::warn!(case.id = %id, %error, "an age was left as it is"),
        }
    }
    Ok(aged)
}

/// `MM-DD` of today and of the days that may have been missed. Who was born on 29 February has a
/// birthday on the first of March in other years.
fn birthdays(today: Date) -> Vec<String> {
    let mut days: Vec<String> = (0..MISSED)
        .map(|back| today.saturating_sub(back.days()).strftime("%m-%d").to_string())
        .collect();
    if days.iter().any(|day| day == "03-01") {
        days.push("02-29".to_owned());
    }
    days
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn nobody_is_forgotten_at_the_end_of_february() {
        let days = birthdays(date(2026, 3, 2));
        assert!(days.contains(&"03-02".into()) && days.contains(&"02-24".into()));
        assert!(days.contains(&"02-29".into()));
        assert!(!birthdays(date(2026, 3, 20)).contains(&"02-29".into()));
    }
}

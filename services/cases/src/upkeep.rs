//! Once a day, and at the start: the age of everyone who has a birthday.

use cases_domain::{RefreshAge, Stamp};
use futures_util::FutureExt;
use jiff::ToSpan;
use jiff::civil::Date;
use kit_cabinet::{Office, upkeep};
use kit_serve::{Shared, Shutdown};
use kit_store::StoreError;
use uuid::Uuid;

/// Days that are made up for after the service was away.
const MISSED: i32 = 7;

/// Cases whose child was born on this day of a year.
const BORN: &str = "SELECT id FROM case_row WHERE tenant = $1 AND record_state AND status = 'open' \
     AND substr(facets->>'date_of_birth', 6, 5) = ANY($2)";

/// In the background, until told to stop. Two processes that do the same change nothing twice.
pub fn keep_ages(office: &Office, shared: &Shared, shutdown: &Shutdown) {
    let (clock, office) = (office.clock.clone(), office.clone());
    let work: upkeep::Daily = Box::new(move |tenant, today| {
        let office = office.clone();
        async move { of_tenant(&office, tenant, today).await }.boxed()
    });
    tokio::spawn(upkeep::each_day(clock, shared.clone(), shutdown.clone(), "ages", work));
}

/// Brings the ages of one tenant up to date; says how many changed.
async fn of_tenant(office: &Office, tenant: Uuid, today: Date) -> Result<usize, StoreError> {
    let tx = office.store.read(tenant).await?;
    let rows = tx.query(BORN, &[&tenant, &birthdays(today)]).await?;
    drop(tx);
    let mut aged = 0;
    for row in rows {
        let id: Uuid = row.try_get(0)?;
        let meta = office.own_meta(tenant);
        let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
        match office.execute(&meta, id, RefreshAge { stamp, today }).await {
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

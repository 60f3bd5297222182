//! In the background: each case that changed is compared with those it shares names or numbers
//! with. What waits lies in a table, so that a crash loses nothing; what is done is done in steps
//! that leave the processor to callers.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use cases_domain::duplicates::{is_proposed, takes_part, tells_of};
use futures_util::FutureExt;
use kit_access::Reach;
use kit_bus::{Consumer, Delivered, Kind};
use kit_cabinet::{Alike, Office, rows_of, tables::Tables, upkeep};
use kit_proto::facts::v1::CaseChanged;
use kit_records::RecordType;
use kit_serve::{Shared, Shutdown};
use kit_store::{StoreError, Tx};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::comparing::{candidates, compare, open};
use super::pairs::{self, Due};

/// As many cases are opened for one that changed.
const OPENED: i64 = 24;
/// As many that wait are looked at together.
const AT_ONCE: i64 = 50;
/// For each moment of work, so many of rest: writers come first.
const REST: u32 = 4;
const LONGEST_REST: Duration = Duration::from_millis(200);
/// After something went wrong.
const AGAIN: Duration = Duration::from_secs(5);

/// Hears which cases changed.
struct Changes {
    woken: mpsc::UnboundedSender<Uuid>,
}

impl Consumer for Changes {
    const NAME: &'static str = "duplicates";
    const SOURCE: &'static str = "cases";

    async fn apply(&self, tx: &Tx, delivered: &Delivered) -> Result<(), StoreError> {
        self.apply_all(tx, &[delivered]).await
    }

    async fn apply_all(&self, tx: &Tx, facts: &[&Delivered]) -> Result<(), StoreError> {
        let Some(tenant) = facts.first().map(|first| first.tenant) else { return Ok(()) };
        let mut ids: Vec<Uuid> = facts.iter().filter_map(|one| changed(one)).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() { Ok(()) } else { pairs::note(tx, tenant, &ids).await }
    }

    fn applied(&self, facts: &[&Delivered]) {
        let tenants: BTreeSet<Uuid> = facts.iter().map(|fact| fact.tenant).collect();
        for tenant in tenants {
            // Nobody listens any more when the process is stopping.
            let _ = self.woken.send(tenant);
        }
    }
}

/// The case that a fact is about, if it means anything here.
fn changed(delivered: &Delivered) -> Option<Uuid> {
    match &delivered.fact.kind {
        Some(Kind::CaseChanged(case)) if matters(case) => case.case_id.parse().ok(),
        Some(Kind::RecordErased(erased)) if erased.record_type == RecordType::Case.as_str() => {
            erased.record_id.parse().ok()
        }
        _ => None,
    }
}

fn matters(case: &CaseChanged) -> bool {
    case.action == "created" || case.changed_fields.iter().any(|field| tells_of(field))
}

/// Looks after likely duplicates until told to stop.
pub async fn watch(office: &Office, shared: &Shared, shutdown: &Shutdown) -> anyhow::Result<()> {
    let (woken, wakes) = mpsc::unbounded_channel();
    let bus = kit_shell::bus(shared).await?;
    let changes = Changes { woken: woken.clone() };
    kit_shell::consume(shared, &office.store, &bus, changes, shutdown)?;
    // What waited when the process before this one ended.
    let daily: upkeep::Daily = Box::new(move |tenant, _| {
        let _ = woken.send(tenant);
        std::future::ready(Ok(1)).boxed()
    });
    let clock = office.clock.clone();
    let each_day = upkeep::each_day(clock, shared.clone(), shutdown.clone(), "duplicates", daily);
    tokio::spawn(each_day);
    tokio::spawn(work(office.clone(), wakes, shutdown.clone()));
    Ok(())
}

async fn work(office: Office, mut wakes: mpsc::UnboundedReceiver<Uuid>, shutdown: Shutdown) {
    loop {
        let first = tokio::select! {
            first = wakes.recv() => first,
            () = shutdown.wait() => None,
        };
        let Some(first) = first else { return };
        let mut tenants = vec![first];
        while let Ok(more) = wakes.try_recv() {
            tenants.push(more);
        }
        tenants.sort_unstable();
        tenants.dedup();
        for tenant in tenants {
            let done = tokio::select! {
                done = catch_up(&office, tenant) => done,
                () = shutdown.wait() => return,
            };
            if let Err(error) = done {
                let error = kit_cabinet::refusals::safe(&error);
                tracing::warn!(tenant.id = %tenant, error, "duplicates are looked for later");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

/// Compares what waits of one tenant.
async fn catch_up(office: &Office, tenant: Uuid) -> Result<(), StoreError> {
    loop {
        let tx = office.store.read(tenant).await?;
        let waiting = pairs::due(&tx, tenant, AT_ONCE).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let records = office.population(&tx, tenant, RecordType::Case).await?;
        drop(tx);
        for due in &waiting {
            let began = Instant::now();
            look(office, tenant, records, due).await?;
            tokio::time::sleep((began.elapsed() * REST).min(LONGEST_REST)).await;
        }
    }
}

/// Compares one case, and keeps what it matches with.
async fn look(office: &Office, tenant: Uuid, records: u64, due: &Due) -> Result<(), StoreError> {
    let tx = office.store.read(tenant).await?;
    let rows = rows_of(&tx, Tables::of(RecordType::Case), tenant, vec![due.id]).await?;
    drop(tx);
    let case = open(office, tenant, rows).await?.pop().map(|(_, case)| case);
    let found = match case.filter(takes_part) {
        None => Vec::new(),
        Some(case) => {
            let asked = Alike {
                tenant,
                record_type: RecordType::Case,
                record: &case,
                reach: Reach::All,
                except: Some(due.id),
                most: OPENED,
            };
            let found = candidates(office, &asked).await?;
            let found = found.into_iter().filter(|(_, case)| takes_part(case)).collect();
            let mut compared = compare(office, tenant, records, &case, found).await?;
            compared.retain(|one| is_proposed(one.chance.tier));
            compared
        }
    };
    let tx = office.store.begin(tenant).await?;
    pairs::put(&tx, tenant, due, &found).await?;
    tx.commit().await
}

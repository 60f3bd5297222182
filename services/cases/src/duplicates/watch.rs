//! In the background: each case that changed is compared with those it shares names or numbers
//! with. What waits lies in a table, so that a crash loses nothing; what is done is done in steps
//! that leave the processor to callers, and in turns, so that an organisation that brings a hundred
//! thousand cases keeps no other waiting.

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
/// As many that wait are looked at before it is another organisation's turn.
const AT_ONCE: i64 = 50;
/// For each moment of work, so many of rest while others are at work: they come first.
const REST: u32 = 4;
/// The same while nobody is.
const REST_ALONE: u32 = 1;
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
    let again = woken.clone();
    // What waited when the process before this one ended.
    let daily: upkeep::Daily = Box::new(move |tenant, _| {
        let _ = woken.send(tenant);
        std::future::ready(Ok(1)).boxed()
    });
    let clock = office.clock.clone();
    let each_day = upkeep::each_day(clock, shared.clone(), shutdown.clone(), "duplicates", daily);
    tokio::spawn(each_day);
    tokio::spawn(work(office.clone(), wakes, again, shutdown.clone()));
    Ok(())
}

async fn work(
    office: Office,
    mut wakes: mpsc::UnboundedReceiver<Uuid>,
    again: mpsc::UnboundedSender<Uuid>,
    shutdown: Shutdown,
) {
    let mut waiting = BTreeSet::new();
    loop {
        if waiting.is_empty() {
            tokio::select! {
                first = wakes.recv() => waiting.extend(first),
                () = shutdown.wait() => return,
            }
        }
        while let Ok(more) = wakes.try_recv() {
            waiting.insert(more);
        }
        for tenant in std::mem::take(&mut waiting) {
            let more = tokio::select! {
                more = take_turn(&office, tenant) => more,
                () = shutdown.wait() => return,
            };
            match more {
                Ok(true) => _ = waiting.insert(tenant),
                Ok(false) => {}
                Err(error) => {
                    let error = kit_cabinet::refusals::safe(&error);
                    tracing::warn!(tenant.id = %tenant, error, "duplicates are looked for later");
                    let again = again.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep(AGAIN).await;
                        // Nobody listens any more when the process is stopping.
                        let _ = again.send(tenant);
                    });
                }
            }
        }
    }
}

/// Compares some of what waits of one tenant; whether there may be more.
async fn take_turn(office: &Office, tenant: Uuid) -> Result<bool, StoreError> {
    let tx = office.store.read(tenant).await?;
    let waiting = pairs::due(&tx, tenant, AT_ONCE).await?;
    if waiting.is_empty() {
        return Ok(false);
    }
    let records = office.population(&tx, tenant, RecordType::Case).await?;
    drop(tx);
    for due in &waiting {
        let began = Instant::now();
        look(office, tenant, records, due).await?;
        tokio::time::sleep(rest(office, began.elapsed())).await;
    }
    Ok(true)
}

/// How long to leave the processor to others, who are at work if they hold connections.
fn rest(office: &Office, worked: Duration) -> Duration {
    let pool = office.store.pool().status();
    let alone = pool.available == pool.size && pool.waiting == 0;
    (worked * if alone { REST_ALONE } else { REST }).min(LONGEST_REST)
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

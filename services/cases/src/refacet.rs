//! When forms change, where a value lies may change: a text becomes a list of options, a field is
//! marked as a phone number. Cases that were saved before are taken apart anew in the background,
//! so that filters find them and no word stays where only codes may lie.
//!
//! A value may also become a code when a list names it again, or when a place of an odd code is
//! announced. The cases that hold it are found by its blind term and noted as unsettled (`forms`
//! is null), in the transaction that takes the fact in.

use std::time::Duration;

use kit_records::values::{Record, is_place_code};
use kit_records::{RecordType, split};
use kit_store::{StoreError, Tx};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::projections::{Apart, Ground, equality_terms, open_places, retake};
use crate::service::Cases;
use crate::stored::{COLUMNS, Opened, Stored, open_all};

const KNOWN: &str = "SELECT fingerprint FROM row_forms WHERE tenant = $1";
const NOTE: &str = "INSERT INTO row_forms (tenant, fingerprint) VALUES ($1, $2) \
     ON CONFLICT (tenant) DO UPDATE SET fingerprint = excluded.fingerprint";
/// Rows with one of these terms have to be taken apart anew.
const UNSETTLE: &str = "UPDATE case_row r SET forms = NULL FROM (SELECT DISTINCT id FROM case_term \
     WHERE tenant = $1 AND term = ANY($2)) t \
     WHERE r.tenant = $1 AND r.id = t.id AND r.forms IS NOT NULL";
const PLACES: &str = "SELECT code FROM directory_location WHERE tenant = $1";
const UNSETTLED: &str = "r.forms IS NULL AND $4::bigint IS NOT NULL";
const OUTDATED: &str = "r.forms IS DISTINCT FROM $4";
/// Cases that others write while they are taken apart get another look.
const PASSES: usize = 3;
/// Cases opened at a time.
const BATCH: i64 = 200;
/// Forms are seldom changed once: a tenant's next look waits this long.
const SETTLE: Duration = Duration::from_secs(3);

/// Looks at each tenant that is named, one after the other, until nobody can name any more.
pub async fn keep_facets(cases: Cases, mut changed: mpsc::UnboundedReceiver<Uuid>) {
    while let Some(first) = changed.recv().await {
        tokio::time::sleep(SETTLE).await;
        let mut tenants = vec![first];
        while let Ok(more) = changed.try_recv() {
            tenants.push(more);
        }
        tenants.sort_unstable();
        tenants.dedup();
        for tenant in tenants {
            match refacet(&cases, tenant).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(tenant.id = %tenant, count, "cases follow new forms"),
                Err(error) => {
                    let error = crate::refusals::safe(&error);
                    tracing::warn!(tenant.id = %tenant, error, "cases do not follow new forms yet");
                }
            }
        }
    }
}

/// Takes those of a tenant's cases apart anew that the forms and places ask for; says how many.
pub async fn refacet(cases: &Cases, tenant: Uuid) -> Result<u64, StoreError> {
    cases.catalogs.expire(tenant);
    let ground = Ground::of(&cases.catalogs, cases.store.keys(), tenant).await?;
    let tx = cases.store.begin(tenant).await?;
    unsettle_listed(&tx, tenant, &ground).await?;
    let known = tx.query_opt(KNOWN, &[&tenant]).await?;
    let places: Vec<String> =
        tx.query(PLACES, &[&tenant]).await?.iter().map(|row| row.get(0)).collect();
    unsettle_places(&tx, tenant, &ground, places.iter().map(String::as_str)).await?;
    tx.commit().await?;
    let present = format!("{:016x}", ground.forms);
    let known = known.map(|row| row.try_get::<_, String>(0)).transpose()?;
    let which = if known.as_deref() == Some(&present) { UNSETTLED } else { OUTDATED };
    let mut count = 0;
    for _ in 0..PASSES {
        let (mut after, mut left) = (Uuid::nil(), false);
        while let Some(batch) = batch(cases, tenant, &ground, which, after).await? {
            after = batch.last;
            count += batch.done;
            left |= batch.missed;
        }
        if !left {
            break;
        }
    }
    let tx = cases.store.begin(tenant).await?;
    tx.execute(NOTE, &[&tenant, &present]).await?;
    tx.commit().await?;
    Ok(count)
}

/// Finds values that were typed before they were an option of their field, and so lie sealed.
async fn unsettle_listed(tx: &Tx, tenant: Uuid, ground: &Ground) -> Result<u64, StoreError> {
    let listed = split::listed(&ground.catalog, RecordType::Case);
    unsettle(tx, tenant, equality_terms(&ground.blind, listed)).await
}

/// Finds places that were named before they were known. Most codes are told by their looks alone
/// and never lie sealed.
pub async fn unsettle_places<'a>(
    tx: &Tx,
    tenant: Uuid,
    ground: &Ground,
    codes: impl Iterator<Item = &'a str>,
) -> Result<u64, StoreError> {
    let odd: Vec<&str> = codes.filter(|code| !is_place_code(code)).collect();
    let fields = split::place_fields(&ground.catalog, RecordType::Case);
    let named = fields.iter().flat_map(|field| odd.iter().map(move |code| (*field, *code)));
    unsettle(tx, tenant, equality_terms(&ground.blind, named)).await
}

async fn unsettle(tx: &Tx, tenant: Uuid, terms: Vec<i64>) -> Result<u64, StoreError> {
    if terms.is_empty() { Ok(0) } else { tx.execute(UNSETTLE, &[&tenant, &terms]).await }
}

/// What became of some cases.
struct Batch {
    last: Uuid,
    done: u64,
    /// Whether some were written meanwhile.
    missed: bool,
}

/// The next cases by id; none when there are no more.
async fn batch(
    cases: &Cases,
    tenant: Uuid,
    ground: &Ground,
    which: &str,
    after: Uuid,
) -> Result<Option<Batch>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM case_row r WHERE r.tenant = $1 AND r.id > $2 AND {which} \
         ORDER BY r.id LIMIT $3"
    );
    let tx = cases.store.read(tenant).await?;
    let rows = tx.query(&sql, &[&tenant, &after, &BATCH, &ground.forms]).await?;
    drop(tx);
    let rows: Vec<Stored> = rows.iter().map(Stored::read).collect::<Result<_, _>>()?;
    let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
    let mut batch = Batch { last, done: 0, missed: false };
    for Opened { row, json } in open_all(cases.store.keys(), tenant, rows).await? {
        let record: Record = serde_json::from_slice(&json)?;
        let mut parts = ground.split(&record);
        let version = i64::try_from(row.version).unwrap_or(i64::MAX);
        let tx = cases.store.begin(tenant).await?;
        open_places(&tx, tenant, std::iter::once(&mut parts)).await?;
        let done = retake(&tx, tenant, ground, (row.id, version), &Apart::from(parts)).await?;
        tx.commit().await?;
        batch.done += u64::from(done);
        batch.missed |= !done;
    }
    Ok(Some(batch))
}

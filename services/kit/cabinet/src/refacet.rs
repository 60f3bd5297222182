//! When forms change, where a value lies may change: a text becomes a list of options, a field is
//! marked as a phone number. Records that were saved before are taken apart anew in the background,
//! so that filters find them and no word stays where only codes may lie.
//!
//! A value may also become a code when a list names it again, or when a place of an odd code is
//! announced. The records that hold it are found by its blind term and noted as unsettled (`forms`
//! is null), in the transaction that takes the fact in.

use std::time::Duration;

use kit_records::split;
use kit_records::values::{Record, is_place_code};
use kit_store::{StoreError, Tx};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::apart::{Apart, Ground, equality_terms, open_places};
use crate::office::Office;
use crate::rows::retake;
use crate::stored::{COLUMNS, Opened, Stored, open_all};
use crate::tables::Tables;

const KNOWN: &str = "SELECT fingerprint FROM {forms} WHERE tenant = $1";
const NOTE: &str = "INSERT INTO {forms} (tenant, fingerprint) VALUES ($1, $2) \
     ON CONFLICT (tenant) DO UPDATE SET fingerprint = excluded.fingerprint";
/// Rows with one of these terms have to be taken apart anew.
const UNSETTLE: &str = "UPDATE {row} r SET forms = NULL FROM (SELECT DISTINCT id FROM {term} \
     WHERE tenant = $1 AND term = ANY($2)) t \
     WHERE r.tenant = $1 AND r.id = t.id AND r.forms IS NOT NULL";
const PLACES: &str = "SELECT code FROM directory_location WHERE tenant = $1";
const UNSETTLED: &str = "r.forms IS NULL AND $4::bigint IS NOT NULL";
const OUTDATED: &str = "r.forms IS DISTINCT FROM $4";
/// Records that others write while they are taken apart get another look.
const PASSES: usize = 3;
/// Records opened at a time.
const BATCH: i64 = 200;
/// Forms are seldom changed once: a tenant's next look waits this long.
const SETTLE: Duration = Duration::from_secs(3);

/// Looks at each tenant that is named, one after the other, until nobody can name any more.
pub async fn keep_facets(office: Office, mut changed: mpsc::UnboundedReceiver<Uuid>) {
    while let Some(first) = changed.recv().await {
        tokio::time::sleep(SETTLE).await;
        let mut tenants = vec![first];
        while let Ok(more) = changed.try_recv() {
            tenants.push(more);
        }
        tenants.sort_unstable();
        tenants.dedup();
        for tenant in tenants {
            follow(&office, tenant).await;
        }
    }
}

async fn follow(office: &Office, tenant: Uuid) {
    for tables in office.tables.iter() {
        let kept = tables.row;
        match refacet(office, tables, tenant).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(tenant.id = %tenant, kept, count, "follow new forms"),
            Err(error) => {
                let error = crate::refusals::safe(&error);
                tracing::warn!(tenant.id = %tenant, kept, error, "do not follow new forms yet");
            }
        }
    }
}

/// Takes those of a tenant's records of one type apart anew that the forms and places ask for;
/// says how many.
pub async fn refacet(
    office: &Office,
    tables: &'static Tables,
    tenant: Uuid,
) -> Result<u64, StoreError> {
    office.catalogs.expire(tenant);
    let ground = Ground::of(&office.catalogs, office.store.keys(), tenant, tables).await?;
    let tx = office.store.begin(tenant).await?;
    unsettle_listed(&tx, tenant, &ground).await?;
    let known = tx.query_opt(&tables.fill(KNOWN), &[&tenant]).await?;
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
        while let Some(batch) = batch(office, tenant, &ground, which, after).await? {
            after = batch.last;
            count += batch.done;
            left |= batch.missed;
        }
        if !left {
            break;
        }
    }
    let tx = office.store.begin(tenant).await?;
    tx.execute(&tables.fill(NOTE), &[&tenant, &present]).await?;
    tx.commit().await?;
    Ok(count)
}

/// Finds values that were typed before they were an option of their field, and so lie sealed.
async fn unsettle_listed(tx: &Tx, tenant: Uuid, ground: &Ground) -> Result<u64, StoreError> {
    let listed = split::listed(&ground.catalog, ground.tables.record_type);
    unsettle(tx, tenant, ground.tables, equality_terms(&ground.blind, listed)).await
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
    let fields = split::place_fields(&ground.catalog, ground.tables.record_type);
    let named = fields.iter().flat_map(|field| odd.iter().map(move |code| (*field, *code)));
    unsettle(tx, tenant, ground.tables, equality_terms(&ground.blind, named)).await
}

async fn unsettle(
    tx: &Tx,
    tenant: Uuid,
    tables: &Tables,
    terms: Vec<i64>,
) -> Result<u64, StoreError> {
    if terms.is_empty() {
        return Ok(0);
    }
    tx.execute(&tables.fill(UNSETTLE), &[&tenant, &terms]).await
}

/// What became of some records.
struct Batch {
    last: Uuid,
    done: u64,
    /// Whether some were written meanwhile.
    missed: bool,
}

/// The next records by id; none when there are no more.
async fn batch(
    office: &Office,
    tenant: Uuid,
    ground: &Ground,
    which: &str,
    after: Uuid,
) -> Result<Option<Batch>, StoreError> {
    let row = ground.tables.row;
    let sql = format!(
        "SELECT {COLUMNS} FROM {row} r WHERE r.tenant = $1 AND r.id > $2 AND {which} \
         ORDER BY r.id LIMIT $3"
    );
    let tx = office.store.read(tenant).await?;
    let rows = tx.query(&sql, &[&tenant, &after, &BATCH, &ground.forms]).await?;
    drop(tx);
    let rows: Vec<Stored> = rows.iter().map(Stored::read).collect::<Result<_, _>>()?;
    let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
    let mut batch = Batch { last, done: 0, missed: false };
    for Opened { row, json } in open_all(office.store.keys(), ground.tables, tenant, rows).await? {
        let record: Record = serde_json::from_slice(&json)?;
        let mut parts = ground.split(&record);
        let version = i64::try_from(row.version).unwrap_or(i64::MAX);
        let tx = office.store.begin(tenant).await?;
        open_places(&tx, tenant, std::iter::once(&mut parts)).await?;
        let done = retake(&tx, tenant, ground, (row.id, version), &Apart::from(parts)).await?;
        tx.commit().await?;
        batch.done += u64::from(done);
        batch.missed |= !done;
    }
    Ok(Some(batch))
}

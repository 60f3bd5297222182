//! When forms change, where a value lies may change: a text becomes a list of options, a field is
//! marked as a phone number. Cases that were saved before are taken apart anew in the background,
//! so that filters find them and no word stays where only codes may lie.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use kit_records::values::Record;
use kit_records::{CatalogIndex, RecordType, split};
use kit_store::StoreError;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::catalogs::Wanted;
use crate::projections::{INDEX_PURPOSE, blind_terms};
use crate::service::Cases;
use crate::stored::{COLUMNS, Opened, Stored, open_all};

const WRITE: &str = include_str!("projections/refacet.sql");
const KNOWN: &str = "SELECT fingerprint FROM row_forms WHERE tenant = $1";
const NOTE: &str = "INSERT INTO row_forms (tenant, fingerprint) VALUES ($1, $2) \
     ON CONFLICT (tenant) DO UPDATE SET fingerprint = excluded.fingerprint";
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

/// Takes a tenant's cases apart anew if the forms ask for it; says how many.
pub async fn refacet(cases: &Cases, tenant: Uuid) -> Result<u64, StoreError> {
    cases.catalogs.expire(tenant);
    let catalog = cases.catalogs.take(tenant, Wanted::default()).await;
    let catalog = catalog.map_err(StoreError::Unavailable)?;
    let present = fingerprint(&catalog);
    let tx = cases.store.read(tenant).await?;
    let known = tx.query_opt(KNOWN, &[&tenant]).await?;
    drop(tx);
    if known.map(|row| row.try_get::<_, String>(0)).transpose()?.as_deref() == Some(&present) {
        return Ok(0);
    }
    let (mut after, mut count) = (Uuid::nil(), 0);
    while let Some(last) = batch(cases, tenant, &catalog, after, &mut count).await? {
        after = last;
    }
    let tx = cases.store.begin(tenant).await?;
    tx.execute(NOTE, &[&tenant, &present]).await?;
    tx.commit().await?;
    Ok(count)
}

/// The next cases by id; says which was the last of them.
async fn batch(
    cases: &Cases,
    tenant: Uuid,
    catalog: &Arc<CatalogIndex>,
    after: Uuid,
    count: &mut u64,
) -> Result<Option<Uuid>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM case_row r WHERE r.tenant = $1 AND r.id > $2 ORDER BY r.id LIMIT $3"
    );
    let tx = cases.store.read(tenant).await?;
    let rows = tx.query(&sql, &[&tenant, &after, &BATCH]).await?;
    drop(tx);
    let rows: Vec<Stored> = rows.iter().map(Stored::read).collect::<Result<_, _>>()?;
    let last = rows.last().map(|row| row.id);
    let blind = cases.store.keys().index(tenant, INDEX_PURPOSE).await?;
    for case in open_all(cases.store.keys(), tenant, rows).await? {
        let Opened { row, json } = case;
        let record: Record = serde_json::from_slice(&json)?;
        let parts = split::split(catalog, RecordType::Case, &record);
        let terms = blind_terms(&blind, &parts.sources);
        let version = i64::try_from(row.version).unwrap_or(i64::MAX);
        let (facets, places) = (Value::Object(parts.facets), Value::Object(parts.places));
        let tx = cases.store.begin(tenant).await?;
        *count +=
            tx.execute(WRITE, &[&tenant, &row.id, &version, &facets, &terms, &places]).await?;
        tx.commit().await?;
    }
    Ok(last)
}

/// Of everything in the forms of cases that decides where a value lies.
fn fingerprint(catalog: &CatalogIndex) -> String {
    let mut told = format!("{} {}\n", kit_records::search::VERSION, split::VERSION);
    for form in catalog.forms.iter().filter(|form| form.parent_form == RecordType::Case.as_str()) {
        for field in &form.fields {
            // Writing into a text does not fail.
            let _ = writeln!(
                told,
                "{} {} {} {:?} {} {:?}",
                form.unique_id,
                form.is_nested,
                field.name,
                field.field_type,
                field.phone_number,
                matches!(catalog.options(field), kit_records::Options::Free)
                    .then_some(&field.option_strings_source),
            );
        }
    }
    for (name, _) in catalog.fields(RecordType::Case) {
        let _ = writeln!(told, "{name} {:?}", split::held(catalog, RecordType::Case, name));
    }
    let mut lines: Vec<&str> = told.lines().collect();
    lines.sort_unstable();
    let digest = Sha256::digest(lines.join("\n"));
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

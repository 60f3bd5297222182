//! Owns tables `case_row` and `case_term`: one row per case, and the terms it is found by.

use std::sync::Arc;

use cases_domain::{Case, View};
use futures_util::future::{try_join_all, try_join3};
use kit_records::{Record, RecordType, search, split};
use kit_seal::IndexKey;
use kit_store::{Change, Params, Projection, StoreError, Tx};
use serde_json::Value;
use uuid::Uuid;

use crate::catalogs::{Catalogs, Wanted};
use crate::terms;

/// The purpose under which the keyring gives the key for blind terms.
pub const INDEX_PURPOSE: &str = "cases";

const WRITE: &str = include_str!("write_row.sql");
/// Nobody's groups, agency or place change while rows are written from them.
const LOCK_PEOPLE: &str = "SELECT user_name FROM directory_user \
     WHERE tenant = $1 AND user_name = ANY($2) ORDER BY user_name FOR SHARE";

/// Writes the row of a case.
pub struct CaseRow {
    catalogs: Arc<Catalogs>,
    keys: Arc<kit_store::KeyCache>,
}

/// Nobody else writes a row between the look at its terms and their difference.
const LOCK_ROWS: &str = "SELECT id FROM case_row WHERE tenant = $1 AND id = ANY($2) \
     ORDER BY id FOR UPDATE";

/// One row, before it is written.
struct Row {
    id: Uuid,
    people: Vec<String>,
    terms: Vec<i64>,
    facets: Value,
    places: Value,
    document: Vec<u8>,
    key: Uuid,
}

/// Where a sealed document belongs.
pub fn document_context<'a>(tenant: &'a Uuid, id: &'a Uuid) -> [&'a [u8]; 3] {
    [b"case_row", tenant.as_bytes(), id.as_bytes()]
}

impl CaseRow {
    pub fn new(catalogs: Arc<Catalogs>, keys: Arc<kit_store::KeyCache>) -> Self {
        Self { catalogs, keys }
    }

    async fn row(&self, change: &Change<Case>, blind: &IndexKey) -> Result<Row, StoreError> {
        let wanted = Wanted::default();
        let catalog = self.catalogs.take(change.tenant, wanted).await;
        let catalog = catalog.map_err(StoreError::Unavailable)?;
        let view = View::of_settings(&catalog.settings);
        let record = cases_domain::document(&change.after, view);
        let parts = split::split(&catalog, RecordType::Case, &record);
        let id = change.after.id;
        let key = change.key.as_ref().ok_or_else(no_key)?;
        let json = serde_json::to_vec(&record)?;
        Ok(Row {
            id,
            people: change.after.associated().into_iter().map(str::to_owned).collect(),
            terms: blind_terms(blind, &parts.sources),
            facets: Value::Object(parts.facets),
            places: Value::Object(parts.places),
            document: key.seal(&document_context(&change.tenant, &id), &json),
            key: key.id,
        })
    }
}

fn no_key() -> StoreError {
    StoreError::Internal(anyhow::anyhow!("a case has no key"))
}

/// What a record is found by: the keys of each text, and its equality within its field.
pub fn blind_terms(blind: &IndexKey, sources: &[split::TokenSource]) -> Vec<i64> {
    let keys: Vec<search::Key> = sources
        .iter()
        .flat_map(|source| {
            let equality = search::equality_key(&source.field, &source.text);
            search::index_keys(source).into_iter().chain([equality])
        })
        .collect();
    terms::blind_all(blind, &keys)
}

impl Projection<Case> for CaseRow {
    const NAME: &'static str = "case_row";

    async fn project(&self, tx: &Tx, changes: &[Change<Case>]) -> Result<(), StoreError> {
        let Some(first) = changes.first() else { return Ok(()) };
        let blind = self.keys.index(first.tenant, INDEX_PURPOSE).await?;
        let mut rows = Vec::with_capacity(changes.len());
        for change in changes.iter().filter(|change| !change.recorded.is_empty()) {
            rows.push((self.row(change, &blind).await?, change));
        }
        let mut people: Vec<&str> =
            rows.iter().flat_map(|(row, _)| &row.people).map(String::as_str).collect();
        people.sort_unstable();
        people.dedup();
        let ids: Vec<Uuid> = rows.iter().map(|(row, _)| row.id).collect();
        // Known to the connection beforehand, the statements leave in this order at once.
        let lock_rows = tx.prepare(LOCK_ROWS);
        try_join3(tx.prepare(LOCK_PEOPLE), lock_rows, tx.prepare(WRITE)).await?;
        let (lock, hold): (Params<'_>, Params<'_>) =
            (&[&first.tenant, &people], &[&first.tenant, &ids]);
        let (lock, hold) = (tx.query(LOCK_PEOPLE, lock), tx.query(LOCK_ROWS, hold));
        let write = try_join_all(rows.iter().map(|(row, change)| write(tx, row, change)));
        try_join3(lock, hold, write).await?;
        Ok(())
    }

    async fn clear(&self, tx: &Tx, tenant: Uuid) -> Result<(), StoreError> {
        tx.execute("DELETE FROM case_term WHERE tenant = $1", &[&tenant]).await?;
        tx.execute("DELETE FROM case_row WHERE tenant = $1", &[&tenant]).await?;
        Ok(())
    }

    async fn erase(&self, tx: &Tx, tenant: Uuid, id: &str) -> Result<(), StoreError> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(()) };
        let terms = "DELETE FROM case_term t USING (SELECT unnest(terms) AS term, created_at \
             FROM case_row WHERE tenant = $1 AND id = $2) g \
             WHERE t.tenant = $1 AND t.term = g.term AND t.created_at = g.created_at AND t.id = $2";
        tx.execute(terms, &[&tenant, &id]).await?;
        tx.execute("DELETE FROM case_row WHERE tenant = $1 AND id = $2", &[&tenant, &id]).await?;
        Ok(())
    }
}

async fn write(tx: &Tx, row: &Row, change: &Change<Case>) -> Result<(), StoreError> {
    let case = &*change.after;
    let version = i64::try_from(change.version).unwrap_or(i64::MAX);
    // It may come of a service's response type, which is any text where its lookup is lacking.
    let workflow = text(&case.values, "workflow").filter(|step| kit_records::values::is_code(step));
    let (short_id, owner) = (case.short_id(), Some(&case.owner).filter(|name| !name.is_empty()));
    let identified_by = case.identified.as_ref().map(|one| one.by.as_str());
    tx.execute(
        WRITE,
        &[
            &change.tenant,
            &row.id,
            &row.people,
            &row.terms,
            &version,
            &case.created_at,
            &case.last_updated.at,
            &case.record_state,
            &case.status,
            &workflow,
            &case.module,
            &short_id,
            &case.display_id,
            &owner,
            &identified_by,
            &row.facets,
            &row.document,
            &row.key,
            &row.places,
        ],
    )
    .await?;
    Ok(())
}

fn text(record: &Record, field: &str) -> Option<String> {
    record.get(field).and_then(Value::as_str).map(str::to_owned)
}

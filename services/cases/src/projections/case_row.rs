//! Owns tables `case_row`, `case_term` and `case_mark`: one row per case, the terms it is found
//! by, and the marks that filters ask for.

use std::sync::Arc;

use cases_domain::{Case, View};
use kit_records::split::Split;
use kit_records::{Record, values};
use kit_store::{Change, KeyCache, Projection, StoreError, Tx};
use serde_json::Value;
use uuid::Uuid;

use super::apart::{Apart, Ground, codes, open_places};
use super::rows::{self, Row};
use crate::catalogs::Catalogs;

/// Writes the row of a case.
pub struct CaseRow {
    catalogs: Arc<Catalogs>,
    keys: Arc<KeyCache>,
}

/// A change on its way into a row.
struct Draft<'a> {
    change: &'a Change<Case>,
    parts: Split,
    document: Vec<u8>,
    key: Uuid,
    /// Whether people and sealed texts are those of the version before, and so the terms.
    same_terms: bool,
    same_marks: bool,
}

/// Where a sealed document belongs.
pub fn document_context<'a>(tenant: &'a Uuid, id: &'a Uuid) -> [&'a [u8]; 3] {
    [b"case_row", tenant.as_bytes(), id.as_bytes()]
}

impl CaseRow {
    pub fn new(catalogs: Arc<Catalogs>, keys: Arc<KeyCache>) -> Self {
        Self { catalogs, keys }
    }

    /// The rows that changes lead to: those whose terms stay, and the others.
    async fn rows(
        &self,
        tx: &Tx,
        tenant: Uuid,
        ground: &Ground,
        changes: &[Change<Case>],
    ) -> Result<(Vec<Row>, Vec<Row>), StoreError> {
        let changes = changes.iter().filter(|change| !change.recorded.is_empty());
        let mut drafts: Vec<Draft<'_>> =
            changes.map(|change| draft(change, ground)).collect::<Result<_, _>>()?;
        open_places(tx, tenant, drafts.iter_mut().map(|draft| &mut draft.parts)).await?;
        let (light, heavy): (Vec<Draft<'_>>, Vec<Draft<'_>>) =
            drafts.into_iter().partition(|draft| draft.same_terms);
        let rows = |drafts: Vec<Draft<'_>>| drafts.into_iter().map(Draft::row).collect();
        Ok((rows(light), rows(heavy)))
    }
}

impl Projection<Case> for CaseRow {
    const NAME: &'static str = "case_row";
    const VERSION: i32 = 2;
    const TABLES: &'static [&'static str] = &["case_row", "case_term", "case_mark"];
    // People move, and forms change, without an event of the case.
    const TOUCHED: Option<(&'static str, &'static str)> = Some(("case_row", "id"));

    async fn project(&self, tx: &Tx, changes: &[Change<Case>]) -> Result<(), StoreError> {
        let Some(tenant) = changes.first().map(|first| first.tenant) else { return Ok(()) };
        let ground = Ground::of(&self.catalogs, &self.keys, tenant).await?;
        let (light, mut heavy) = self.rows(tx, tenant, &ground, changes).await?;
        heavy.extend(rows::patch(tx, tenant, &ground, light).await?);
        rows::write(tx, tenant, &ground, &heavy, false).await
    }

    async fn fill(&self, tx: &Tx, changes: &[Change<Case>]) -> Result<(), StoreError> {
        let Some(tenant) = changes.first().map(|first| first.tenant) else { return Ok(()) };
        let ground = Ground::of(&self.catalogs, &self.keys, tenant).await?;
        let (light, heavy) = self.rows(tx, tenant, &ground, changes).await?;
        debug_assert!(light.is_empty(), "a whole history has no version before");
        rows::write(tx, tenant, &ground, &heavy, true).await
    }

    async fn erase(&self, tx: &Tx, tenant: Uuid, id: &str) -> Result<(), StoreError> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(()) };
        rows::remove_rows(tx, tenant, id).await.map(drop)
    }
}

fn draft<'a>(change: &'a Change<Case>, ground: &Ground) -> Result<Draft<'a>, StoreError> {
    let view = View::of_settings(&ground.catalog.settings);
    let record = cases_domain::document(&change.after, view);
    let key = change.key.as_ref().ok_or_else(no_key)?;
    let json = serde_json::to_vec(&record)?;
    let (same_terms, same_marks) = unchanged(change, ground, view, &record);
    Ok(Draft {
        change,
        parts: ground.split(&record),
        document: key.seal(&document_context(&change.tenant, &change.after.id), &json),
        key: key.id,
        same_terms,
        same_marks,
    })
}

fn no_key() -> StoreError {
    StoreError::Internal(anyhow::anyhow!("a case has no key"))
}

/// Whether the terms, and whether the marks, of a case are what they were before the change.
fn unchanged(change: &Change<Case>, ground: &Ground, view: View, record: &Record) -> (bool, bool) {
    let (before, after) = (&*change.before, &*change.after);
    let same_people = before.is_registered()
        && before.associated() == after.associated()
        && before.owner == after.owner
        && before.identified == after.identified
        && before.created_at == after.created_at;
    if !same_people {
        return (false, false);
    }
    let old = cases_domain::document(before, view);
    let (was, is) = (differing(&old, record), differing(record, &old));
    let (was, is) = (ground.split(&was), ground.split(&is));
    let same_terms = was.sources == is.sources && was.places == is.places;
    (same_terms, same_terms && codes(&was.facets) == codes(&is.facets))
}

/// What of a record is not the same in another.
fn differing(record: &Record, other: &Record) -> Record {
    let differs = |(name, value): &(&String, &Value)| other.get(name.as_str()) != Some(*value);
    record.iter().filter(differs).map(|(name, value)| (name.clone(), value.clone())).collect()
}

impl Draft<'_> {
    fn row(self) -> Row {
        let (change, case) = (self.change, &*self.change.after);
        let before = change.version.saturating_sub(change.recorded.len() as u64);
        // It may come of a service's response type, which is any text where its lookup is lacking.
        let workflow = case.values.get("workflow").and_then(Value::as_str);
        let owner = Some(&case.owner).filter(|name| !name.is_empty());
        Row {
            id: case.id,
            version: i64::try_from(change.version).unwrap_or(i64::MAX),
            version_before: i64::try_from(before).unwrap_or(i64::MAX),
            created_at: case.created_at,
            last_updated_at: case.last_updated.at,
            record_state: case.record_state,
            status: case.status.clone(),
            workflow: workflow.filter(|step| values::is_code(step)).map(str::to_owned),
            module: case.module.clone(),
            short_id: case.short_id(),
            display_id: case.display_id.clone(),
            owner: owner.cloned(),
            identified_by: case.identified.as_ref().map(|one| one.by.clone()),
            people: case.associated().into_iter().map(str::to_owned).collect(),
            apart: Apart::from(self.parts),
            document: self.document,
            key: self.key,
            same_marks: self.same_marks,
        }
    }
}

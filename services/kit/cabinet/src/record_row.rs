//! Owns the tables of a record type: one row per record, the terms it is found by, and the marks
//! that filters ask for.

use std::marker::PhantomData;
use std::sync::Arc;

use kit_dossier::{Dossier, Event, Kind};
use kit_records::split::Split;
use kit_records::{Record, values};
use kit_store::{Change, KeyCache, Projection, StoreError, Tx};
use serde_json::Value;
use uuid::Uuid;

use crate::apart::{Apart, Ground, codes, open_places};
use crate::catalogs::Catalogs;
use crate::rows::{self, Row};
use crate::tables::Tables;

/// Writes the rows of the records of one kind.
pub struct RecordRow<K> {
    kind: PhantomData<K>,
    catalogs: Arc<Catalogs>,
    keys: Arc<KeyCache>,
}

/// A change on its way into a row.
struct Draft<'a, K: Kind> {
    change: &'a Change<Dossier<K>>,
    parts: Split,
    document: Vec<u8>,
    key: Uuid,
    /// Whether people and sealed texts are those of the version before, and so the terms.
    same_terms: bool,
    same_marks: bool,
}

/// Where a sealed document belongs.
pub fn document_context<'a>(tables: &Tables, tenant: &'a Uuid, id: &'a Uuid) -> [&'a [u8]; 3] {
    [tables.row.as_bytes(), tenant.as_bytes(), id.as_bytes()]
}

impl<K: Kind> RecordRow<K> {
    /// The tables that it owns.
    const TABLES: &'static Tables = Tables::of(K::RECORD_TYPE);

    pub fn new(catalogs: Arc<Catalogs>, keys: Arc<KeyCache>) -> Self {
        Self { kind: PhantomData, catalogs, keys }
    }

    /// The rows that changes lead to: those whose terms stay, and the others.
    async fn rows(
        &self,
        tx: &Tx,
        tenant: Uuid,
        ground: &Ground,
        changes: &[Change<Dossier<K>>],
    ) -> Result<(Vec<Row>, Vec<Row>), StoreError> {
        let changes = changes.iter().filter(|change| !change.recorded.is_empty());
        let mut drafts: Vec<Draft<'_, K>> =
            changes.map(|change| draft(change, ground)).collect::<Result<_, _>>()?;
        open_places(tx, tenant, drafts.iter_mut().map(|draft| &mut draft.parts)).await?;
        let (light, heavy): (Vec<Draft<'_, K>>, Vec<Draft<'_, K>>) =
            drafts.into_iter().partition(|draft| draft.same_terms);
        let rows = |drafts: Vec<Draft<'_, K>>| drafts.into_iter().map(Draft::row).collect();
        Ok((rows(light), rows(heavy)))
    }
}

impl<K: Kind> Projection<Dossier<K>> for RecordRow<K> {
    const NAME: &'static str = Self::TABLES.row;
    const VERSION: i32 = 4;
    const TABLES: &'static [&'static str] =
        &[Self::TABLES.row, Self::TABLES.term, Self::TABLES.mark];
    // People move, and forms change, without an event of the record.
    const TOUCHED: Option<(&'static str, &'static str)> = Some((Self::TABLES.row, "id"));
    const BARE: bool = true;

    async fn project(&self, tx: &Tx, changes: &[Change<Dossier<K>>]) -> Result<(), StoreError> {
        let Some(tenant) = changes.first().map(|first| first.tenant) else { return Ok(()) };
        let ground = Ground::of(&self.catalogs, &self.keys, tenant, Self::TABLES).await?;
        forget_snapshots(tx, changes).await?;
        let (light, mut heavy) = self.rows(tx, tenant, &ground, changes).await?;
        heavy.extend(rows::patch(tx, tenant, &ground, light).await?);
        rows::write(tx, tenant, &ground, &heavy).await
    }

    async fn fill(&self, tx: &Tx, changes: &[Change<Dossier<K>>]) -> Result<(), StoreError> {
        let Some(tenant) = changes.first().map(|first| first.tenant) else { return Ok(()) };
        let ground = Ground::of(&self.catalogs, &self.keys, tenant, Self::TABLES).await?;
        let (light, heavy) = self.rows(tx, tenant, &ground, changes).await?;
        debug_assert!(light.is_empty(), "a whole history has no version before");
        rows::add(tx, tenant, &ground, &heavy).await
    }

    async fn erase(&self, tx: &Tx, tenant: Uuid, id: &str) -> Result<(), StoreError> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(()) };
        rows::remove_rows(tx, Self::TABLES, tenant, id).await.map(drop)
    }
}

/// A snapshot of before holds what was forgotten since.
async fn forget_snapshots<K: Kind>(
    tx: &Tx,
    changes: &[Change<Dossier<K>>],
) -> Result<(), StoreError> {
    let forgets = |change: &&Change<Dossier<K>>| {
        change.recorded.iter().any(|one| matches!(one.event, Event::Forgotten(_)))
    };
    for change in changes.iter().filter(forgets) {
        let sql = "DELETE FROM snapshot WHERE tenant = $1 AND stream = $2";
        tx.execute(sql, &[&change.tenant, &change.stream]).await?;
    }
    Ok(())
}

fn draft<'a, K: Kind>(
    change: &'a Change<Dossier<K>>,
    ground: &Ground,
) -> Result<Draft<'a, K>, StoreError> {
    let record = change.after.document(&ground.catalog.settings);
    let key = change.key.as_ref().ok_or_else(no_key)?;
    let json = serde_json::to_vec(&record)?;
    let (same_terms, same_marks) = unchanged(change, ground, &record);
    Ok(Draft {
        change,
        parts: ground.split(&record),
        document: key
            .seal(&document_context(ground.tables, &change.tenant, &change.after.id), &json),
        key: key.id,
        same_terms,
        same_marks,
    })
}

fn no_key() -> StoreError {
    StoreError::Internal(anyhow::anyhow!("a record has no key"))
}

/// Whether the terms, and whether the marks, of a record are what they were before the change.
fn unchanged<K: Kind>(
    change: &Change<Dossier<K>>,
    ground: &Ground,
    record: &Record,
) -> (bool, bool) {
    let (before, after) = (&*change.before, &*change.after);
    let same_people = before.is_registered()
        && before.associated() == after.associated()
        && before.owner == after.owner
        && before.identified == after.identified
        && before.merged == after.merged
        && before.created_at == after.created_at;
    if !same_people {
        return (false, false);
    }
    let old = before.document(&ground.catalog.settings);
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

impl<K: Kind> Draft<'_, K> {
    fn row(self) -> Row {
        let (change, record) = (self.change, &*self.change.after);
        let before = change.version.saturating_sub(change.recorded.len() as u64);
        // It may come of a service's response type, which is any text where its lookup is lacking.
        let workflow = record.values.get("workflow").and_then(Value::as_str);
        let owner = Some(&record.owner).filter(|name| !name.is_empty());
        Row {
            id: record.id,
            version: i64::try_from(change.version).unwrap_or(i64::MAX),
            version_before: i64::try_from(before).unwrap_or(i64::MAX),
            created_at: record.created_at,
            last_updated_at: record.last_updated.at,
            record_state: record.record_state,
            status: record.status.clone(),
            workflow: workflow.filter(|step| values::is_code(step)).map(str::to_owned),
            module: record.module.clone(),
            short_id: record.short_id(),
            display_id: record.display_id.clone(),
            owner: owner.cloned(),
            identified_by: record.identified.as_ref().map(|one| one.by.clone()),
            people: record.associated().into_iter().map(str::to_owned).collect(),
            apart: Apart::from(self.parts),
            document: self.document,
            key: self.key,
            same_marks: self.same_marks,
        }
    }
}

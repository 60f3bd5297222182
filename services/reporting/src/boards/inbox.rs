//! Others' facts that move the counts: cases, incidents, people, places.

use std::collections::BTreeMap;
use std::sync::Arc;

use kit_bus::{Consumer, Delivered, Kind, partition_of};
use kit_cabinet::catalogs::{Catalogs, Wanted};
use kit_cabinet::people;
use kit_proto::facts::v1::{CaseChanged, RecordChanged};
use kit_records::{CatalogIndex, Record, RecordType};
use kit_store::{DataKey, KeyCache, KeyState, StoreError, Tx};
use uuid::Uuid;

use super::keep::{self, Hand, News};
use super::told::{Row, Told};
use crate::erased;

/// What it takes to read a record's fact.
#[derive(Clone)]
pub struct Reader {
    pub catalogs: Arc<Catalogs>,
    pub keys: Arc<KeyCache>,
}

/// Facts of cases, and of what was erased.
pub struct CaseBoards(pub Reader);

/// Facts of incidents.
pub struct IncidentBoards(pub Reader);

/// Facts of people, after whom their records are placed.
pub struct PeopleBoards;

/// Facts of places, by which records are counted.
pub struct PlaceBoards(pub Arc<Catalogs>);

/// The name of all four: what `amparo rebuild reporting` lets start anew.
pub const NAME: &str = "boards";

impl Consumer for CaseBoards {
    const NAME: &'static str = NAME;
    const SOURCE: &'static str = "cases";

    async fn apply(&self, tx: &Tx, delivered: &Delivered) -> Result<(), StoreError> {
        self.apply_all(tx, &[delivered]).await
    }

    async fn apply_all(&self, tx: &Tx, facts: &[&Delivered]) -> Result<(), StoreError> {
        for fact in facts {
            erased::apply(tx, fact).await?;
        }
        self.0.take(tx, RecordType::Case, facts).await
    }

    fn applied(&self, facts: &[&Delivered]) {
        self.0.forget(facts);
    }
}

impl Consumer for IncidentBoards {
    const NAME: &'static str = NAME;
    const SOURCE: &'static str = "incidents";

    async fn apply(&self, tx: &Tx, delivered: &Delivered) -> Result<(), StoreError> {
        self.apply_all(tx, &[delivered]).await
    }

    async fn apply_all(&self, tx: &Tx, facts: &[&Delivered]) -> Result<(), StoreError> {
        self.0.take(tx, RecordType::Incident, facts).await
    }

    fn applied(&self, facts: &[&Delivered]) {
        self.0.forget(facts);
    }
}

impl Consumer for PeopleBoards {
    const NAME: &'static str = NAME;
    const SOURCE: &'static str = "identity";

    async fn apply(&self, tx: &Tx, delivered: &Delivered) -> Result<(), StoreError> {
        let Some(Kind::UserChanged(user)) = &delivered.fact.kind else { return Ok(()) };
        keep::alone(tx, delivered.tenant).await?;
        let person = kit_cabinet::person(user, delivered.fact.version);
        people::take(tx, delivered.tenant, &[], &person).await?;
        keep::follow(tx, delivered.tenant, &user.user_name).await
    }
}

impl Consumer for PlaceBoards {
    const NAME: &'static str = NAME;
    const SOURCE: &'static str = "configuration";

    async fn apply(&self, tx: &Tx, delivered: &Delivered) -> Result<(), StoreError> {
        match &delivered.fact.kind {
            Some(Kind::LocationsChanged(changed)) => {
                kit_cabinet::take_places(tx, delivered.tenant, &changed.locations).await
            }
            _ => Ok(()),
        }
    }

    fn applied(&self, facts: &[&Delivered]) {
        for fact in
            facts.iter().filter(|one| matches!(one.fact.kind, Some(Kind::CatalogChanged(_))))
        {
            self.0.expire(fact.tenant);
        }
    }
}

/// A fact about one record of the type that is looked at.
enum Heard<'a> {
    Changed(&'a Delivered, RecordChanged),
    Erased,
}

impl Reader {
    /// Facts of one tenant, in order. The last of a record decides.
    async fn take(
        &self,
        tx: &Tx,
        record_type: RecordType,
        facts: &[&Delivered],
    ) -> Result<(), StoreError> {
        let mut heard: BTreeMap<Uuid, Heard<'_>> = BTreeMap::new();
        for (id, news) in facts.iter().filter_map(|fact| hear(record_type, fact)) {
            // What is told late of an erased record does not bring it back.
            if !matches!(heard.get(&id), Some(Heard::Erased)) {
                heard.insert(id, news);
            }
        }
        let Some(first) = facts.first().filter(|_| !heard.is_empty()) else { return Ok(()) };
        let tenant = first.tenant;
        let catalog = self.catalogs.take(tenant, Wanted::default()).await;
        let catalog = catalog.map_err(StoreError::Unavailable)?;
        let keys = self.open(tenant, &heard).await?;
        if heard.values().any(|one| matches!(one, Heard::Erased)) {
            // It comes in another partition than what was told of the record before.
            keep::alone(tx, tenant).await?;
        } else {
            keep::together(tx, tenant).await?;
        }
        let partition = partition_of(tenant, &first.fact.stream).cast_signed();
        let hand = Hand { tenant, record_type: record_type.as_str(), shard: partition };
        let ids: Vec<Uuid> = heard.keys().copied().collect();
        let before = keep::rows_of(tx, hand, &ids).await?;
        let mut news = Vec::new();
        for (id, heard) in &heard {
            let was = before.get(id);
            let told = match heard {
                Heard::Erased => Told::erased(),
                Heard::Changed(fact, _) if is_old(was, fact.fact.version) => continue,
                Heard::Changed(fact, changed) => {
                    tell(&catalog, record_type, fact, changed, &keys, was)?
                }
            };
            news.push(News { id: *id, told });
        }
        keep::take(tx, hand, &before, news).await
    }

    /// Keys that were destroyed leave the memory too.
    fn forget(&self, facts: &[&Delivered]) {
        for fact in facts {
            if let Some(Kind::RecordErased(erased)) = &fact.fact.kind {
                let ids = erased.key_ids.iter().filter_map(|id| id.parse().ok());
                self.keys.forget(fact.tenant, ids);
            }
        }
    }

    async fn open(
        &self,
        tenant: Uuid,
        heard: &BTreeMap<Uuid, Heard<'_>>,
    ) -> Result<BTreeMap<Uuid, Option<DataKey>>, StoreError> {
        let ids = heard.values().filter_map(|one| match one {
            Heard::Changed(_, changed) => changed.key_id.parse::<Uuid>().ok(),
            Heard::Erased => None,
        });
        let states = self.keys.open(tenant, ids).await?;
        let live = |state: KeyState| state.live().cloned();
        Ok(states.into_iter().map(|(id, state)| (id, live(state))).collect())
    }
}

fn is_old(was: Option<&Row>, version: u64) -> bool {
    was.is_some_and(|row| row.told.version >= version)
}

fn hear(record_type: RecordType, delivered: &Delivered) -> Option<(Uuid, Heard<'_>)> {
    let changed = match delivered.fact.kind.as_ref()? {
        Kind::CaseChanged(case) => of_case(case),
        Kind::RecordChanged(record) => record.clone(),
        Kind::RecordErased(erased) if erased.record_type == record_type.as_str() => {
            return Some((erased.record_id.parse().ok()?, Heard::Erased));
        }
        _ => return None,
    };
    if changed.record_type != record_type.as_str() {
        return None;
    }
    Some((changed.record_id.parse().ok()?, Heard::Changed(delivered, changed)))
}

/// Cases have a fact of their own, which says the same.
fn of_case(case: &CaseChanged) -> RecordChanged {
    RecordChanged {
        record_type: RecordType::Case.as_str().to_owned(),
        record_id: case.case_id.clone(),
        action: case.action.clone(),
        facets: case.facets.clone(),
        changed_fields: case.changed_fields.clone(),
        sealed: case.sealed.clone(),
        key_id: case.key_id.clone(),
    }
}

/// What may be counted of a record: nothing when its key is gone.
fn tell(
    catalog: &CatalogIndex,
    record_type: RecordType,
    fact: &Delivered,
    changed: &RecordChanged,
    keys: &BTreeMap<Uuid, Option<DataKey>>,
    was: Option<&Row>,
) -> Result<Told, StoreError> {
    let key = changed.key_id.parse::<Uuid>().ok().and_then(|id| keys.get(&id));
    let mut told = match key {
        Some(None) => return Ok(Told::erased()),
        Some(Some(key)) => {
            let record: Record = serde_json::from_slice(&opened(key, record_type, fact, changed)?)?;
            let open: Record = serde_json::from_slice(&changed.facets)?;
            Told::of(catalog, record_type, &record, &open)
        }
        // Too large for a message: what lies open is told all the same.
        None => {
            let mut told = Told::from_open(&serde_json::from_slice(&changed.facets)?);
            if let Some(row) = was {
                told.fill_from(&row.told, &changed.changed_fields);
            }
            told
        }
    };
    told.version = fact.fact.version;
    Ok(told)
}

fn opened(
    key: &DataKey,
    record_type: RecordType,
    fact: &Delivered,
    changed: &RecordChanged,
) -> Result<Vec<u8>, StoreError> {
    let name = if record_type == RecordType::Case { "case_changed" } else { "record_changed" };
    let version = fact.fact.version.to_be_bytes();
    let context: [&[u8]; 4] =
        [name.as_bytes(), fact.tenant.as_bytes(), changed.record_id.as_bytes(), &version];
    key.open(&context, &changed.sealed)
        .map_err(|unsealable| StoreError::Internal(anyhow::Error::new(unsealable)))
}

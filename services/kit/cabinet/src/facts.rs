//! What others may know of a record: private events as public facts.

use std::marker::PhantomData;

use kit_bus::{Facts, Kind as FactKind};
use kit_dossier::erasure::{Erasure, ErasureEvent};
use kit_dossier::{Dossier, Event, Kind};
use kit_proto::facts::v1::{CaseChanged, RecordChanged, RecordErased};
use kit_records::{CatalogIndex, Record, RecordType, split, system};
use kit_store::{DataKey, Recorded, StoreError};
use uuid::Uuid;

/// Maps the events of the records of one kind.
#[derive(Debug)]
pub struct RecordFacts<K> {
    kind: PhantomData<K>,
    /// Without forms: a fact does not depend on the forms of the day that it is published on.
    no_forms: CatalogIndex,
}

impl<K> Default for RecordFacts<K> {
    fn default() -> Self {
        Self { kind: PhantomData, no_forms: CatalogIndex::default() }
    }
}

impl<K: Kind> Facts<Dossier<K>> for RecordFacts<K> {
    fn fact(
        &self,
        recorded: &Recorded<Event>,
        after: &Dossier<K>,
        key: Option<&DataKey>,
    ) -> Result<Option<(String, FactKind)>, StoreError> {
        let Some(action) = action(&recorded.event) else { return Ok(None) };
        let document = after.document(&Record::new());
        let facets = self.facets(&document);
        let id = after.id.to_string();
        let sealed = match key {
            Some(key) => {
                sealed(key, K::RECORD_TYPE, recorded.tenant, &id, recorded.version, &document)?
            }
            None => Vec::new(),
        };
        let fact = RecordChanged {
            record_type: K::RECORD_TYPE.as_str().to_owned(),
            record_id: id.clone(),
            action: action.to_owned(),
            facets: serde_json::to_vec(&facets)?.into(),
            changed_fields: after.last_changes.iter().cloned().collect(),
            sealed: sealed.into(),
            key_id: key.map(|key| key.id.to_string()).unwrap_or_default(),
        };
        Ok(Some((id, told(fact))))
    }
}

impl<K: Kind> RecordFacts<K> {
    /// What others may read without a key: only what no form can hold. Which of a form's values
    /// are codes is known where the row is written, not here; they travel sealed.
    fn facets(&self, document: &Record) -> Record {
        let told = |name: &str| system::is_stamped_code(name) || system::is_guarded(name);
        let some = document.iter().filter(|(name, _)| told(name));
        let some: Record = some.map(|(name, value)| (name.clone(), value.clone())).collect();
        split::split(&self.no_forms, K::RECORD_TYPE, &some).facets
    }
}

/// A whole record as its fact carries it, for those who have its key.
pub fn sealed(
    key: &DataKey,
    record_type: RecordType,
    tenant: Uuid,
    id: &str,
    version: u64,
    document: &Record,
) -> Result<Vec<u8>, StoreError> {
    let name = fact_name(record_type);
    let version = version.to_be_bytes();
    let context: [&[u8]; 4] = [name.as_bytes(), tenant.as_bytes(), id.as_bytes(), &version];
    Ok(key.seal(&context, &serde_json::to_vec(document)?))
}

/// The fact's name, which its sealed part is bound to.
const fn fact_name(record_type: RecordType) -> &'static str {
    match record_type {
        RecordType::Case => "case_changed",
        _ => "record_changed",
    }
}

/// Cases have a fact of their own, which is older.
fn told(fact: RecordChanged) -> FactKind {
    if fact.record_type != RecordType::Case.as_str() {
        return FactKind::RecordChanged(fact);
    }
    FactKind::CaseChanged(CaseChanged {
        case_id: fact.record_id,
        action: fact.action,
        facets: fact.facets,
        changed_fields: fact.changed_fields,
        sealed: fact.sealed,
        key_id: fact.key_id,
    })
}

/// What happened, as others call it; what only matters within the record has no name.
const fn action(event: &Event) -> Option<&'static str> {
    match event {
        Event::Registered(_) => Some("created"),
        Event::Changed(_)
        | Event::StatusSet(_)
        | Event::OwnerChanged(_)
        | Event::Attributed(_)
        | Event::Aged(_)
        | Event::Assigned(_)
        | Event::Absorbed(_)
        | Event::Released(_)
        | Event::Flagged(_)
        | Event::FlagChanged(_)
        | Event::Unflagged(_)
        | Event::IncidentsNoted(_)
        | Event::Alerted(_)
        | Event::AlertsDismissed(_)
        | Event::Forgotten(_)
        // These change no field, and those who follow the record have something to look at.
        | Event::ConflictOpened(_)
        | Event::ConflictSettled(_) => Some("updated"),
        Event::MergedInto(_) => Some("merged"),
        Event::Restored(_) => Some("restored"),
        Event::Closed(_) => Some("closed"),
        Event::Reopened(_) => Some("reopened"),
        Event::Disabled(_) => Some("disabled"),
        Event::Enabled(_) => Some("enabled"),
        Event::Overruled(_) => None,
    }
}

/// Tells that a record is gone; what leads to that is nobody else's business.
#[derive(Debug, Default)]
pub struct ErasureFacts;

impl Facts<Erasure> for ErasureFacts {
    fn fact(
        &self,
        recorded: &Recorded<ErasureEvent>,
        after: &Erasure,
        _: Option<&DataKey>,
    ) -> Result<Option<(String, FactKind)>, StoreError> {
        let certificate = match &recorded.event {
            ErasureEvent::CarriedOut(carried_out) => &carried_out.certificate,
            ErasureEvent::Requested(_)
            | ErasureEvent::Approved(_)
            | ErasureEvent::Withdrawn(_)
            | ErasureEvent::Refused(_)
            | ErasureEvent::Expired(_)
            | ErasureEvent::Recovered(_) => return Ok(None),
        };
        let named = |list: &str, member: &str| -> Vec<String> {
            let entries = certificate[list].as_array().into_iter().flatten();
            entries.filter_map(|one| one[member].as_str().map(str::to_owned)).collect()
        };
        let fact = RecordErased {
            record_type: after.record_type.clone(),
            record_id: after.record_id.to_string(),
            erasure_id: after.id.to_string(),
            key_ids: named("keys", "key_id"),
            streams: named("streams", "stream"),
        };
        Ok(Some((after.record_id.to_string(), FactKind::RecordErased(fact))))
    }
}

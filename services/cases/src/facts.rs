//! What others may know of a case: private events as public facts.

use cases_domain::erasure::{Erasure, ErasureEvent};
use cases_domain::{Case, CaseEvent, View};
use kit_bus::{Facts, Kind};
use kit_proto::facts::v1::{CaseChanged, RecordErased};
use kit_records::{CatalogIndex, Record, RecordType, split, system};
use kit_store::{DataKey, Recorded, StoreError};

/// Maps the events of cases.
#[derive(Debug, Default)]
pub struct CaseFacts {
    /// Without forms: a fact does not depend on the forms of the day that it is published on.
    no_forms: CatalogIndex,
}

impl Facts<Case> for CaseFacts {
    fn fact(
        &self,
        recorded: &Recorded<CaseEvent>,
        after: &Case,
        key: Option<&DataKey>,
    ) -> Result<Option<(String, Kind)>, StoreError> {
        let Some(action) = action(&recorded.event) else { return Ok(None) };
        let document = cases_domain::document(after, View::default());
        let facets = self.facets(&document);
        let id = after.id.to_string();
        let sealed = match key {
            Some(key) => {
                let version = recorded.version.to_be_bytes();
                let context: [&[u8]; 4] =
                    [b"case_changed", recorded.tenant.as_bytes(), id.as_bytes(), &version];
                key.seal(&context, &serde_json::to_vec(&document)?)
            }
            None => Vec::new(),
        };
        let fact = CaseChanged {
            case_id: id.clone(),
            action: action.to_owned(),
            facets: serde_json::to_vec(&facets)?.into(),
            changed_fields: after.last_changes.iter().cloned().collect(),
            sealed: sealed.into(),
            key_id: key.map(|key| key.id.to_string()).unwrap_or_default(),
        };
        Ok(Some((id, Kind::CaseChanged(fact))))
    }
}

impl CaseFacts {
    /// What others may read without a key: only what no form can hold. Which of a form's values
    /// are codes is known where the row is written, not here; they travel sealed.
    fn facets(&self, document: &Record) -> Record {
        let mut facets = split::split(&self.no_forms, RecordType::Case, document).facets;
        facets.retain(|name, _| system::is_stamped_code(name) || system::is_guarded(name));
        facets
    }
}

/// What happened, as others call it; what only matters within cases has no name.
const fn action(event: &CaseEvent) -> Option<&'static str> {
    match event {
        CaseEvent::Registered(_) => Some("created"),
        CaseEvent::Changed(_)
        | CaseEvent::StatusSet(_)
        | CaseEvent::OwnerChanged(_)
        | CaseEvent::Attributed(_)
        | CaseEvent::Aged(_) => Some("updated"),
        CaseEvent::Closed(_) => Some("closed"),
        CaseEvent::Reopened(_) => Some("reopened"),
        CaseEvent::Disabled(_) => Some("disabled"),
        CaseEvent::Enabled(_) => Some("enabled"),
        CaseEvent::ConflictOpened(_) | CaseEvent::ConflictSettled(_) | CaseEvent::Overruled(_) => {
            None
        }
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
    ) -> Result<Option<(String, Kind)>, StoreError> {
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
        Ok(Some((after.record_id.to_string(), Kind::RecordErased(fact))))
    }
}

//! A record hears of an incident of its own, or that one is its own no more.

use kit_decider::Command;
use uuid::Uuid;

use crate::{Dossier, Event, IncidentsNoted, Kind, Refusal, Stamp};

/// Notes that an incident is linked to the record, or is not; harmless to repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteIncident<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub incident: Uuid,
    pub linked: bool,
}

impl<K: Kind> Command for NoteIncident<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        if dossier.incidents.contains(&self.incident) == self.linked {
            return Ok(vec![]);
        }
        let mut incidents = dossier.incidents.clone();
        if self.linked {
            incidents.push(self.incident);
        } else {
            incidents.retain(|one| *one != self.incident);
        }
        Ok(vec![Event::IncidentsNoted(IncidentsNoted { stamp: self.stamp, incidents })])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kit_records::{CatalogIndex, Record, RecordType};
    use serde_json::json;

    use super::*;
    use crate::given::{self, Given, Plain, catalog};

    #[test]
    fn a_record_knows_its_incidents() {
        let catalog = catalog(RecordType::RegistryRecord, "primeromodule-cp", vec![], &[]);
        let context = given::context::<Plain>(CatalogIndex::new(Arc::new(catalog)));
        let mut given = Given::<Plain>::registered(context, json!({}));
        let note = |linked, number| NoteIncident {
            kind: Plain,
            stamp: Stamp::default(),
            incident: Uuid::from_u128(number),
            linked,
        };
        assert_eq!(given.done(note(false, 1)), []);
        assert_eq!(given.done(note(true, 1)).len(), 1);
        assert_eq!(given.done(note(true, 1)), []);
        given.done(note(true, 2));
        let document = given.record.document(&Record::new());
        assert_eq!(document["has_incidents"], true);
        assert_eq!(document["incident_ids"], json!([Uuid::from_u128(1), Uuid::from_u128(2)]));
        given.done(note(false, 1));
        given.done(note(false, 2));
        assert!(!given.record.document(&Record::new()).contains_key("incident_ids"));
    }
}

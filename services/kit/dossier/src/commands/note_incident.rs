//! A record hears of an incident of its own, or that one is its own no more.

use kit_decider::Command;
use uuid::Uuid;

use crate::alerts::dismissed;
use crate::{AlertFor, Alerted, Audience, Dossier, Event, IncidentsNoted, Kind, Refusal, Stamp};

/// Where a client shows the incidents of a record.
const INCIDENTS_FORM: &str = "incident_from_case";

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
        let stamp = self.stamp.clone();
        let mut events = vec![Event::IncidentsNoted(IncidentsNoted { stamp, incidents })];
        events.extend(self.heard(dossier));
        Ok(events)
    }
}

impl<K: Kind> NoteIncident<K> {
    /// The owner hears of an incident that somebody else reported, as long as it is the record's.
    fn heard(self, dossier: &Dossier<K>) -> Option<Event> {
        let id = Uuid::new_v5(&self.incident, dossier.id.as_bytes());
        if !self.linked {
            let known = dossier.alerts.iter().any(|alert| alert.id == id);
            return dismissed(self.stamp, known.then_some(id).into_iter().collect());
        }
        (self.stamp.by != dossier.owner).then(|| {
            Event::Alerted(Alerted {
                stamp: self.stamp,
                id,
                alert_for: AlertFor::IncidentFromCase,
                form: INCIDENTS_FORM.to_owned(),
                audience: Audience::Owner,
            })
        })
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
            stamp: by("ann"),
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
        assert_eq!(given.record.alerts, [], "ann reported them herself");
    }

    #[test]
    fn the_owner_hears_of_incidents_that_somebody_else_reported() {
        let catalog = catalog(RecordType::RegistryRecord, "primeromodule-cp", vec![], &[]);
        let context = given::context::<Plain>(CatalogIndex::new(Arc::new(catalog)));
        let mut given = Given::<Plain>::registered(context, json!({}));
        let note = |linked, number| NoteIncident {
            kind: Plain,
            stamp: by("bob"),
            incident: Uuid::from_u128(number),
            linked,
        };
        let edited = given.record.last_updated.clone();
        for number in 1..=3 {
            assert_eq!(given.done(note(true, number)).len(), 2);
            assert_eq!(given.done(note(true, number)), []);
        }
        let document = given.record.document(&Record::new());
        assert_eq!(document["alert_count"], 3);
        assert_eq!(document["current_alert_types"], json!(["incident_from_case"]));
        assert_ne!(given.record.last_updated, edited, "the incidents are news of the record");
        // It went to another record.
        given.done(note(false, 2));
        assert_eq!(given.record.alerts.len(), 2);
        given.update(json!({}));
        assert_eq!(given.record.alerts, [], "the owner saved the record");
    }

    fn by(name: &str) -> Stamp {
        Stamp { by: name.into(), ..Stamp::default() }
    }
}

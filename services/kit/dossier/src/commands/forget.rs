//! What a record holds of another that was erased goes out of it.

use kit_decider::Command;
use serde_json::Value;

use crate::fields::entries;
use crate::{Dossier, Event, Forgotten, ForgottenEntry, Kind, Refusal, Stamp};

/// Takes fields and entries out of a record, and out of what its history tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forget<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub fields: Vec<String>,
    pub entries: Vec<ForgottenEntry>,
}

impl<K: Kind> Command for Forget<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(mut self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        let is_set = |name: &String| dossier.values.get(name).is_some_and(|it| !it.is_null());
        self.fields.retain(is_set);
        self.entries.retain(|entry| {
            entries(&dossier.values, &entry.subform)
                .any(|one| one.get("unique_id").and_then(Value::as_str) == Some(&entry.id))
        });
        let Self { kind: _, stamp, fields, entries } = self;
        if fields.is_empty() && entries.is_empty() {
            return Ok(vec![]);
        }
        Ok(vec![Event::Forgotten(Forgotten { stamp, fields, entries })])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kit_decider::fold;
    use kit_records::{CatalogIndex, FieldType, RecordType};
    use serde_json::json;

    use super::*;
    use crate::given::{self, Given, Plain, catalog, field};
    use crate::history;

    const GONE: &str = "0d8a7a9e-6f5f-4a4e-9b1e-2f6f4f7f9a01";
    const STAYS: &str = "0d8a7a9e-6f5f-4a4e-9b1e-2f6f4f7f9a02";

    fn record() -> Given<Plain> {
        let fields =
            vec![field("age", FieldType::NumericField), field("notes", FieldType::TextField)];
        let members = ("members", &[("member_name", FieldType::TextField)][..]);
        let catalog = catalog(RecordType::RegistryRecord, "primeromodule-cp", fields, &[members]);
        let context = given::context::<Plain>(CatalogIndex::new(Arc::new(catalog)));
        let mut given = Given::registered(
            context,
            json!({"age": 7, "notes": "kept", "members": [
                {"unique_id": GONE, "member_name": "Zubeida"},
                {"unique_id": STAYS, "member_name": "Omar"}]}),
        );
        given.update(json!({"members": [{"unique_id": GONE, "member_name": "Zubeida O."}]}));
        given
    }

    fn forget() -> Forget<Plain> {
        let entry = |id: &str| ForgottenEntry { subform: "members".into(), id: id.into() };
        Forget {
            kind: Plain,
            stamp: Stamp { by: "cases".into(), at: "2026-03-01T00:00:00Z".parse().unwrap() },
            fields: vec!["age".into(), "never_set".into()],
            entries: vec![entry(GONE), entry("unknown")],
        }
    }

    #[test]
    fn what_is_forgotten_is_in_no_state_and_told_by_no_history() {
        let mut given = record();
        let events = given.done(forget());
        let Event::Forgotten(event) = &events[0] else { panic!("{events:?}") };
        assert_eq!((event.fields.len(), event.entries.len()), (1, 1));
        let state = serde_json::to_string(&given.record).unwrap();
        assert!(!state.contains("Zubeida") && state.contains("Omar"), "{state}");
        assert_eq!(given.record.values["age"], Value::Null);
        assert_eq!(fold::<Dossier<Plain>>(&given.events), given.record);
        let told = format!("{:?}", history::entries::<Plain>(&given.events));
        assert!(!told.contains("Zubeida") && told.contains("Omar"), "{told}");
        assert!(!told.contains("\"age\""), "{told}");
        assert_eq!(given.done(forget()), [], "a repeat finds nothing");
    }

    #[test]
    fn what_is_entered_afterwards_is_told_again() {
        let mut given = record();
        given.done(forget());
        given.update(json!({"age": 8}));
        let told = format!("{:?}", history::entries::<Plain>(&given.events));
        assert!(told.contains("\"age\""), "{told}");
    }

    #[test]
    fn a_conflict_about_it_goes_too() {
        let mut given = record();
        given.record.conflicts.insert(
            uuid::Uuid::from_u128(1),
            crate::Conflict {
                path: format!("/members/{GONE}/member_name"),
                kept: json!("Zubeida"),
                kept_by: Stamp::default(),
                proposed: json!("Zubeyda"),
                proposed_by: Stamp::default(),
                base: 1,
            },
        );
        let events = forget().decide(&given.record).unwrap();
        kit_decider::Aggregate::evolve(&mut given.record, &events[0]);
        assert!(given.record.conflicts.is_empty());
    }
}

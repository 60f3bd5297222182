//! Events and state on their way from storage. Yesterday's event shapes become today's here,
//! the only place that knows them.

use kit_decider::Stored;
use serde_json::{Error, from_slice};

use crate::{Dossier, Event, Kind};

impl<K: Kind> Stored for Dossier<K> {
    /// 2: since when its owner has it.
    const STATE: i32 = 2;

    /// By its name at once: finding the name within the JSON first would read it twice.
    fn decode(kind: &str, _schema: i32, json: &[u8]) -> Result<Event, Error> {
        match kind {
            "registered" => from_slice(json).map(Event::Registered),
            "changed" => from_slice(json).map(Event::Changed),
            "closed" => from_slice(json).map(Event::Closed),
            "reopened" => from_slice(json).map(Event::Reopened),
            "status_set" => from_slice(json).map(Event::StatusSet),
            "disabled" => from_slice(json).map(Event::Disabled),
            "enabled" => from_slice(json).map(Event::Enabled),
            "owner_changed" => from_slice(json).map(Event::OwnerChanged),
            "attributed" => from_slice(json).map(Event::Attributed),
            "conflict_opened" => from_slice(json).map(Event::ConflictOpened),
            "conflict_settled" => from_slice(json).map(Event::ConflictSettled),
            "overruled" => from_slice(json).map(Event::Overruled),
            "aged" => from_slice(json).map(Event::Aged),
            "assigned" => from_slice(json).map(Event::Assigned),
            "absorbed" => from_slice(json).map(Event::Absorbed),
            "merged_into" => from_slice(json).map(Event::MergedInto),
            "released" => from_slice(json).map(Event::Released),
            "restored" => from_slice(json).map(Event::Restored),
            "flagged" => from_slice(json).map(Event::Flagged),
            "flag_changed" => from_slice(json).map(Event::FlagChanged),
            "unflagged" => from_slice(json).map(Event::Unflagged),
            "incidents_noted" => from_slice(json).map(Event::IncidentsNoted),
            "forgotten" => from_slice(json).map(Event::Forgotten),
            "alerted" => from_slice(json).map(Event::Alerted),
            "alerts_dismissed" => from_slice(json).map(Event::AlertsDismissed),
            // Says that it knows no such name.
            _ => from_slice(json),
        }
    }
}

#[cfg(test)]
mod tests {
    //! Every event ever stored still decodes: `golden/<kind>.v<schema>.json` is what was written
    //! then. A new shape gets a new file; old files stay. `AMPARO_BLESS=1` writes missing ones.

    use std::path::PathBuf;

    use jiff::civil::date;
    use kit_decider::Aggregate;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::given::{ID, Plain, record};
    use crate::{
        Absorbed, Aged, AlertFor, Alerted, AlertsDismissed, Assigned, Attributed, Audience,
        Changed, Closed, ConflictOpened, ConflictSettled, Disabled, Enabled, FlagChanged, Flagged,
        Forgotten, ForgottenEntry, IncidentsNoted, MergedInto, Overruled, OwnerChanged, Registered,
        Released, ReopenCause, Reopened, Restored, Stamp, StatusSet, Unflagged,
    };

    fn golden() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden")
    }

    fn samples() -> Vec<Event> {
        let stamp = Stamp { by: "ann".into(), at: "2026-01-31T09:05:07.123456Z".parse().unwrap() };
        let (id, path) = (Uuid::from_u128(9), "/age".to_owned());
        let (kept, proposed) = (json!(10), json!(11));
        let mut samples = vec![
            Event::Registered(registered(stamp.clone())),
            Event::Changed(Changed {
                stamp: stamp.clone(),
                action: Some("services_section_from_case".into()),
                base: Some(3),
                changes: record(
                    json!({"age": 10, "contacts": [{"unique_id": id, "_destroy": true}]}),
                ),
                computed: record(json!({"workflow": "case_plan"})),
            }),
            Event::Closed(Closed { stamp: stamp.clone(), date: date(2026, 1, 31) }),
            Event::Reopened(Reopened { stamp: stamp.clone(), cause: ReopenCause::ServiceAdded }),
            Event::StatusSet(StatusSet { stamp: stamp.clone(), status: "duplicate".into() }),
            Event::Disabled(Disabled { stamp: stamp.clone() }),
            Event::Enabled(Enabled { stamp: stamp.clone() }),
            Event::OwnerChanged(OwnerChanged { stamp: stamp.clone(), to: "bob".into() }),
            Event::Attributed(Attributed { stamp: stamp.clone(), to: Some("sam".into()) }),
            Event::ConflictOpened(ConflictOpened {
                stamp: stamp.clone(),
                id,
                path: path.clone(),
                kept: kept.clone(),
                kept_version: 2,
                proposed: proposed.clone(),
                base: 1,
            }),
            Event::ConflictSettled(ConflictSettled { stamp: stamp.clone(), id }),
            Event::Overruled(Overruled { stamp: stamp.clone(), path, kept, proposed, base: 1 }),
            Event::Aged(Aged { stamp: stamp.clone(), age: 10 }),
            Event::Assigned(Assigned { stamp: stamp.clone(), users: vec!["bob".into()] }),
        ];
        samples.extend(later_samples(stamp.clone()));
        samples.extend(samples_of_alerts(stamp));
        samples
    }

    fn later_samples(stamp: Stamp) -> Vec<Event> {
        let id = Uuid::from_u128(9);
        vec![
            Event::Absorbed(Absorbed {
                stamp: stamp.clone(),
                merge: id,
                other: ID,
                other_display_id: "4c1d2ab".into(),
                changes: record(json!({"age": 10})),
                computed: record(json!({"workflow": "case_plan"})),
                conflicts: vec![id],
            }),
            Event::MergedInto(MergedInto {
                stamp: stamp.clone(),
                merge: id,
                into: ID,
                into_display_id: "4c1d2ab".into(),
                into_owner: "bob".into(),
            }),
            Event::Released(Released {
                stamp: stamp.clone(),
                merge: id,
                other: ID,
                values: record(json!({"age": 10})),
            }),
            Event::Restored(Restored { stamp: stamp.clone(), merge: id }),
            Event::Flagged(Flagged {
                stamp: stamp.clone(),
                id: 4,
                message: "call back".into(),
                date: date(2026, 2, 1),
            }),
            Event::FlagChanged(FlagChanged {
                stamp: stamp.clone(),
                id: 4,
                message: Some("write".into()),
                date: None,
            }),
            Event::Unflagged(Unflagged { stamp: stamp.clone(), id: 4, message: "done".into() }),
            Event::IncidentsNoted(IncidentsNoted { stamp: stamp.clone(), incidents: vec![id] }),
            Event::Forgotten(Forgotten {
                stamp,
                fields: vec!["age".into()],
                entries: vec![ForgottenEntry {
                    subform: "family_members".into(),
                    id: id.to_string(),
                }],
            }),
        ]
    }

    fn samples_of_alerts(stamp: Stamp) -> [Event; 2] {
        let id = Uuid::from_u128(9);
        [
            Event::Alerted(Alerted {
                stamp: stamp.clone(),
                id,
                alert_for: AlertFor::FieldChange,
                form: "notes".into(),
                audience: Audience::Associated,
            }),
            Event::AlertsDismissed(AlertsDismissed { stamp, ids: vec![id] }),
        ]
    }

    fn registered(stamp: Stamp) -> Registered {
        Registered {
            stamp,
            id: ID,
            module: Some("primeromodule-cp".into()),
            status: "open".into(),
            owner: "ann".into(),
            created_at: "2026-01-30T08:00:00Z".parse().unwrap(),
            organization: Some("agency-a".into()),
            agency_office: Some("north".into()),
            groups: vec!["group-a".into()],
            code: Some("SY02".into()),
            display_id: "SY02-4c1d2ab".into(),
            identified_by: None,
            values: record(json!({"name_first": "Amal", "sex": "female"})),
            computed: record(json!({"workflow": "new", "registration_date": "2026-01-31"})),
        }
    }

    #[test]
    fn todays_events_are_written_as_the_golden_files_say() {
        let kinds: Vec<_> = samples().iter().map(Event::kind).collect();
        assert_eq!(kinds, Event::KINDS);
        for event in samples() {
            let file =
                golden().join(format!("{}.v{}.json", event.kind(), <Dossier<Plain>>::SCHEMA));
            let written = serde_json::to_value(&event).unwrap();
            if std::env::var_os("AMPARO_BLESS").is_some() && !file.exists() {
                let text = serde_json::to_string_pretty(&written).unwrap();
                std::fs::write(&file, text + "\n").unwrap();
            }
            let told =
                std::fs::read(&file).unwrap_or_else(|_| panic!("{} is missing", file.display()));
            assert_eq!(
                serde_json::from_slice::<Value>(&told).unwrap(),
                written,
                "{}",
                file.display()
            );
            assert_eq!(written["type"], event.kind());
            assert_eq!(
                <Dossier<Plain>>::decode(event.kind(), <Dossier<Plain>>::SCHEMA, &told).unwrap(),
                event
            );
        }
    }

    #[test]
    fn an_event_of_a_later_version_is_not_taken_for_another() {
        assert!(<Dossier<Plain>>::decode("adopted", 2, br#"{"type": "adopted"}"#).is_err());
        assert!(<Dossier<Plain>>::decode("closed", 1, br#"{"type": "closed"}"#).is_err());
    }

    #[test]
    fn every_event_ever_stored_still_decodes() {
        let mut seen = 0;
        for file in std::fs::read_dir(golden()).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let (kind, schema) = name.split_once(".v").unwrap();
            let json = std::fs::read(&path).unwrap();
            let event = <Dossier<Plain>>::decode(kind, schema.parse().unwrap(), &json).unwrap();
            <Dossier<Plain>>::default().evolve(&event);
            seen += 1;
        }
        assert!(seen >= Event::KINDS.len());
    }
}

//! Events and state on their way from storage. Yesterday's event shapes become today's here,
//! the only place that knows them.

use kit_decider::Stored;
use serde_json::{Error, from_slice};

use crate::{Case, CaseEvent};

impl Stored for Case {
    /// By its name at once: finding the name within the JSON first would read it twice.
    fn decode(kind: &str, _schema: i32, json: &[u8]) -> Result<CaseEvent, Error> {
        match kind {
            "registered" => from_slice(json).map(CaseEvent::Registered),
            "changed" => from_slice(json).map(CaseEvent::Changed),
            "closed" => from_slice(json).map(CaseEvent::Closed),
            "reopened" => from_slice(json).map(CaseEvent::Reopened),
            "status_set" => from_slice(json).map(CaseEvent::StatusSet),
            "disabled" => from_slice(json).map(CaseEvent::Disabled),
            "enabled" => from_slice(json).map(CaseEvent::Enabled),
            "owner_changed" => from_slice(json).map(CaseEvent::OwnerChanged),
            "attributed" => from_slice(json).map(CaseEvent::Attributed),
            "conflict_opened" => from_slice(json).map(CaseEvent::ConflictOpened),
            "conflict_settled" => from_slice(json).map(CaseEvent::ConflictSettled),
            "overruled" => from_slice(json).map(CaseEvent::Overruled),
            "aged" => from_slice(json).map(CaseEvent::Aged),
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
    use crate::testing::{CASE, record};
    use crate::{
        Aged, Attributed, Changed, Closed, ConflictOpened, ConflictSettled, Disabled, Enabled,
        Overruled, OwnerChanged, Registered, ReopenCause, Reopened, Stamp, StatusSet,
    };

    fn golden() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden")
    }

    fn samples() -> Vec<CaseEvent> {
        let stamp = Stamp { by: "ann".into(), at: "2026-01-31T09:05:07.123456Z".parse().unwrap() };
        let (id, path) = (Uuid::from_u128(9), "/age".to_owned());
        let (kept, proposed) = (json!(10), json!(11));
        vec![
            CaseEvent::Registered(registered(stamp.clone())),
            CaseEvent::Changed(Changed {
                stamp: stamp.clone(),
                action: Some("services_section_from_case".into()),
                base: Some(3),
                changes: record(
                    json!({"age": 10, "contacts": [{"unique_id": id, "_destroy": true}]}),
                ),
                computed: record(json!({"workflow": "case_plan"})),
            }),
            CaseEvent::Closed(Closed { stamp: stamp.clone(), date: date(2026, 1, 31) }),
            CaseEvent::Reopened(Reopened {
                stamp: stamp.clone(),
                cause: ReopenCause::ServiceAdded,
            }),
            CaseEvent::StatusSet(StatusSet { stamp: stamp.clone(), status: "duplicate".into() }),
            CaseEvent::Disabled(Disabled { stamp: stamp.clone() }),
            CaseEvent::Enabled(Enabled { stamp: stamp.clone() }),
            CaseEvent::OwnerChanged(OwnerChanged { stamp: stamp.clone(), to: "bob".into() }),
            CaseEvent::Attributed(Attributed { stamp: stamp.clone(), to: Some("sam".into()) }),
            CaseEvent::ConflictOpened(ConflictOpened {
                stamp: stamp.clone(),
                id,
                path: path.clone(),
                kept: kept.clone(),
                kept_version: 2,
                proposed: proposed.clone(),
                base: 1,
            }),
            CaseEvent::ConflictSettled(ConflictSettled { stamp: stamp.clone(), id }),
            CaseEvent::Overruled(Overruled { stamp: stamp.clone(), path, kept, proposed, base: 1 }),
            CaseEvent::Aged(Aged { stamp, age: 10 }),
        ]
    }

    fn registered(stamp: Stamp) -> Registered {
        Registered {
            stamp,
            id: CASE,
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
        let kinds: Vec<_> = samples().iter().map(CaseEvent::kind).collect();
        assert_eq!(kinds, CaseEvent::KINDS);
        for event in samples() {
            let file = golden().join(format!("{}.v{}.json", event.kind(), Case::SCHEMA));
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
            assert_eq!(Case::decode(event.kind(), Case::SCHEMA, &told).unwrap(), event);
        }
    }

    #[test]
    fn an_event_of_a_later_version_is_not_taken_for_another() {
        assert!(Case::decode("adopted", 2, br#"{"type": "adopted"}"#).is_err());
        assert!(Case::decode("closed", 1, br#"{"type": "closed"}"#).is_err());
    }

    #[test]
    fn every_event_ever_stored_still_decodes() {
        let mut seen = 0;
        for file in std::fs::read_dir(golden()).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let (kind, schema) = name.split_once(".v").unwrap();
            let json = std::fs::read(&path).unwrap();
            let event = Case::decode(kind, schema.parse().unwrap(), &json).unwrap();
            Case::default().evolve(&event);
            seen += 1;
        }
        assert!(seen >= CaseEvent::KINDS.len());
    }
}

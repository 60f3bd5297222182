//! What holds for every history: nothing panics, folding gives the state, snapshots lose nothing.

use std::collections::HashSet;

use kit_decider::{Command, fold};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::{self, Given};
use crate::{
    AddNote, Case, CaseEvent, CaseKind, CaseRefusal, ReopenCase, ReopenCause, Rights,
    SettleConflict, UpdateCase, View, document, history,
};

/// One thing asked of a case.
#[derive(Debug, Clone)]
enum Ask {
    Register(Value),
    Update { body: Value, back: Option<u64>, rights: bool },
    Note(String),
    Reopen,
    Settle(Value),
}

fn entry() -> impl Strategy<Value = Value> {
    let id = prop_oneof![Just(None), (0..3_u128).prop_map(|n| Some(Uuid::from_u128(n)))];
    (id, any::<Option<u8>>(), prop::bool::weighted(0.2)).prop_map(|(id, age, destroy)| {
        let mut entry = json!({ "contact_age": age });
        if let Some(id) = id {
            entry["unique_id"] = json!(id);
        }
        if destroy {
            entry["_destroy"] = json!(true);
        }
        entry
    })
}

fn service() -> impl Strategy<Value = Value> {
    ((0..3_u128), any::<bool>()).prop_map(|(id, done)| {
        json!({
            "unique_id": Uuid::from_u128(id + 10),
            "service_type": "health",
            "service_response_type": "care_plan",
            "service_implemented_day_time": done.then_some("2026-01-31T10:00:00.000Z"),
        })
    })
}

/// Validation refuses two entries of one id.
fn distinct(mut entries: Vec<Value>) -> Value {
    let mut seen = HashSet::new();
    entries.retain(|one| one.get("unique_id").is_none_or(|id| seen.insert(id.to_string())));
    json!(entries)
}

fn field() -> impl Strategy<Value = (String, Value)> {
    let status = prop::sample::select(vec!["open", "closed", "duplicate", "transferred"]);
    let concern = prop::sample::select(vec!["separated", "unaccompanied", "orphan"]);
    prop_oneof![
        any::<u8>().prop_map(|age| ("age".into(), json!(age))),
        ".{0,8}".prop_map(|name| ("name_first".into(), json!(name))),
        Just(("name".into(), Value::Null)),
        status.prop_map(|status| ("status".into(), json!(status))),
        any::<bool>().prop_map(|on| ("record_state".into(), json!(on))),
        any::<bool>().prop_map(|on| ("case_status_reopened".into(), json!(on))),
        vec(concern, 0..3).prop_map(|list| ("protection_concerns".into(), json!(list))),
        vec(entry(), 0..4).prop_map(|list| ("conf_contacts".into(), distinct(list))),
        vec(service(), 0..3).prop_map(|list| ("services_section".into(), distinct(list))),
        (1990..2030).prop_map(|year| ("date_of_birth".into(), json!(format!("{year}-02-28")))),
        Just(("owned_by".into(), json!("bob"))),
        Just(("services_section".into(), json!("not a list"))),
        Just(("notes_section".into(), json!([1, null, {"note_text": 5}]))),
    ]
}

fn body() -> impl Strategy<Value = Value> {
    vec(field(), 0..5).prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        1 => body().prop_map(Ask::Register),
        8 => (body(), prop::option::of(0..4_u64), any::<bool>())
            .prop_map(|(body, back, rights)| Ask::Update { body, back, rights }),
        1 => ".{0,8}".prop_map(Ask::Note),
        1 => Just(Ask::Reopen),
        2 => any::<u8>().prop_map(|age| Ask::Settle(json!(age))),
    ]
}

fn decide(given: &mut Given, ask: Ask) -> Result<Vec<CaseEvent>, CaseRefusal> {
    let context = given.context.clone();
    match ask {
        Ask::Register(body) => {
            let command = given.register(body);
            given.when(command)
        }
        Ask::Update { body, back, rights } => {
            let rights = if rights { Rights::ALL } else { Rights::default() };
            let base = back.map(|back| given.record.version.saturating_sub(back));
            let command = UpdateCase { base, rights, ..given.patch(body) };
            given.when(command)
        }
        Ask::Note(text) => {
            let note = json!({ "note_text": text });
            given.when(AddNote { context, note: note.as_object().unwrap().clone() })
        }
        Ask::Reopen => given.when(ReopenCase {
            kind: CaseKind,
            stamp: context.stamp(),
            cause: ReopenCause::Asked,
        }),
        Ask::Settle(value) => {
            let conflict = given.record.conflicts.keys().next().copied().unwrap_or_default();
            given.when(SettleConflict { kind: CaseKind, context, conflict, value, base: None })
        }
    }
}

/// Of a record, and not in its history: they repeat what is told, or say nothing of the person.
const UNTOLD: [&str; 6] = [
    "last_updated_at",
    "last_updated_by",
    "not_edited_by_owner",
    "alert_count",
    "current_alert_types",
    "reassigned_transferred_on",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn folding_gives_the_state_and_snapshots_lose_nothing(asks in vec(ask(), 0..25)) {
        let mut given = testing::registered(json!({"age": 9}));
        for ask in asks {
            let _ = decide(&mut given, ask);
        }
        let events = serde_json::to_vec(&given.events).unwrap();
        let events: Vec<CaseEvent> = serde_json::from_slice(&events).unwrap();
        let folded: Case = fold(&events);
        prop_assert_eq!(&folded, &given.record);
        let snapshot = serde_json::to_vec(&given.record).unwrap();
        let restored: Case = serde_json::from_slice(&snapshot).unwrap();
        prop_assert_eq!(&restored, &given.record);
        prop_assert_eq!(document(&restored, View::default()), document(&folded, View::default()));
        prop_assert_eq!(given.record.version, given.events.len() as u64);
    }

    #[test]
    fn a_command_repeated_at_once_changes_nothing_more(ask in ask(), first in body()) {
        let mut given = testing::registered(json!({}));
        let _ = decide(&mut given, Ask::Update { body: first, back: None, rights: true });
        let again = ask.clone();
        let (now, seed) = (given.context.now, given.context.seed);
        if decide(&mut given, ask).is_ok() {
            given.context.now = now;
            given.context.seed = seed;
            let before = given.record.values.clone();
            if matches!(again, Ask::Update { back: None, .. }) {
                let _ = decide(&mut given, again);
                prop_assert_eq!(before, given.record.values);
            }
        }
    }

    #[test]
    fn the_history_adds_up_to_the_record(asks in vec(ask(), 0..15)) {
        let mut given = testing::registered(json!({}));
        for ask in asks {
            let _ = decide(&mut given, ask);
        }
        let mut told = serde_json::Map::new();
        for entry in history::entries::<CaseKind>(&given.events).iter().rev() {
            for change in &entry.changes {
                prop_assert_eq!(told.get(&change.field).unwrap_or(&Value::Null), &change.from);
                told.insert(change.field.clone(), change.to.clone());
            }
        }
        for (name, value) in given.record.own_fields() {
            if !UNTOLD.contains(&name.as_str()) {
                prop_assert_eq!(told.get(&name).unwrap_or(&Value::Null), &value, "{}", name);
            }
        }
    }
}

#[test]
fn nothing_can_be_asked_of_a_case_that_is_not_there() {
    let given = testing::nothing();
    let note = AddNote { context: given.context.clone(), note: serde_json::Map::new() };
    assert_eq!(note.decide(&given.record), Err(CaseRefusal::NotRegistered));
}

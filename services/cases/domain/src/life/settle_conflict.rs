//! Two values for one place: somebody decides.

use kit_decider::Command;
use serde_json::{Value, json};

use crate::testing::{self, Given};
use crate::{CaseEvent, CaseKind, CaseRefusal, SettleConflict};

const ENTRY: &str = "0d8a7a9e-6f5f-4a4e-9b1e-2f6f4f7f9a01";

fn settle(given: &Given, value: Value) -> SettleConflict {
    let conflict = *given.record.conflicts.keys().next().unwrap();
    SettleConflict { kind: CaseKind, context: given.context.clone(), conflict, value, base: None }
}

fn disputed_age() -> Given {
    let mut given = testing::registered(json!({"age": 9}));
    given.update(json!({"age": 10}));
    given.update_from(1, json!({"age": 11}));
    given
}

#[test]
fn another_value_becomes_the_records() {
    let mut given = disputed_age();
    let command = settle(&given, json!(11));
    let kinds: Vec<_> = given.when(command).unwrap().iter().map(CaseEvent::kind).collect();
    assert_eq!(kinds, ["changed", "conflict_settled"]);
    assert_eq!((&given.record.values["age"], given.record.conflicts.len()), (&json!(11), 0));
}

#[test]
fn the_kept_value_needs_no_change() {
    let mut given = disputed_age();
    let command = settle(&given, json!(10));
    let kinds: Vec<_> = given.when(command).unwrap().iter().map(CaseEvent::kind).collect();
    assert_eq!(kinds, ["conflict_settled"]);
}

#[test]
fn the_value_must_be_valid_and_the_field_writable() {
    let given = disputed_age();
    let wrong = settle(&given, json!("eleven")).decide(&given.record);
    assert!(matches!(wrong, Err(CaseRefusal::Invalid(_))), "{wrong:?}");
    let mut command = settle(&given, json!(11));
    command.context.schema = std::sync::Arc::default();
    assert_eq!(command.decide(&given.record), Err(CaseRefusal::NotPermitted));
}

#[test]
fn what_came_after_the_author_looked_is_met_and_not_overwritten() {
    let mut given = disputed_age();
    given.update(json!({"age": 12}));
    let command = SettleConflict { kind: CaseKind, base: Some(3), ..settle(&given, json!(11)) };
    let kinds: Vec<_> = given.when(command).unwrap().iter().map(CaseEvent::kind).collect();
    assert_eq!(kinds, ["conflict_opened", "conflict_settled"]);
    assert_eq!((&given.record.values["age"], given.record.conflicts.len()), (&json!(12), 1));
}

#[test]
fn a_conflict_is_settled_once() {
    let mut given = disputed_age();
    let command = settle(&given, json!(10));
    given.when(command.clone()).unwrap();
    assert_eq!(given.when(command.clone()), Err(CaseRefusal::ConflictUnknown(command.conflict)));
}

#[test]
fn a_value_within_an_entry_that_is_gone_brings_nothing_back() {
    let mut given = testing::registered(
        json!({"conf_contacts": [{"unique_id": ENTRY, "contact_name": "Aunt"}]}),
    );
    given.update(json!({"conf_contacts": [{"unique_id": ENTRY, "contact_name": "Uncle"}]}));
    given
        .update_from(1, json!({"conf_contacts": [{"unique_id": ENTRY, "contact_name": "Cousin"}]}));
    given.update(json!({"conf_contacts": [{"unique_id": ENTRY, "_destroy": true}]}));
    let command = settle(&given, json!("Cousin"));
    given.when(command).unwrap();
    assert_eq!(
        (&given.record.values["conf_contacts"], given.record.conflicts.len()),
        (&json!([]), 0)
    );
}

#[test]
fn a_removed_entry_can_be_brought_back_whole() {
    let mut given = testing::registered(
        json!({"conf_contacts": [{"unique_id": ENTRY, "contact_name": "Aunt"}]}),
    );
    given.update(json!({"conf_contacts": [{"unique_id": ENTRY, "_destroy": true}]}));
    given.update_from(1, json!({"conf_contacts": [{"unique_id": ENTRY, "contact_age": 40}]}));
    let whole = json!({"unique_id": ENTRY, "contact_name": "Aunt", "contact_age": 40});
    let command = settle(&given, whole.clone());
    given.when(command).unwrap();
    assert_eq!(given.record.values["conf_contacts"], json!([whole]));
}

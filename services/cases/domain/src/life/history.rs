//! What the change history of a case shows.

use kit_dossier::history::{Clash, HistoryEntry, entries};
use serde_json::{Value, json};

use crate::{CaseKind, testing};

fn told(entry: &HistoryEntry, field: &str) -> Option<Value> {
    entry.changes.iter().find(|one| one.field == field).map(|one| json!([one.from, one.to]))
}

#[test]
fn creation_tells_every_field_from_null_and_updates_from_before() {
    let mut given = testing::registered(json!({"age": 9, "name": "History"}));
    given.update(json!({"age": 10, "name": "History Two"}));
    let entries = entries::<CaseKind>(&given.events);
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1].action.as_str(), "create");
    assert_eq!(told(&entries[1], "age"), Some(json!([null, 9])));
    assert_eq!(told(&entries[1], "status"), Some(json!([null, "open"])));
    let fields: Vec<_> = entries[0].changes.iter().map(|one| one.field.as_str()).collect();
    assert_eq!((entries[0].action.as_str(), fields), ("update", vec!["age", "name"]));
    assert_eq!(told(&entries[0], "age"), Some(json!([9, 10])));
}

#[test]
fn a_save_of_several_events_is_one_entry() {
    let mut given = testing::registered(json!({}));
    given.update(json!({"status": "closed", "closure_reason": "reached_age"}));
    let entries = entries::<CaseKind>(&given.events);
    assert_eq!((given.events.len(), entries.len()), (3, 2));
    assert_eq!(told(&entries[0], "status"), Some(json!(["open", "closed"])));
    assert_eq!(told(&entries[0], "workflow"), Some(json!(["new", "closed"])));
    assert_eq!(told(&entries[0], "date_closure"), Some(json!([null, "2026-01-31"])));
    assert_eq!(told(&entries[0], "closure_reason"), Some(json!([null, "reached_age"])));
}

#[test]
fn subforms_are_told_whole() {
    let id = "0d8a7a9e-6f5f-4a4e-9b1e-2f6f4f7f9a01";
    let mut given = testing::registered(json!({}));
    given.update(json!({"conf_contacts": [{"unique_id": id, "contact_name": "One"}]}));
    given.update(json!({"conf_contacts": [{"unique_id": id, "contact_age": 30}]}));
    let entries = entries::<CaseKind>(&given.events);
    assert_eq!(
        told(&entries[0], "conf_contacts"),
        Some(json!([
            [{"unique_id": id, "contact_name": "One"}],
            [{"unique_id": id, "contact_name": "One", "contact_age": 30}],
        ]))
    );
}

#[test]
fn both_values_of_a_conflict_are_told() {
    let mut given = testing::registered(json!({"age": 9}));
    given.update(json!({"age": 10}));
    given.update_from(1, json!({"age": 11}));
    let entries = entries::<CaseKind>(&given.events);
    assert_eq!(entries[0].changes, []);
    let clash = Clash { path: "/age".into(), kept: json!(10), proposed: json!(11), open: true };
    assert_eq!(entries[0].clashes, [clash]);
}

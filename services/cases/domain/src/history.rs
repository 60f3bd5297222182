//! What the change history of a case shows: one entry for each save, told from the events.

use kit_decider::Aggregate;
use kit_records::Record;
use kit_records::history::{Change, diff};
use serde_json::Value;

use crate::document::own_fields;
use crate::{Case, CaseEvent, Stamp};

/// One save: who, when, and what it changed.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    pub stamp: Stamp,
    pub action: Action,
    /// The `record_action` that the save was done under.
    pub record_action: Option<String>,
    /// The version of the record after the save.
    pub version: u64,
    pub changes: Vec<Change>,
    /// Values that met each other in this save.
    pub clashes: Vec<Clash>,
}

/// What a save was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Create,
    Update,
}

/// A value that was sent and did not become the record's.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    pub path: String,
    pub kept: Value,
    pub proposed: Value,
    /// Whether a person has to settle it.
    pub open: bool,
}

/// Fields that every save changes and that say nothing of the child.
const NOT_TOLD: &[&str] = &["last_updated_at", "last_updated_by", "not_edited_by_owner"];

impl Action {
    /// The name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
        }
    }
}

/// The entries of a whole history, newest first. Events of one command carry one stamp and make
/// one entry.
pub fn entries<'a>(events: impl IntoIterator<Item = &'a CaseEvent>) -> Vec<HistoryEntry> {
    let mut told = Vec::new();
    let mut case = Case::default();
    let mut before = Record::new();
    let mut saves = events.into_iter().peekable();
    while let Some(first) = saves.next() {
        let mut entry = started(first);
        note(&mut entry, first);
        case.evolve(first);
        while let Some(next) = saves.next_if(|next| next.stamp() == first.stamp()) {
            note(&mut entry, next);
            case.evolve(next);
        }
        let mut after = own_fields(&case);
        after.retain(|name, _| !NOT_TOLD.contains(&name.as_str()));
        entry.changes = diff(&before, &after);
        entry.version = case.version;
        before = after;
        if !(entry.changes.is_empty() && entry.clashes.is_empty()) {
            told.push(entry);
        }
    }
    told.reverse();
    told
}

fn started(first: &CaseEvent) -> HistoryEntry {
    HistoryEntry {
        stamp: first.stamp().clone(),
        action: Action::Update,
        record_action: None,
        version: 0,
        changes: Vec::new(),
        clashes: Vec::new(),
    }
}

fn note(entry: &mut HistoryEntry, event: &CaseEvent) {
    let clash = |path: &str, kept: &Value, proposed: &Value, open| Clash {
        path: path.to_owned(),
        kept: kept.clone(),
        proposed: proposed.clone(),
        open,
    };
    match event {
        CaseEvent::Registered(_) => entry.action = Action::Create,
        CaseEvent::Changed(changed) => entry.record_action.clone_from(&changed.action),
        CaseEvent::ConflictOpened(one) => {
            entry.clashes.push(clash(&one.path, &one.kept, &one.proposed, true));
        }
        CaseEvent::Overruled(one) => {
            entry.clashes.push(clash(&one.path, &one.kept, &one.proposed, false));
        }
        CaseEvent::Closed(_)
        | CaseEvent::Reopened(_)
        | CaseEvent::StatusSet(_)
        | CaseEvent::Disabled(_)
        | CaseEvent::Enabled(_)
        | CaseEvent::OwnerChanged(_)
        | CaseEvent::Attributed(_)
        | CaseEvent::ConflictSettled(_)
        | CaseEvent::Aged(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Given;

    fn told(entry: &HistoryEntry, field: &str) -> Option<Value> {
        entry.changes.iter().find(|one| one.field == field).map(|one| json!([one.from, one.to]))
    }

    #[test]
    fn creation_tells_every_field_from_null_and_updates_from_before() {
        let mut given = Given::registered(json!({"age": 9, "name": "History"}));
        given.update(json!({"age": 10, "name": "History Two"}));
        let entries = entries(&given.events);
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
        let mut given = Given::registered(json!({}));
        given.update(json!({"status": "closed", "closure_reason": "reached_age"}));
        let entries = entries(&given.events);
        assert_eq!((given.events.len(), entries.len()), (3, 2));
        assert_eq!(told(&entries[0], "status"), Some(json!(["open", "closed"])));
        assert_eq!(told(&entries[0], "workflow"), Some(json!(["new", "closed"])));
        assert_eq!(told(&entries[0], "date_closure"), Some(json!([null, "2026-01-31"])));
        assert_eq!(told(&entries[0], "closure_reason"), Some(json!([null, "reached_age"])));
    }

    #[test]
    fn subforms_are_told_whole() {
        let id = "0d8a7a9e-6f5f-4a4e-9b1e-2f6f4f7f9a01";
        let mut given = Given::registered(json!({}));
        given.update(json!({"conf_contacts": [{"unique_id": id, "contact_name": "One"}]}));
        given.update(json!({"conf_contacts": [{"unique_id": id, "contact_age": 30}]}));
        let entries = entries(&given.events);
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
        let mut given = Given::registered(json!({"age": 9}));
        given.update(json!({"age": 10}));
        given.update_from(1, json!({"age": 11}));
        let entries = entries(&given.events);
        assert_eq!(entries[0].changes, []);
        let clash = Clash { path: "/age".into(), kept: json!(10), proposed: json!(11), open: true };
        assert_eq!(entries[0].clashes, [clash]);
    }
}

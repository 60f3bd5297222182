//! Two values for one place: somebody decides.

use kit_decider::Command;
use kit_records::merge::patch_at;
use kit_records::patch::entry_id;
use kit_records::{Record, RecordType, Unknown, Validation};
use serde_json::Value;
use uuid::Uuid;

use crate::commands::UpdateCase;
use crate::{Case, CaseEvent, CaseRefusal, Conflict, ConflictSettled, Context, Named, Rights};

/// Settles an open conflict with one of its values, or with another that joins them.
#[derive(Debug, Clone)]
pub struct SettleConflict {
    pub context: Context,
    pub conflict: Uuid,
    /// As the body holds it; validated here, since only the case knows the place.
    pub value: Value,
    /// The version of the record that the decision was made on: what came to the place after it
    /// is not overwritten, it is met as any other change. None means that the choice stands.
    pub base: Option<u64>,
}

impl Command for SettleConflict {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if !case.is_registered() {
            return Err(CaseRefusal::NotRegistered);
        }
        let Some(conflict) = case.conflicts.get(&self.conflict) else {
            return Err(CaseRefusal::ConflictUnknown(self.conflict));
        };
        let settled = ConflictSettled { stamp: self.context.stamp(), id: self.conflict };
        let body = self.body(case, conflict)?;
        let update = UpdateCase {
            context: self.context,
            body,
            base: self.base,
            seen: None,
            action: Some("settle_conflict".into()),
            rights: Rights::default(),
            owner: Named::Nobody,
            identified: Named::Nobody,
        };
        // The choice may meet a change that its author had not seen: a conflict of its own.
        let mut others = case.clone();
        others.conflicts.remove(&self.conflict);
        let mut events = update.decide(&others)?;
        events.push(CaseEvent::ConflictSettled(settled));
        Ok(events)
    }
}

impl SettleConflict {
    fn body(&self, case: &Case, conflict: &Conflict) -> Result<Record, CaseRefusal> {
        let body = patch_at(&conflict.path, &self.value);
        let validation = Validation {
            index: &self.context.index,
            record_type: RecordType::Case,
            schema: &self.context.schema,
            unknown: Unknown::Ignore,
            today: self.context.today,
        };
        let valid = validation.check(&body).map_err(CaseRefusal::Invalid)?;
        if valid.is_empty() && !body.is_empty() {
            return Err(CaseRefusal::NotPermitted);
        }
        // A value within an entry that is gone would bring back a torso of the entry.
        Ok(if is_within_gone_entry(case, &conflict.path) { Record::new() } else { valid })
    }
}

fn is_within_gone_entry(case: &Case, path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let (Some(subform), Some(id), Some(_)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let entries = case.values.get(subform).and_then(Value::as_array);
    Uuid::try_parse(id).is_ok()
        && !entries.is_some_and(|list| list.iter().any(|entry| entry_id(entry) == Some(id)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Given;

    const ENTRY: &str = "0d8a7a9e-6f5f-4a4e-9b1e-2f6f4f7f9a01";

    fn settle(given: &Given, value: Value) -> SettleConflict {
        let conflict = *given.case.conflicts.keys().next().unwrap();
        SettleConflict { context: given.context.clone(), conflict, value, base: None }
    }

    fn disputed_age() -> Given {
        let mut given = Given::registered(json!({"age": 9}));
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
        assert_eq!((&given.case.values["age"], given.case.conflicts.len()), (&json!(11), 0));
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
        let wrong = settle(&given, json!("eleven")).decide(&given.case);
        assert!(matches!(wrong, Err(CaseRefusal::Invalid(_))), "{wrong:?}");
        let mut command = settle(&given, json!(11));
        command.context.schema = std::sync::Arc::default();
        assert_eq!(command.decide(&given.case), Err(CaseRefusal::NotPermitted));
    }

    #[test]
    fn what_came_after_the_author_looked_is_met_and_not_overwritten() {
        let mut given = disputed_age();
        given.update(json!({"age": 12}));
        let command = SettleConflict { base: Some(3), ..settle(&given, json!(11)) };
        let kinds: Vec<_> = given.when(command).unwrap().iter().map(CaseEvent::kind).collect();
        assert_eq!(kinds, ["conflict_opened", "conflict_settled"]);
        assert_eq!((&given.case.values["age"], given.case.conflicts.len()), (&json!(12), 1));
    }

    #[test]
    fn a_conflict_is_settled_once() {
        let mut given = disputed_age();
        let command = settle(&given, json!(10));
        given.when(command.clone()).unwrap();
        assert_eq!(
            given.when(command.clone()),
            Err(CaseRefusal::ConflictUnknown(command.conflict))
        );
    }

    #[test]
    fn a_value_within_an_entry_that_is_gone_brings_nothing_back() {
        let mut given = Given::registered(
            json!({"conf_contacts": [{"unique_id": ENTRY, "contact_name": "Aunt"}]}),
        );
        given.update(json!({"conf_contacts": [{"unique_id": ENTRY, "contact_name": "Uncle"}]}));
        given.update_from(
            1,
            json!({"conf_contacts": [{"unique_id": ENTRY, "contact_name": "Cousin"}]}),
        );
        given.update(json!({"conf_contacts": [{"unique_id": ENTRY, "_destroy": true}]}));
        let command = settle(&given, json!("Cousin"));
        given.when(command).unwrap();
        assert_eq!(
            (&given.case.values["conf_contacts"], given.case.conflicts.len()),
            (&json!([]), 0)
        );
    }

    #[test]
    fn a_removed_entry_can_be_brought_back_whole() {
        let mut given = Given::registered(
            json!({"conf_contacts": [{"unique_id": ENTRY, "contact_name": "Aunt"}]}),
        );
        given.update(json!({"conf_contacts": [{"unique_id": ENTRY, "_destroy": true}]}));
        given.update_from(1, json!({"conf_contacts": [{"unique_id": ENTRY, "contact_age": 40}]}));
        let whole = json!({"unique_id": ENTRY, "contact_name": "Aunt", "contact_age": 40});
        let command = settle(&given, whole.clone());
        given.when(command).unwrap();
        assert_eq!(given.case.values["conf_contacts"], json!([whole]));
    }
}

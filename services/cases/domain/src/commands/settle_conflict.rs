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
            base: None,
            action: Some("settle_conflict".into()),
            rights: Rights::default(),
            owner: Named::Nobody,
            identified: Named::Nobody,
        };
        let mut events = update.decide(case)?;
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

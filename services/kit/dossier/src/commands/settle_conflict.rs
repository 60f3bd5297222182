//! Two values for one place: somebody decides.

use kit_decider::Command;
use kit_records::merge::patch_at;
use kit_records::patch::entry_id;
use kit_records::{Record, Unknown, Validation};
use serde_json::Value;
use uuid::Uuid;

use crate::commands::Update;
use crate::{Conflict, ConflictSettled, Context, Dossier, Event, Kind, Named, Refusal, Rights};

/// Settles an open conflict with one of its values, or with another that joins them.
#[derive(Debug, Clone)]
pub struct SettleConflict<K: Kind> {
    pub kind: K,
    pub context: Context,
    pub conflict: Uuid,
    /// As the body holds it; validated here, since only the record knows the place.
    pub value: Value,
    /// The version of the record that the decision was made on: what came to the place after it
    /// is not overwritten, it is met as any other change. None means that the choice stands.
    pub base: Option<u64>,
}

impl<K: Kind> Command for SettleConflict<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        let Some(conflict) = dossier.conflicts.get(&self.conflict) else {
            return Err(Refusal::ConflictUnknown(self.conflict));
        };
        let settled = ConflictSettled { stamp: self.context.stamp(), id: self.conflict };
        let body = self.body(dossier, conflict)?;
        let update = Update {
            kind: self.kind,
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
        let mut others = dossier.clone();
        others.conflicts.remove(&self.conflict);
        let mut events = update.decide(&others)?;
        events.push(Event::ConflictSettled(settled));
        Ok(events)
    }
}

impl<K: Kind> SettleConflict<K> {
    fn body(&self, dossier: &Dossier<K>, conflict: &Conflict) -> Result<Record, Refusal> {
        let body = patch_at(&conflict.path, &self.value);
        let validation = Validation {
            index: &self.context.index,
            record_type: K::RECORD_TYPE,
            schema: &self.context.schema,
            unknown: Unknown::Ignore,
            today: self.context.today,
        };
        let valid = validation.check(&body).map_err(Refusal::Invalid)?;
        if valid.is_empty() && !body.is_empty() {
            return Err(Refusal::NotPermitted);
        }
        // A value within an entry that is gone would bring back a torso of the entry.
        Ok(if is_within_gone_entry(dossier, &conflict.path) { Record::new() } else { valid })
    }
}

fn is_within_gone_entry<K: Kind>(dossier: &Dossier<K>, path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let (Some(subform), Some(id), Some(_)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let entries = dossier.values.get(subform).and_then(Value::as_array);
    Uuid::try_parse(id).is_ok()
        && !entries.is_some_and(|list| list.iter().any(|entry| entry_id(entry) == Some(id)))
}

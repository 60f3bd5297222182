//! `AddFormGroup`: a form names a group that its lookup does not know yet.

use kit_decider::Command;
use serde_json::Value;

use crate::{Lookup, LookupEvent, Refusal};

/// Adds a value at the end of a lookup of form groups.
#[derive(Debug, Clone)]
pub struct AddFormGroup {
    pub value: Value,
}

impl Command for AddFormGroup {
    type Of = Lookup;
    type Refusal = Refusal;

    fn decide(self, lookup: &Lookup) -> Result<Vec<LookupEvent>, Refusal> {
        let id = self.value.get("id").and_then(Value::as_str).unwrap_or_default();
        if !lookup.exists || lookup.value_text(id).is_some() {
            return Ok(vec![]);
        }
        let mut values = lookup.values().to_vec();
        values.push(self.value);
        let mut attributes = lookup.attributes.clone();
        attributes.set("values", Value::from(values));
        Ok(vec![LookupEvent::Revised { changes: lookup.attributes.changes_to(&attributes) }])
    }
}

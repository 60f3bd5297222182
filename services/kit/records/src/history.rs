//! What changed between two states of a record, as the change history shows it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Record;

/// One field's change; subforms are told whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub field: String,
    pub from: Value,
    pub to: Value,
}

impl Change {
    /// The entry of `record_changes`: `{"age": {"from": 9, "to": 10}}`.
    pub fn to_json(&self) -> Value {
        json!({ &self.field: {"from": self.from, "to": self.to} })
    }
}

/// Every field that differs, in the order of the later state; a missing field counts as null.
pub fn diff(before: &Record, after: &Record) -> Vec<Change> {
    let of = |record: &Record, name: &str| record.get(name).cloned().unwrap_or(Value::Null);
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    after
        .keys()
        .chain(gone)
        .map(|name| Change { field: name.clone(), from: of(before, name), to: of(after, name) })
        .filter(|change| change.from != change.to)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn creation_tells_every_filled_field_from_null() {
        let after = json!({"age": 9, "sex": null, "tags": []});
        let changes = diff(&Record::new(), after.as_object().unwrap());
        let told: Vec<Value> = changes.iter().map(Change::to_json).collect();
        assert_eq!(
            told,
            [json!({"age": {"from": null, "to": 9}}), json!({"tags": {"from": null, "to": []}})]
        );
    }

    #[test]
    fn subforms_are_told_whole_and_equal_fields_not_at_all() {
        let before = json!({"a": 1, "s": [{"unique_id": "1", "x": 1}], "gone": true});
        let after = json!({"a": 1, "s": [{"unique_id": "1", "x": 2}]});
        let changes = diff(before.as_object().unwrap(), after.as_object().unwrap());
        assert_eq!(
            changes,
            [
                Change {
                    field: "s".into(),
                    from: json!([{"unique_id": "1", "x": 1}]),
                    to: json!([{"unique_id": "1", "x": 2}])
                },
                Change { field: "gone".into(), from: json!(true), to: Value::Null },
            ]
        );
    }
}

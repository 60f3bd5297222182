//! The deep merge of a body into a stored record, as Primero's API does it.
//!
//! Objects merge key by key; lists of objects (subforms) merge by `unique_id`, new entries go
//! last, `_destroy` removes; anything else is replaced. `[]` for a filled subform changes nothing.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::Record;

/// The key by which entries of a subform are told apart.
pub const UNIQUE_ID: &str = "unique_id";
/// The key that removes an entry.
pub const DESTROY: &str = "_destroy";

/// The record after a validated body was merged into it; `new_id` names entries without an id.
pub fn apply(stored: &Record, patch: &Record, new_id: &mut dyn FnMut() -> Uuid) -> Record {
    let mut record = stored.clone();
    merge_object(&mut record, patch, new_id);
    record
}

/// The top-level fields that differ, with their new values (null where a field is gone).
pub fn changed(before: &Record, after: &Record) -> Record {
    let mut fields: Record = after
        .iter()
        .filter(|(name, value)| before.get(*name).unwrap_or(&Value::Null) != *value)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for name in before.iter().filter(|(name, value)| !value.is_null() && !after.contains_key(*name))
    {
        fields.insert(name.0.clone(), Value::Null);
    }
    fields
}

/// Whether a value is a subform: a list with at least one object.
pub fn is_subform(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().any(Value::is_object))
}

/// The id of a subform's entry.
pub fn entry_id(entry: &Value) -> Option<&str> {
    entry.get(UNIQUE_ID).and_then(Value::as_str)
}

/// Whether an entry asks to be removed.
pub fn is_destroyed(entry: &Value) -> bool {
    entry.get(DESTROY) == Some(&Value::Bool(true))
}

fn merge_object(stored: &mut Record, patch: &Record, new_id: &mut dyn FnMut() -> Uuid) {
    for (name, sent) in patch {
        match stored.get_mut(name) {
            Some(present) => merge_value(present, sent, new_id),
            None => {
                let mut present = Value::Null;
                merge_value(&mut present, sent, new_id);
                stored.insert(name.clone(), present);
            }
        }
    }
}

fn merge_value(stored: &mut Value, sent: &Value, new_id: &mut dyn FnMut() -> Uuid) {
    match (&mut *stored, sent) {
        (Value::Object(present), Value::Object(sent)) => merge_object(present, sent, new_id),
        (Value::Array(present), Value::Array(sent)) if present.iter().any(Value::is_object) => {
            merge_entries(present, sent, new_id);
        }
        (_, Value::Array(entries)) if is_subform(sent) => {
            let mut present = Vec::new();
            merge_entries(&mut present, entries, new_id);
            *stored = Value::Array(present);
        }
        _ => *stored = sent.clone(),
    }
}

fn merge_entries(stored: &mut Vec<Value>, sent: &[Value], new_id: &mut dyn FnMut() -> Uuid) {
    for entry in sent {
        let place = entry_id(entry)
            .and_then(|id| stored.iter().position(|present| entry_id(present) == Some(id)));
        match (place, entry) {
            (Some(at), _) if is_destroyed(entry) => {
                stored.remove(at);
            }
            (Some(at), Value::Object(fields)) => {
                if let Value::Object(present) = &mut stored[at] {
                    merge_object(present, fields, new_id);
                    present.shift_remove(DESTROY);
                }
            }
            (None, Value::Object(fields)) if !is_destroyed(entry) => {
                stored.push(Value::Object(new_entry(fields, new_id)));
            }
            _ => {}
        }
    }
}

fn new_entry(fields: &Record, new_id: &mut dyn FnMut() -> Uuid) -> Record {
    let mut entry = Map::new();
    let id = match fields.get(UNIQUE_ID) {
        Some(Value::String(id)) => id.clone(),
        _ => new_id().to_string(),
    };
    merge_object(&mut entry, fields, new_id);
    entry.shift_remove(DESTROY);
    entry.insert(UNIQUE_ID.into(), id.into());
    entry
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(value: Value) -> Record {
        value.as_object().unwrap().clone()
    }

    fn applied(stored: Value, patch: Value) -> Value {
        let mut next = 0;
        let mut new_id = || {
            next += 1;
            Uuid::from_u128(next)
        };
        Value::Object(apply(&record(stored), &record(patch), &mut new_id))
    }

    #[test]
    fn scalars_and_lists_of_scalars_are_replaced_and_null_clears() {
        assert_eq!(
            applied(json!({"a": 1, "b": ["x"], "c": 2}), json!({"a": null, "b": ["y"]})),
            json!({"a": null, "b": ["y"], "c": 2})
        );
    }

    #[test]
    fn an_empty_list_empties_a_multi_select_but_keeps_a_subform() {
        assert_eq!(
            applied(json!({"m": ["x"], "s": [{"unique_id": "1"}]}), json!({"m": [], "s": []})),
            json!({"m": [], "s": [{"unique_id": "1"}]})
        );
    }

    #[test]
    fn entries_merge_by_id_and_new_ones_go_last() {
        assert_eq!(
            applied(
                json!({"s": [{"unique_id": "1", "a": 1, "b": 1}, {"unique_id": "2", "a": 2}]}),
                json!({"s": [{"a": 3}, {"unique_id": "9", "a": 9}, {"unique_id": "1", "a": 10}]}),
            ),
            json!({"s": [
                {"unique_id": "1", "a": 10, "b": 1},
                {"unique_id": "2", "a": 2},
                {"a": 3, "unique_id": "00000000-0000-0000-0000-000000000001"},
                {"unique_id": "9", "a": 9},
            ]})
        );
    }

    #[test]
    fn destroy_removes_known_entries_and_ignores_unknown_ones() {
        assert_eq!(
            applied(
                json!({"s": [{"unique_id": "1"}, {"unique_id": "2"}]}),
                json!({"s": [{"unique_id": "1", "_destroy": true}, {"unique_id": "7", "_destroy": true}]}),
            ),
            json!({"s": [{"unique_id": "2"}]})
        );
    }

    #[test]
    fn markers_are_not_stored_when_a_subform_is_set_for_the_first_time() {
        assert_eq!(
            applied(
                json!({"s": null}),
                json!({"s": [{"unique_id": "1", "_destroy": false}, {"unique_id": "2", "_destroy": true}]}),
            ),
            json!({"s": [{"unique_id": "1"}]})
        );
    }

    #[test]
    fn tallies_merge_key_by_key() {
        assert_eq!(
            applied(json!({"t": {"boys": 1, "girls": 2}}), json!({"t": {"girls": 3}})),
            json!({"t": {"boys": 1, "girls": 3}})
        );
    }

    #[test]
    fn nested_entries_without_an_id_get_one() {
        let merged = applied(json!({}), json!({"s": [{"unique_id": "1", "n": [{"a": 1}]}]}));
        assert_eq!(merged["s"][0]["n"][0]["unique_id"], Uuid::from_u128(1).to_string());
    }

    #[test]
    fn changed_names_what_differs() {
        let (before, after) = (
            record(json!({"a": 1, "b": 2, "n": null})),
            record(json!({"a": 1, "c": 3, "d": null})),
        );
        assert_eq!(Value::Object(changed(&before, &after)), json!({"c": 3, "b": null}));
    }
}

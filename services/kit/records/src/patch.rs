//! The deep merge of a body into a stored record, as Primero's API does it.
//!
//! Objects merge key by key; lists of objects (subforms) merge by `unique_id`, new entries go
//! last, `_destroy` removes; anything else is replaced. `[]` for a filled subform changes nothing.

use serde_json::Value;
use uuid::Uuid;

use crate::Record;

/// The key by which entries of a subform are told apart.
pub const UNIQUE_ID: &str = "unique_id";
/// The key that removes an entry.
pub const DESTROY: &str = "_destroy";

/// Merges a validated body into a record. Total: it never fails, so that folding can use it.
/// Entries should have ids; see [`name_entries`].
pub fn apply(record: &mut Record, patch: &Record) {
    for (name, sent) in patch {
        if let Some(present) = record.get_mut(name) {
            merge_value(present, sent);
        } else {
            let mut present = Value::Null;
            merge_value(&mut present, sent);
            record.insert(name.clone(), present);
        }
    }
}

/// Gives an id to every entry of a subform that has none, also in subforms of subforms.
pub fn name_entries(patch: &mut Record, new_id: &mut dyn FnMut() -> Uuid) {
    for value in patch.values_mut() {
        match value {
            Value::Object(inner) => name_entries(inner, new_id),
            Value::Array(items) => {
                for entry in items.iter_mut().filter_map(Value::as_object_mut) {
                    name_entries(entry, new_id);
                    if !entry.get(UNIQUE_ID).is_some_and(Value::is_string) {
                        entry.insert(UNIQUE_ID.into(), new_id().to_string().into());
                    }
                }
            }
            _ => {}
        }
    }
}

/// The part of a patch that changes something: applying it gives the same record as applying the
/// whole. What is equal already, `_destroy` of unknown entries and `[]` for a filled subform go.
pub fn reduce(record: &Record, patch: &Record) -> Record {
    let present = |name: &str| record.get(name).unwrap_or(&Value::Null);
    patch
        .iter()
        .filter_map(|(name, sent)| Some((name.clone(), reduce_value(present(name), sent)?)))
        .collect()
}

fn reduce_value(stored: &Value, sent: &Value) -> Option<Value> {
    match (stored, sent) {
        (Value::Object(stored), Value::Object(sent)) => {
            let kept = reduce(stored, sent);
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        (Value::Array(entries), Value::Array(sent)) if is_subform(stored) => {
            let kept: Vec<Value> =
                sent.iter().filter_map(|one| reduce_entry(entries, one)).collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        (_, Value::Array(sent)) if sent.iter().any(Value::is_object) => {
            let kept: Vec<Value> = sent.iter().filter_map(|one| reduce_entry(&[], one)).collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        _ => (stored != sent).then(|| sent.clone()),
    }
}

fn reduce_entry(stored: &[Value], sent: &Value) -> Option<Value> {
    let known = entry_id(sent).and_then(|id| stored.iter().find(|one| entry_id(one) == Some(id)));
    match (known.and_then(Value::as_object), sent.as_object()?) {
        (Some(_), _) if is_destroyed(sent) => Some(sent.clone()),
        (None, _) if is_destroyed(sent) => None,
        (None, fields) => {
            let mut entry = fields.clone();
            entry.shift_remove(DESTROY);
            Some(Value::Object(entry))
        }
        (Some(present), fields) => {
            let mut kept = reduce(present, fields);
            kept.shift_remove(DESTROY);
            if kept.is_empty() {
                return None;
            }
            kept.insert(UNIQUE_ID.into(), fields[UNIQUE_ID].clone());
            Some(Value::Object(kept))
        }
    }
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

fn merge_value(stored: &mut Value, sent: &Value) {
    match (&mut *stored, sent) {
        (Value::Object(present), Value::Object(sent)) => apply(present, sent),
        (Value::Array(present), Value::Array(sent)) if present.iter().any(Value::is_object) => {
            merge_entries(present, sent);
        }
        (_, Value::Array(entries)) if is_subform(sent) => {
            let mut present = Vec::new();
            merge_entries(&mut present, entries);
            *stored = Value::Array(present);
        }
        _ => *stored = sent.clone(),
    }
}

fn merge_entries(stored: &mut Vec<Value>, sent: &[Value]) {
    for entry in sent {
        let place = entry_id(entry)
            .and_then(|id| stored.iter().position(|present| entry_id(present) == Some(id)));
        match (place, entry) {
            (Some(at), _) if is_destroyed(entry) => {
                stored.remove(at);
            }
            (Some(at), Value::Object(fields)) => {
                if let Value::Object(present) = &mut stored[at] {
                    apply(present, fields);
                    present.shift_remove(DESTROY);
                }
            }
            (None, Value::Object(fields)) if !is_destroyed(entry) => {
                let mut added = Record::new();
                apply(&mut added, fields);
                added.shift_remove(DESTROY);
                stored.push(Value::Object(added));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "tests read better with values in place")]
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
        let (mut state, mut patch) = (record(stored), record(patch));
        name_entries(&mut patch, &mut new_id);
        let reduced = reduce(&state, &patch);
        let mut again = state.clone();
        apply(&mut state, &patch);
        apply(&mut again, &reduced);
        assert_eq!(again, state, "a reduced patch does the same");
        assert!(reduce(&state, &patch).is_empty(), "a second time changes nothing");
        Value::Object(state)
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
    fn a_reduced_patch_holds_only_what_changes() {
        let stored = record(json!({"a": 1, "b": 2, "s": [{"unique_id": "1", "x": 1, "y": 1}]}));
        let patch = record(json!({
            "a": 1, "b": 3, "new": null,
            "s": [{"unique_id": "1", "x": 1, "y": 2}, {"unique_id": "8", "_destroy": true}],
        }));
        assert_eq!(
            Value::Object(reduce(&stored, &patch)),
            json!({"b": 3, "s": [{"y": 2, "unique_id": "1"}]})
        );
        assert!(reduce(&stored, &record(json!({"s": []}))).is_empty());
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

//! Which paths of a record were last changed at which version.
//!
//! A path is a JSON pointer in which subform entries stand by their `unique_id`:
//! `/age`, `/contacts/<unique_id>/phone`, `/tally/boys`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Record;
use crate::patch::{DESTROY, UNIQUE_ID, entry_id, is_destroyed, is_subform};
use crate::violation::pointer;

/// Path to the version that last changed it; part of a record's state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Touched(BTreeMap<String, u64>);

impl Touched {
    /// Notes every difference between two states as changed at `version`.
    pub fn note(&mut self, before: &Record, after: &Record, version: u64) {
        for name in before.keys().chain(after.keys().filter(|name| !before.contains_key(*name))) {
            let (left, right) = (of(before, name), of(after, name));
            if left != right {
                self.note_value(&pointer("", name), left, right, version);
            }
        }
    }

    fn note_value(&mut self, path: &str, before: &Value, after: &Value, version: u64) {
        if says_same(before, after) {
            return;
        }
        match (before, after) {
            (Value::Object(left), Value::Object(right)) => {
                self.note_object(path, left, right, version);
            }
            (_, _) if is_subform(before) || is_subform(after) => {
                self.note_entries(path, items(before), items(after), version);
            }
            _ => {
                self.0.insert(path.to_owned(), version);
            }
        }
    }

    fn note_object(&mut self, path: &str, before: &Record, after: &Record, version: u64) {
        for name in before.keys().chain(after.keys().filter(|name| !before.contains_key(*name))) {
            if name != UNIQUE_ID {
                let (left, right) = (of(before, name), of(after, name));
                if left != right {
                    self.note_value(&pointer(path, name), left, right, version);
                }
            }
        }
    }

    fn note_entries(&mut self, path: &str, before: &[Value], after: &[Value], version: u64) {
        let find =
            |list: &[Value], id: &str| list.iter().find(|e| entry_id(e) == Some(id)).cloned();
        for id in after.iter().filter_map(entry_id) {
            let old = find(before, id).unwrap_or_else(|| Value::Object(Record::new()));
            let new = find(after, id).unwrap_or_default();
            self.note_value(&pointer(path, id), &old, &new, version);
        }
        for id in before.iter().filter_map(entry_id).filter(|id| find(after, id).is_none()) {
            self.0.insert(pointer(path, id), version);
        }
    }

    /// The last version that changed the path, anything below it, or a whole it belonged to.
    pub fn last(&self, path: &str) -> u64 {
        let own = self.0.get(path).copied().unwrap_or(0);
        own.max(self.below(path)).max(self.above(path))
    }

    /// Whether the path was changed after `base`.
    pub fn since(&self, path: &str, base: u64) -> bool {
        self.last(path) > base
    }

    fn below(&self, path: &str) -> u64 {
        let prefix = format!("{path}/");
        self.0
            .range(prefix.clone()..)
            .take_while(|(one, _)| one.starts_with(&prefix))
            .map(|(_, version)| *version)
            .max()
            .unwrap_or(0)
    }

    fn above(&self, path: &str) -> u64 {
        path.match_indices('/')
            .filter(|(at, _)| *at > 0)
            .filter_map(|(at, _)| self.0.get(&path[..at]))
            .copied()
            .max()
            .unwrap_or(0)
    }

    /// All paths with their versions.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(path, version)| (path.as_str(), *version))
    }
}

/// What is absent is null.
fn of<'r>(record: &'r Record, name: &str) -> &'r Value {
    record.get(name).unwrap_or(&Value::Null)
}

/// The paths of the leaves that a patch names; a removed or empty new entry stands as a whole.
pub fn paths(patch: &Record) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in patch {
        value_paths(&pointer("", name), value, &mut found);
    }
    found
}

fn value_paths(path: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(inner) if !inner.is_empty() => {
            for (name, value) in inner {
                value_paths(&pointer(path, name), value, found);
            }
        }
        Value::Array(entries) if is_subform(value) => {
            for entry in entries {
                entry_paths(path, entry, found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

fn entry_paths(path: &str, entry: &Value, found: &mut Vec<String>) {
    let (Some(id), Some(fields)) = (entry_id(entry), entry.as_object()) else { return };
    let path = pointer(path, id);
    let inner = || fields.iter().filter(|(name, _)| *name != UNIQUE_ID && *name != DESTROY);
    if is_destroyed(entry) || inner().next().is_none() {
        found.push(path);
        return;
    }
    for (name, value) in inner() {
        value_paths(&pointer(&path, name), value, found);
    }
}

/// Nothing and an empty list say the same: a default must not stand in anyone's way.
pub(crate) fn says_same(one: &Value, other: &Value) -> bool {
    one == other || (is_nothing(one) && is_nothing(other))
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn touched(states: &[Value]) -> Touched {
        let mut touched = Touched::default();
        let mut before = Record::new();
        for (version, state) in (1..).zip(states) {
            let after = state.as_object().unwrap().clone();
            touched.note(&before, &after, version);
            before = after;
        }
        touched
    }

    #[test]
    fn only_what_differs_is_touched() {
        let touched = touched(&[json!({"a": 1, "b": 1}), json!({"a": 2, "b": 1})]);
        assert_eq!(touched.iter().collect::<Vec<_>>(), [("/a", 2), ("/b", 1)]);
    }

    #[test]
    fn entries_are_touched_by_field_and_removals_as_a_whole() {
        let touched = touched(&[
            json!({"s": [{"unique_id": "x", "a": 1, "b": 1}, {"unique_id": "y", "a": 1}]}),
            json!({"s": [{"unique_id": "x", "a": 2, "b": 1}]}),
        ]);
        assert!(touched.since("/s/x/a", 1) && !touched.since("/s/x/b", 1));
        assert!(touched.since("/s/x", 1), "something in the entry");
        assert!(touched.since("/s/y", 1) && touched.since("/s/y/a", 1), "its whole is gone");
    }

    #[test]
    fn order_of_entries_is_no_change() {
        let touched = touched(&[
            json!({"s": [{"unique_id": "x", "a": 1}, {"unique_id": "y", "a": 1}]}),
            json!({"s": [{"unique_id": "y", "a": 1}, {"unique_id": "x", "a": 1}]}),
        ]);
        assert!(!touched.since("/s", 1));
    }

    #[test]
    fn a_patch_touches_what_it_changes() {
        let patch = json!({
            "a": null, "t": {"boys": 1},
            "s": [{"unique_id": "x", "b": 1}, {"unique_id": "y", "_destroy": true}, {"unique_id": "z"}],
        });
        assert_eq!(paths(patch.as_object().unwrap()), ["/a", "/t/boys", "/s/x/b", "/s/y", "/s/z"]);
    }

    #[test]
    fn a_name_is_not_a_prefix_of_another() {
        let touched =
            touched(&[json!({"name": 1, "name_first": 1}), json!({"name": 1, "name_first": 2})]);
        assert!(!touched.since("/name", 1));
    }
}

//! The attributes of a configuration object as they were given: sparse, so that a snapshot
//! exports as it was uploaded. Types are guaranteed by `schema` before anything is stored.

use kit_records::Text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Attributes by the names of the REST contract; what is absent has its default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(pub Map<String, Value>);

impl Attributes {
    /// The raw value, if there is one.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A string, empty when absent.
    pub fn str(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A boolean with the default that the contract gives it.
    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(default)
    }

    /// An integer, zero when absent.
    pub fn int(&self, name: &str) -> i64 {
        self.get(name).and_then(Value::as_i64).unwrap_or_default()
    }

    /// A text by language.
    pub fn text(&self, name: &str) -> Text {
        self.get(name).map(text_of).unwrap_or_default()
    }

    /// A list of strings.
    pub fn strs(&self, name: &str) -> Vec<String> {
        let items = self.get(name).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect()
    }

    /// A list of objects.
    pub fn objects(&self, name: &str) -> &[Value] {
        self.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Sets an attribute; null takes it away.
    pub fn set(&mut self, name: &str, value: Value) {
        if value.is_null() {
            self.0.shift_remove(name);
        } else {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// What turns `self` into `later`: changed values, and null for what is gone.
    #[must_use]
    pub fn changes_to(&self, later: &Self) -> Self {
        let set = later.0.iter().filter(|(name, value)| self.0.get(*name) != Some(value));
        let gone = self.0.keys().filter(|name| !later.0.contains_key(*name));
        let set = set.map(|(name, value)| (name.clone(), value.clone()));
        Self(set.chain(gone.map(|name| (name.clone(), Value::Null))).collect())
    }

    /// Takes changes in, as [`Attributes::changes_to`] made them.
    pub fn apply(&mut self, changes: &Self) {
        for (name, value) in &changes.0 {
            self.set(name, value.clone());
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A JSON object of strings as a text by language.
pub fn text_of(value: &Value) -> Text {
    let languages = value.as_object().into_iter().flatten();
    languages
        .filter_map(|(language, text)| Some((language.clone(), text.as_str()?.to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attributes(value: Value) -> Attributes {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn changes_lead_from_one_state_to_the_other() {
        let before = attributes(json!({"a": 1, "b": {"en": "x"}, "c": true}));
        let after = attributes(json!({"a": 1, "b": {"en": "y"}, "d": []}));
        let changes = before.changes_to(&after);
        assert_eq!(changes, attributes(json!({"b": {"en": "y"}, "d": [], "c": null})));
        let mut state = before;
        state.apply(&changes);
        assert_eq!(state, after);
    }
}

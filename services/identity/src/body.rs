//! Reads a JSON body with types checked: every wrong one is noted with its pointer, keys that
//! are not asked for are ignored.

use std::cell::RefCell;

use kit_serve::{FieldProblem, Refusal};
use serde_json::{Map, Value};

/// Longest text that an attribute takes.
const LONGEST_TEXT: usize = 10_000;
const MOST_ITEMS: usize = 5_000;

/// A body's object while it is read.
pub(crate) struct Body {
    data: Map<String, Value>,
    wrong: RefCell<Vec<FieldProblem>>,
}

impl Body {
    /// The object in `data`; missing or empty is refused as the contract words it.
    pub fn parse(data: &[u8]) -> Result<Self, Refusal> {
        let value: Value = if data.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(data).map_err(|_| Refusal::missing_parameter("data"))?
        };
        Self::of(value)
    }

    /// The same of a value.
    pub fn of(value: Value) -> Result<Self, Refusal> {
        match value {
            Value::Object(data) if !data.is_empty() => Ok(Self { data, wrong: RefCell::default() }),
            _ => Err(Refusal::missing_parameter("data")),
        }
    }

    /// The value as it was sent.
    pub fn raw(&self, key: &str) -> Option<&Value> {
        self.data.get(key)
    }

    /// Notes that what is at `pointer` is not acceptable.
    pub fn note(&self, pointer: impl Into<String>, code: &str) {
        self.wrong.borrow_mut().push(FieldProblem::new(pointer, code));
    }

    /// Refuses the body when anything was noted.
    pub fn finish(&self) -> Result<(), Refusal> {
        let wrong = self.wrong.take();
        if wrong.is_empty() { Ok(()) } else { Err(Refusal::invalid_record(wrong)) }
    }

    /// Notes every one of `keys` that was sent as null, where the contract knows no null.
    pub fn refuse_nulls(&self, keys: &[&str]) {
        for key in keys {
            if self.data.get(*key).is_some_and(Value::is_null) {
                self.wrong_type(key);
            }
        }
    }

    fn wrong_type(&self, key: &str) {
        self.note(format!("/{key}"), "wrong_type");
    }

    /// A text, or null; outer `None` when it was not sent.
    #[expect(clippy::option_option, reason = "not sent, null and a value are three things")]
    pub fn text(&self, key: &str) -> Option<Option<String>> {
        match self.data.get(key)? {
            Value::Null => Some(None),
            Value::String(text) if text.chars().count() <= LONGEST_TEXT => Some(Some(text.clone())),
            Value::String(_) => {
                self.note(format!("/{key}"), "too_long");
                None
            }
            _ => {
                self.wrong_type(key);
                None
            }
        }
    }

    /// A text of any length (files in base64); null counts as not sent.
    pub fn long_text(&self, key: &str) -> Option<&str> {
        match self.data.get(key)? {
            Value::Null => None,
            Value::String(text) => Some(text),
            _ => {
                self.wrong_type(key);
                None
            }
        }
    }

    /// A number without fraction, or null; digits in a text count (form-encoded bodies).
    #[expect(clippy::option_option, reason = "not sent, null and a value are three things")]
    pub fn integer(&self, key: &str) -> Option<Option<i64>> {
        match self.data.get(key)? {
            Value::Null => Some(None),
            Value::Number(number) if number.as_i64().is_some() => Some(number.as_i64()),
            Value::String(text) if text.parse::<i64>().is_ok() => Some(text.parse().ok()),
            _ => {
                self.wrong_type(key);
                None
            }
        }
    }

    /// True or false; null counts as not sent.
    pub fn boolean(&self, key: &str) -> Option<bool> {
        match self.data.get(key)? {
            Value::Null => None,
            Value::Bool(value) => Some(*value),
            Value::String(text) if text == "true" => Some(true),
            Value::String(text) if text == "false" => Some(false),
            _ => {
                self.wrong_type(key);
                None
            }
        }
    }

    /// A list of texts; null counts as not sent.
    pub fn texts(&self, key: &str) -> Option<Vec<String>> {
        let items = self.items(key)?;
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text.clone()),
                _ => self.note(format!("/{key}/{index}"), "wrong_type"),
            }
        }
        Some(texts)
    }

    /// A list of numbers; null counts as not sent.
    pub fn integers(&self, key: &str) -> Option<Vec<i64>> {
        let items = self.items(key)?;
        let mut numbers = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let number = item.as_i64().or_else(|| item.as_str()?.parse().ok());
            match number {
                Some(number) => numbers.push(number),
                None => self.note(format!("/{key}/{index}"), "wrong_type"),
            }
        }
        Some(numbers)
    }

    /// A list of anything; null counts as not sent.
    pub fn items(&self, key: &str) -> Option<&Vec<Value>> {
        match self.data.get(key)? {
            Value::Null => None,
            Value::Array(items) if items.len() <= MOST_ITEMS => Some(items),
            Value::Array(_) => {
                self.note(format!("/{key}"), "too_many");
                None
            }
            _ => {
                self.wrong_type(key);
                None
            }
        }
    }

    /// An object; null counts as not sent.
    pub fn object(&self, key: &str) -> Option<&Map<String, Value>> {
        match self.data.get(key)? {
            Value::Null => None,
            Value::Object(object) => Some(object),
            _ => {
                self.wrong_type(key);
                None
            }
        }
    }

    /// A text by language; null counts as not sent.
    pub fn text_by_language(&self, key: &str) -> Option<Map<String, Value>> {
        let object = self.object(key)?;
        let mut texts = Map::new();
        for (language, text) in object {
            match text {
                Value::String(text) if text.chars().count() <= LONGEST_TEXT => {
                    texts.insert(language.clone(), text.clone().into());
                }
                Value::Null => {
                    texts.insert(language.clone(), "".into());
                }
                _ => self.note(format!("/{key}/{language}"), "wrong_type"),
            }
        }
        Some(texts)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn points_at_every_wrong_type() {
        let data = json!({"name": 1, "tags": ["a", 2], "on": "maybe", "n": 1.5, "extra": {}});
        let body = Body::parse(data.to_string().as_bytes()).unwrap();
        body.text("name");
        body.texts("tags");
        body.boolean("on");
        body.integer("n");
        let refusal = body.finish().unwrap_err();
        let detail = serde_json::to_value(&refusal.errors[0].detail).unwrap();
        assert_eq!(detail, json!(["/name", "/tags/1", "/on", "/n"]));
    }

    #[test]
    fn data_is_required() {
        for data in ["", "null", "{}", "[]", "{\"a\""] {
            assert!(Body::parse(data.as_bytes()).is_err());
        }
    }
}

//! A JSON object read only at its top: members keep their bytes, so that a record is cut to
//! permitted fields without being parsed and written anew.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object in their order, each value as it was written.
#[derive(Debug, Default)]
pub struct Shallow<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Shallow<'a> {
    /// Reads an object.
    pub fn parse(json: &'a [u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(json)
    }

    /// The value of a member as it was written.
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| *value)
    }

    /// Whether a member is `true`.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|raw| raw.get() == "true")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Shallow<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Shallow<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(64);
        while let Some((Key(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Shallow(members))
    }
}

/// A key, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Owned(text.to_owned())))
    }
}

/// An object being written member by member.
#[derive(Debug)]
pub struct ObjectWriter {
    json: Vec<u8>,
}

impl ObjectWriter {
    /// Starts an object that will have about `size` bytes.
    pub fn new(size: usize) -> Self {
        let mut json = Vec::with_capacity(size + 2);
        json.push(b'{');
        Self { json }
    }

    /// Adds a member whose value is JSON already.
    pub fn raw(&mut self, name: &str, value: &str) -> &mut Self {
        self.key(name);
        self.json.extend_from_slice(value.as_bytes());
        self
    }

    /// Adds a member.
    pub fn value<T: serde::Serialize + ?Sized>(&mut self, name: &str, value: &T) -> &mut Self {
        self.key(name);
        // Writing plain data into memory does not fail.
        if serde_json::to_writer(&mut self.json, value).is_err() {
            self.json.extend_from_slice(b"null");
        }
        self
    }

    /// Ends the object.
    pub fn end(mut self) -> Vec<u8> {
        self.json.push(b'}');
        self.json
    }

    fn key(&mut self, name: &str) {
        if self.json.len() > 1 {
            self.json.push(b',');
        }
        let written = serde_json::to_writer(&mut self.json, name);
        debug_assert!(written.is_ok(), "a text is always JSON");
        self.json.push(b':');
    }
}

/// Joins written values into an array.
pub fn array<'a>(items: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut json = vec![b'['];
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            json.push(b',');
        }
        json.extend_from_slice(item);
    }
    json.push(b']');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_bytes_and_order() {
        let json = br#"{"b": [1,  2], "a\u0041": "x\ny", "c": {"d": null}}"#;
        let shallow = Shallow::parse(json).unwrap();
        let keys: Vec<_> = shallow.0.iter().map(|(key, _)| key.as_ref()).collect();
        assert_eq!(keys, ["b", "aA", "c"]);
        assert_eq!(shallow.get("b").unwrap().get(), "[1,  2]");
        assert_eq!(shallow.get("aA").unwrap().get(), r#""x\ny""#);
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut writer = ObjectWriter::new(0);
        writer.raw("a", "[1]").value("b\"", &"x").value("c", &None::<i32>);
        let json = writer.end();
        let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(value, serde_json::json!({"a": [1], "b\"": "x", "c": null}));
        assert_eq!(array([b"1".as_slice(), b"2"]), b"[1,2]");
        assert_eq!(array([]), b"[]");
        assert_eq!(ObjectWriter::new(0).end(), b"{}");
    }
}

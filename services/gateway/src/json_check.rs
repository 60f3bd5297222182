//! Reads a whole JSON text without keeping it: is it well formed, and is it sane?

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::{Formatter, Result as FmtResult};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Deeper than any form's conditions or any record.
const MAX_DEPTH: usize = 40;

/// Why a JSON text is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// With the line and the column where reading ended.
    Malformed {
        line: usize,
        column: usize,
    },
    NotUtf8,
    TooDeep,
    /// A NUL in a text; where, as a JSON pointer.
    Nul {
        pointer: String,
    },
}

/// Finds the first flaw.
pub fn check(text: &[u8]) -> Result<&str, Flaw> {
    let text = std::str::from_utf8(text).map_err(|_bytes| Flaw::NotUtf8)?;
    let found = RefCell::new(None);
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Check { depth: 0, found: &found }.deserialize(&mut json).and_then(|()| json.end());
    match (read, found.into_inner()) {
        (Ok(()), None) => Ok(text),
        (_, Some(flaw)) => Err(flaw),
        (Err(error), None) => Err(Flaw::Malformed { line: error.line(), column: error.column() }),
    }
}

/// Visits a value and all below it.
#[derive(Clone, Copy)]
struct Check<'c> {
    depth: usize,
    found: &'c RefCell<Option<Flaw>>,
}

impl Check<'_> {
    fn fail<E: Error>(self, flaw: Flaw) -> E {
        *self.found.borrow_mut() = Some(flaw);
        E::custom("flaw")
    }

    /// On the way up from a NUL: says where we are.
    fn locate(self, place: impl FnOnce() -> String) {
        if let Some(Flaw::Nul { pointer }) = &mut *self.found.borrow_mut() {
            let place = place().replace('~', "~0").replace('/', "~1").replace('\0', "");
            pointer.insert_str(0, &format!("/{place}"));
        }
    }

    fn below<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.fail(Flaw::TooDeep));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Check<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Check<'_> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> FmtResult {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if text.contains('\0') {
            Err(self.fail(Flaw::Nul { pointer: String::new() }))
        } else {
            Ok(())
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let below = self.below()?;
        for index in 0_usize.. {
            let entry = list.next_element_seed(below);
            if entry.is_err() {
                self.locate(|| index.to_string());
            }
            if entry?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let below = self.below()?;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let value = below.visit_str::<A::Error>(&key).and_then(|()| map.next_value_seed(below));
            if value.is_err() {
                self.locate(|| key.into_owned());
            }
            value?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_texts_pass() {
        for text in ["{}", "null", r#"{"data": {"name": "ليلى", "n": [1, 2.5, true, null]}}"#] {
            assert_eq!(check(text.as_bytes()), Ok(text));
        }
    }

    #[test]
    fn every_flaw_has_its_name() {
        let malformed = |line, column| Err(Flaw::Malformed { line, column });
        assert_eq!(check(b"{\"data\":\n oops}"), malformed(2, 2));
        assert_eq!(check(b"{} {}"), malformed(1, 4));
        assert_eq!(check(b""), malformed(1, 0));
        assert_eq!(check(b"{\"a\": \"\xff\"}"), Err(Flaw::NotUtf8));
        assert!(matches!(check(br#"{"a": "\ud800"}"#), Err(Flaw::Malformed { .. })));
        let nul = |pointer: &str| Err(Flaw::Nul { pointer: pointer.to_owned() });
        assert_eq!(
            check(br#"{"data": {"rows": [1, {"a/b": "x\u0000"}]}}"#),
            nul("/data/rows/1/a~1b")
        );
        assert_eq!(check(br#"{"a\u0000": 1}"#), nul("/a"));
        let deep = "[".repeat(100_000);
        assert_eq!(check(deep.as_bytes()), Err(Flaw::TooDeep));
        let deep = format!("{}1{}", "{\"a\":".repeat(41), "}".repeat(41));
        assert_eq!(check(deep.as_bytes()), Err(Flaw::TooDeep));
    }
}

//! What a caller says of a flag.

use jiff::civil::Date;
use kit_records::values::{Record, parse_date};
use kit_serve::{FieldProblem, Refusal};
use serde_json::Value;

use crate::writes::body;

/// The most characters of a message.
const LONGEST: usize = 10_000;

/// A flag as it is sent, checked in form.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sent {
    pub message: Option<String>,
    pub date: Option<Date>,
    /// How it was dealt with.
    pub unflag_message: Option<String>,
    /// The client made the id, and needs no answer.
    pub own_id: bool,
}

impl Sent {
    /// The body's `data`.
    pub fn read(data: &[u8]) -> Result<Self, Refusal> {
        Self::of(&body(data)?)
    }

    /// Of a body that holds more than a flag.
    pub fn of(body: &Record) -> Result<Self, Refusal> {
        let mut wrong = Vec::new();
        let sent = Self {
            message: text(body, "message", &mut wrong),
            date: date(body, &mut wrong),
            unflag_message: text(body, "unflag_message", &mut wrong)
                .filter(|message| !message.trim().is_empty()),
            own_id: body.get("id").is_some_and(|id| !id.is_null()),
        };
        if wrong.is_empty() { Ok(sent) } else { Err(Refusal::invalid_record(wrong)) }
    }
}

fn text(body: &Record, name: &str, wrong: &mut Vec<FieldProblem>) -> Option<String> {
    let pointer = format!("/{name}");
    match body.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.chars().count() > LONGEST => {
            wrong.push(FieldProblem::new(pointer, "too_long").with("max", LONGEST));
            None
        }
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => {
            wrong.push(FieldProblem::new(pointer, "wrong_type").with("expected", "string"));
            None
        }
    }
}

fn date(body: &Record, wrong: &mut Vec<FieldProblem>) -> Option<Date> {
    let sent = match body.get("date") {
        None | Some(Value::Null) => return None,
        Some(sent) => sent.as_str(),
    };
    let date = match sent {
        Some(text) if text.trim().is_empty() => return None,
        text => text.and_then(parse_date),
    };
    if date.is_none() {
        wrong.push(FieldProblem::new("/date", "not_a_date"));
    }
    date
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<Sent, Refusal> {
        Sent::read(body.to_string().as_bytes())
    }

    #[test]
    fn nonsense_names_its_field() {
        let wrong = read(&json!({"message": 7, "date": "soon", "unflag_message": []})).unwrap_err();
        let named: Vec<_> =
            wrong.errors.iter().flat_map(|one| &one.fields).map(|one| &one.pointer).collect();
        assert_eq!(named, ["/message", "/date", "/unflag_message"]);
        let long = read(&json!({"message": "x".repeat(LONGEST + 1)})).unwrap_err();
        assert_eq!(long.errors[0].fields[0].code, "too_long");
    }

    #[test]
    fn what_is_blank_was_not_said() {
        let sent = read(&json!({"date": "", "unflag_message": " ", "id": null})).unwrap();
        assert_eq!(sent, Sent::default());
    }
}

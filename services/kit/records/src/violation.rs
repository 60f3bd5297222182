//! What is wrong with an input: where, what kind, and the limits that were broken.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One thing wrong with a submitted record; never holds what was submitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Violation {
    /// JSON pointer into the submitted `data`, such as `/contacts/0/age`.
    pub pointer: String,
    pub code: Code,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub params: Map<String, Value>,
}

/// The closed set of reasons; clients have a sentence for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Not of the field's type; `expected` names it.
    WrongType,
    /// Not one of the field's options.
    NotAnOption,
    /// An option that is not offered under the record's present values.
    OptionNotOffered,
    /// A number outside `min` and `max`.
    OutOfRange,
    /// Not a date (`YYYY-MM-DD`) that exists.
    NotADate,
    /// Not a date with time (ISO 8601) that exists.
    NotATime,
    /// A date after `max`.
    FutureDate,
    /// More than `max` characters.
    TooLong,
    /// Text that cannot be stored, such as one with a NUL character.
    InvalidText,
    /// Not a lower-case UUID.
    NotAUuid,
    /// Words, or anything else that is no short code.
    NotACode,
    /// A field that must be filled was sent blank, or cleared.
    Required,
    /// A field that must be filled was neither sent nor filled before.
    MissingRequired,
    /// More than `max` entries.
    TooManyEntries,
    /// Two entries of one list share a `unique_id`.
    DuplicateUniqueId,
    /// Nested deeper than `max`.
    TooDeep,
    /// No such field for this caller and module (strict mode only).
    UnknownField,
    /// Entries of this subform stay as they are once stored.
    AppendOnly,
    /// Entries of this subform cannot be removed.
    RemovalPrevented,
    /// No such module, user or other referred thing.
    NotFound,
    /// This caller may not set this value.
    NotPermitted,
    /// A query parameter that cannot be read.
    InvalidParameter,
}

impl Code {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongType => "wrong_type",
            Self::NotAnOption => "not_an_option",
            Self::OptionNotOffered => "option_not_offered",
            Self::OutOfRange => "out_of_range",
            Self::NotADate => "not_a_date",
            Self::NotATime => "not_a_time",
            Self::FutureDate => "future_date",
            Self::TooLong => "too_long",
            Self::InvalidText => "invalid_text",
            Self::NotAUuid => "not_a_uuid",
            Self::NotACode => "not_a_code",
            Self::Required => "required",
            Self::MissingRequired => "missing_required",
            Self::TooManyEntries => "too_many_entries",
            Self::DuplicateUniqueId => "duplicate_unique_id",
            Self::TooDeep => "too_deep",
            Self::UnknownField => "unknown_field",
            Self::AppendOnly => "append_only",
            Self::RemovalPrevented => "removal_prevented",
            Self::NotFound => "not_found",
            Self::NotPermitted => "not_permitted",
            Self::InvalidParameter => "invalid_parameter",
        }
    }
}

impl Violation {
    /// A violation without parameters.
    pub fn new(pointer: impl Into<String>, code: Code) -> Self {
        Self { pointer: pointer.into(), code, params: Map::new() }
    }

    /// Adds a parameter for the sentence shown to the caller.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.into(), value.into());
        self
    }
}

/// Appends one segment to a JSON pointer, escaped as RFC 6901 says.
pub fn pointer(base: &str, segment: &str) -> String {
    format!("{base}/{}", segment.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_reads_as_the_error_body_shows_it() {
        let one = Violation::new("/age", Code::OutOfRange).with("min", 0).with("max", 130);
        let json = serde_json::to_value(&one).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"pointer": "/age", "code": "out_of_range", "params": {"min": 0, "max": 130}})
        );
        assert_eq!(json["code"], one.code.as_str());
    }

    #[test]
    fn pointer_segments_are_escaped() {
        assert_eq!(pointer("/a", "b/c~d"), "/a/b~1c~0d");
    }
}

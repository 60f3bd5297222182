//! The list query syntax: from ordered name and value pairs to a typed filter.

use serde_json::Value;

/// A list request, read and typed.
#[derive(Debug, Clone, PartialEq)]
pub struct ListQuery {
    /// All of these must hold.
    pub filters: Vec<Filter>,
    pub search: Option<Search>,
    pub fields: Projection,
    pub order: Option<Order>,
    pub page: u64,
    /// At most 1,000; this number is echoed.
    pub per: u64,
}

/// One condition on a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// The field's value, or one of its values, meets any of the tests.
    Field {
        field: String,
        tests: Vec<Test>,
    },
    /// The field's place is one of these or below one of them.
    Place {
        field: String,
        min_level: Option<u8>,
        codes: Vec<String>,
    },
    /// Was at some time assigned to one of these users.
    EverAssigned(Vec<String>),
    Not(Box<Filter>),
    Any(Vec<Filter>),
}

/// What a value is held against.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Equals; `false` also means "not filled".
    Equals(Scalar),
    /// Both ends included; open to the right without `to`.
    Range { from: Scalar, to: Option<Scalar> },
}

/// A typed value from the query string, with the text it came from.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    Bool(bool),
    Integer {
        value: i64,
        text: String,
    },
    /// `YYYY-MM-DD`.
    Date(String),
    /// UTC with milliseconds.
    Time(String),
    Text(String),
}

/// What `query` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    pub text: String,
    pub kind: SearchKind,
    /// Whether a switch (`id_search`, `phonetic`, `phone_number`) was set, so that a caller with
    /// `search_owned_by_others` searches beyond their scope.
    pub wide: bool,
}

/// What is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchKind {
    Identifier,
    Name,
    Phone,
}

/// Which fields the answer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projection {
    All,
    Short,
    Named(Vec<String>),
}

/// The order of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub field: String,
    pub descending: bool,
}

/// Reads a list query. `is_filter` tells whether the caller may filter by a field.
pub fn parse(
    pairs: &[(String, String)],
    is_filter: &dyn Fn(&str) -> bool,
) -> Result<ListQuery, Vec<crate::Violation>> {
    crate::query_parse::parse(pairs, is_filter)
}

/// What evaluation needs to know of places and assignments.
pub trait Facts {
    /// The codes from the country down to the place, if it is known: `["IQ", "IQ01"]`.
    fn place_path(&self, code: &str) -> Vec<String>;
    /// Users that the record was ever assigned to.
    fn ever_assigned(&self) -> &[String];
}

/// Whether a record meets a filter.
pub fn holds(filter: &Filter, record: &crate::Record, facts: &dyn Facts) -> bool {
    match filter {
        Filter::Field { field, tests } => {
            let value = record.get(field).unwrap_or(&Value::Null);
            tests.iter().any(|test| meets(test, value))
        }
        Filter::Place { field, min_level, codes } => {
            crate::query_parse::in_place(record.get(field), *min_level, codes, facts)
        }
        Filter::EverAssigned(users) => {
            users.iter().any(|user| facts.ever_assigned().contains(user))
        }
        Filter::Not(inner) => !holds(inner, record, facts),
        Filter::Any(filters) => filters.iter().any(|one| holds(one, record, facts)),
    }
}

/// Whether a value, or one of a list's values, meets a test.
pub fn meets(test: &Test, value: &Value) -> bool {
    match value {
        Value::Array(items) if items.is_empty() => meets(test, &Value::Null),
        Value::Array(items) => items.iter().any(|item| meets(test, item)),
        _ => crate::query_parse::meets_one(test, value),
    }
}

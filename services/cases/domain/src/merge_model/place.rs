//! The places of the model's case that people edit, each with another policy.

use std::collections::BTreeMap;

use kit_records::patch::entry_id;
use kit_records::{Policy, Record};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

/// What an edit changes; of entries by their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Field(&'static str),
    Entry(u8, &'static str),
    Removal(u8),
}

/// New values by place; a removal has null.
pub type Edit = BTreeMap<Place, Value>;

const SUBFORM: &str = "conf_contacts";

/// The policies of the model's fields; those that are not here have the default.
pub const POLICIES: &[(&str, Policy)] = &[
    ("closure_reason", Policy::Ask),
    ("name_first", Policy::Latest),
    ("sex", Policy::First),
    ("protection_concerns", Policy::Union),
    ("contact_age", Policy::Latest),
];

impl Place {
    /// As [`kit_records::Touched`] names it.
    pub fn path(self) -> String {
        match self {
            Self::Field(name) => format!("/{name}"),
            Self::Entry(entry, name) => format!("/{SUBFORM}/{}/{name}", id(entry)),
            Self::Removal(entry) => format!("/{SUBFORM}/{}", id(entry)),
        }
    }

    /// What stands there; for a removal the entry itself.
    pub fn read(self, record: &Record) -> Value {
        let entry = |entry: u8| {
            let list = record.get(SUBFORM).and_then(Value::as_array);
            list.and_then(|list| list.iter().find(|one| entry_id(one) == Some(&id(entry)[..])))
        };
        let found = match self {
            Self::Field(name) => record.get(name),
            Self::Entry(number, name) => entry(number).and_then(|one| one.get(name)),
            Self::Removal(number) => entry(number),
        };
        found.cloned().unwrap_or_default()
    }

    /// Whether a change there changes what stands here, or the other way round.
    pub fn meets(self, other: Self) -> bool {
        match (self, other) {
            (Self::Removal(one), Self::Entry(two, _) | Self::Removal(two))
            | (Self::Entry(one, _), Self::Removal(two)) => one == two,
            _ => self == other,
        }
    }
}

fn id(entry: u8) -> String {
    Uuid::from_u128(u128::from(entry) + 1).to_string()
}

/// The body of a PATCH.
pub fn body(edit: &Edit) -> Record {
    let mut body = Record::new();
    let mut entries: BTreeMap<u8, Record> = BTreeMap::new();
    let mut entry = |number: u8, name: &str, value: Value| {
        let named = || Record::from_iter([("unique_id".to_owned(), json!(id(number)))]);
        entries.entry(number).or_insert_with(named).insert(name.to_owned(), value);
    };
    for (place, value) in edit {
        match *place {
            Place::Field(name) => {
                body.insert(name.to_owned(), value.clone());
            }
            Place::Entry(number, name) => entry(number, name, value.clone()),
            Place::Removal(number) => entry(number, "_destroy", json!(true)),
        }
    }
    if !entries.is_empty() {
        body.insert(SUBFORM.to_owned(), entries.into_values().map(Value::Object).collect());
    }
    body
}

/// Every place that a stored patch writes.
pub fn places(patch: &Record) -> Vec<Place> {
    let number = |entry: &Value| (0..ENTRIES).find(|n| entry_id(entry) == Some(&id(*n)[..]));
    let mut found: Vec<Place> = FIELDS
        .iter()
        .filter(|name| patch.contains_key(**name))
        .map(|name| Place::Field(name))
        .collect();
    for entry in patch.get(SUBFORM).and_then(Value::as_array).into_iter().flatten() {
        let Some(at) = number(entry) else { continue };
        if entry.get("_destroy").is_some() {
            found.push(Place::Removal(at));
        }
        let written = ENTRY_FIELDS.iter().filter(|name| entry.get(**name).is_some());
        found.extend(written.map(|name| Place::Entry(at, name)));
    }
    found
}

const ENTRIES: u8 = 2;
const FIELDS: &[&str] = &["age", "closure_reason", "name_first", "sex", "protection_concerns"];
const ENTRY_FIELDS: &[&str] = &["contact_name", "contact_age"];

/// An edit that somebody may make: few values, so that people meet.
pub fn edits() -> impl Strategy<Value = (Place, Value)> {
    let text = prop::sample::select(vec![json!("a"), json!("b"), json!("c"), Value::Null]);
    let number = prop::sample::select(vec![json!(1), json!(2), json!(3), Value::Null]);
    let concern = prop::sample::select(vec!["separated", "unaccompanied", "orphan"]);
    let concerns = vec(concern, 0..3).prop_map(|mut list| {
        list.sort_unstable();
        list.dedup();
        json!(list)
    });
    let entry = 0..ENTRIES;
    prop_oneof![
        3 => number.clone().prop_map(|value| (Place::Field("age"), value)),
        2 => text.clone().prop_map(|value| (Place::Field("closure_reason"), value)),
        1 => text.clone().prop_map(|value| (Place::Field("name_first"), value)),
        1 => text.clone().prop_map(|value| (Place::Field("sex"), value)),
        2 => concerns.prop_map(|value| (Place::Field("protection_concerns"), value)),
        2 => (entry.clone(), text).prop_map(|(at, value)| (Place::Entry(at, "contact_name"), value)),
        2 => (entry.clone(), number)
            .prop_map(|(at, value)| (Place::Entry(at, "contact_age"), value)),
        1 => entry.prop_map(|at| (Place::Removal(at), Value::Null)),
    ]
}

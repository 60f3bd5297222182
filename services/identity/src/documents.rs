//! Documents of the contract, made from the directory.

mod agency;
mod code_of_conduct;
mod conditions;
mod role;
mod saved_search;
mod session_data;
mod session_filters;
mod session_headers;
mod user;
mod user_group;

pub(crate) use agency::{agency_document, agency_logo, agency_snapshot};
pub(crate) use code_of_conduct::code_of_conduct_document;
pub(crate) use role::{role_document, role_snapshot};
pub(crate) use saved_search::saved_search_document;
pub(crate) use session_data::session_data;
pub(crate) use user::user_document;
pub(crate) use user_group::{user_group_document, user_group_snapshot};

use identity_domain::Text;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// ISO 8601 in UTC with milliseconds.
pub(crate) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// A stored RFC 3339 text as the contract shows times.
fn instant_of(text: &str) -> Value {
    text.parse::<Timestamp>().map_or(Value::Null, |at| instant(at).into())
}

/// A text in every language that the organisation uses; empty where it has no translation.
fn in_languages(text: &Text, locales: &[String]) -> Value {
    let mut all: Map<String, Value> =
        locales.iter().map(|locale| (locale.clone(), "".into())).collect();
    for (locale, text) in text {
        all.insert(locale.clone(), text.clone().into());
    }
    all.into()
}

/// Leaves out keys that are null, at every depth.
fn compacted(value: Value) -> Value {
    match value {
        Value::Object(object) => object
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, compacted(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(compacted).collect(),
        other => other,
    }
}

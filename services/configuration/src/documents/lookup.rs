//! An option list, as `GET /lookups` shows it.

use configuration_domain::{Lookup, with_languages};
use serde_json::{Value, json};

use super::form::options_document;

/// One lookup with every language filled in.
pub fn lookup_document(lookup: &Lookup, languages: &[String]) -> Value {
    json!({
        "id": lookup.id,
        "unique_id": lookup.unique_id(),
        "name": with_languages(lookup.attributes.get("name"), languages),
        "values": options_document(&Value::from(lookup.values()), languages),
        "locked": lookup.attributes.flag("locked", false),
    })
}

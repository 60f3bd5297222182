//! The path of places that reports group a record by.

use kit_records::Record;
use serde_json::{Value, json};

use crate::Context;
use crate::fields::text;

/// The form field that holds the reporting location, unless it is the owner's own place.
pub fn reporting_field(settings: &Record) -> Option<&str> {
    let config = settings.get("reporting_location_config")?;
    let key = config.get("field_key").and_then(Value::as_str).filter(|key| !key.is_empty())?;
    (key != "owned_by_location").then_some(key)
}

/// Stamps `reporting_location_hierarchy` when the reporting location changes; empty when its
/// place is not known. The owner's place is projected by the shell, not stamped.
pub fn stamp(context: &Context, changes: &Record, record: &mut Record) {
    let Some(key) = reporting_field(&context.index.settings) else { return };
    if changes.contains_key(key) {
        let path = text(record, key).and_then(|code| context.places.get(code));
        record.insert("reporting_location_hierarchy".into(), json!(path));
    }
}

//! The path of places that reports group a case by.

use kit_records::Record;
use serde_json::{Value, json};

use crate::Context;
use crate::patch::text;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{context, record};

    #[test]
    fn the_path_follows_the_place_when_it_changes() {
        let mut context = context();
        context.places.insert("SY0203".into(), "SY.SY02.SY0203".into());
        let mut values = record(json!({"location_current": "SY0203"}));
        stamp(&context, &record(json!({"age": 9})), &mut values);
        assert!(!values.contains_key("reporting_location_hierarchy"));
        stamp(&context, &values.clone(), &mut values);
        assert_eq!(values["reporting_location_hierarchy"], "SY.SY02.SY0203");
        values.insert("location_current".into(), json!("nowhere"));
        stamp(&context, &record(json!({"location_current": "nowhere"})), &mut values);
        assert_eq!(values["reporting_location_hierarchy"], Value::Null);
    }
}

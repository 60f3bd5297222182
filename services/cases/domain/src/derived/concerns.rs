//! A concern that is described in a detail is a concern of the case.

use kit_records::Record;
use serde_json::{Value, json};

use crate::fields::{entries, text};

/// Adds to `protection_concerns` the types named in the concern details. Never takes one away:
/// removing a detail says nothing about the concern.
pub fn unite(values: &mut Record) {
    let mut concerns =
        values.get("protection_concerns").and_then(Value::as_array).cloned().unwrap_or_default();
    let known = concerns.len();
    for detail in entries(values, "protection_concern_detail_subform_section") {
        if let Some(concern) = text(detail, "protection_concern_type")
            && !concerns.iter().any(|one| one == concern)
        {
            concerns.push(json!(concern));
        }
    }
    if concerns.len() > known || !values.contains_key("protection_concerns") {
        values.insert("protection_concerns".into(), Value::Array(concerns));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    #[test]
    fn details_add_and_nothing_is_taken_away() {
        let mut values = record(json!({
            "protection_concerns": ["refugee"],
            "protection_concern_detail_subform_section": [
                {"unique_id": "a", "protection_concern_type": "separated"},
                {"unique_id": "b", "protection_concern_type": "refugee"},
                {"unique_id": "c", "protection_concern_type": null},
            ],
        }));
        unite(&mut values);
        assert_eq!(values["protection_concerns"], json!(["refugee", "separated"]));
        values.insert("protection_concern_detail_subform_section".into(), json!([]));
        unite(&mut values);
        assert_eq!(values["protection_concerns"], json!(["refugee", "separated"]));
    }

    #[test]
    fn a_case_has_at_least_an_empty_list() {
        let mut values = record(json!({}));
        unite(&mut values);
        assert_eq!(values["protection_concerns"], json!([]));
    }
}

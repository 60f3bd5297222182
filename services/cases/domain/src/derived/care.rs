//! Who cares for the child now: the care arrangement that began last.

use kit_records::Record;
use kit_records::values::is_blank;
use serde_json::Value;

use crate::fields::{entries, text};

/// The shown field and the field of the arrangement that it repeats.
const SHOWN: [(&str, &str); 3] = [
    ("current_care_arrangements_type", "care_arrangements_type"),
    ("current_name_caregiver", "name_caregiver"),
    ("current_care_arrangement_started_date", "care_arrangement_started_date"),
];

/// Type, caregiver and first day of the current arrangement, as far as they are filled in.
/// Of two that began on the same day, the one entered later counts.
pub fn current_care(values: &Record) -> Record {
    let started = |entry: &&Record| text(entry, "care_arrangement_started_date").map(str::to_owned);
    let Some(current) = entries(values, "care_arrangements_section").max_by_key(started) else {
        return Record::new();
    };
    let filled = SHOWN.into_iter().filter_map(|(shown, field)| {
        let value = current.get(field).filter(|value| !is_blank(value))?;
        Some((shown.to_owned(), Value::clone(value)))
    });
    filled.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::record;

    #[test]
    fn the_arrangement_that_began_last_counts() {
        let values = record(json!({"care_arrangements_section": [
            {"care_arrangements_type": "foster", "name_caregiver": "Mariam", "care_arrangement_started_date": "2026-02-01"},
            {"care_arrangements_type": "kinship", "name_caregiver": "Tesfaye", "care_arrangement_started_date": "2025-02-01"},
            {"care_arrangements_type": "residential"},
        ]}));
        assert_eq!(
            Value::Object(current_care(&values)),
            json!({
                "current_care_arrangements_type": "foster",
                "current_name_caregiver": "Mariam",
                "current_care_arrangement_started_date": "2026-02-01",
            })
        );
    }

    #[test]
    fn what_is_not_filled_is_left_out() {
        let values = record(
            json!({"care_arrangements_section": [{"care_arrangements_type": "foster", "name_caregiver": ""}]}),
        );
        assert_eq!(
            Value::Object(current_care(&values)),
            json!({"current_care_arrangements_type": "foster"})
        );
        assert_eq!(current_care(&Record::new()), Record::new());
    }
}

//! Dates collected from subforms into one list each, for filters.

use kit_records::Record;
use serde_json::Value;

use crate::fields::{entries, is_filled};

/// The collected field, the subform and its date.
const COLLECTED: [(&str, &str, &str); 4] = [
    ("tracing_dates", "tracing_actions_section", "date_tracing"),
    ("reunification_dates", "reunification_details_section", "date_reunification"),
    ("followup_dates", "followup_subform_section", "followup_date"),
    ("service_implemented_day_times", "services_section", "service_implemented_day_time"),
];

/// The lists of those subforms that the record has, each date once.
pub fn collected(values: &Record) -> Record {
    let known = COLLECTED.into_iter().filter(|(_, subform, _)| values.contains_key(*subform));
    known
        .map(|(name, subform, date)| (name.to_owned(), Value::Array(dates(values, subform, date))))
        .collect()
}

fn dates(values: &Record, subform: &str, date: &str) -> Vec<Value> {
    let mut dates: Vec<Value> = Vec::new();
    for entry in entries(values, subform).filter(|entry| is_filled(entry, date)) {
        if !dates.contains(&entry[date]) {
            dates.push(entry[date].clone());
        }
    }
    dates
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::record;

    #[test]
    fn each_list_holds_the_dates_that_are_filled_once() {
        let values = record(json!({
            "tracing_actions_section": [{"date_tracing": "2026-01-02"}, {"date_tracing": null}, {"date_tracing": "2026-01-02"}],
            "reunification_details_section": [{"date_reunification": "2026-03-01"}],
            "services_section": [{"service_implemented_day_time": "2026-01-02T10:00:00.000Z"}],
            "followup_subform_section": [],
        }));
        assert_eq!(
            Value::Object(collected(&values)),
            json!({
                "tracing_dates": ["2026-01-02"],
                "reunification_dates": ["2026-03-01"],
                "followup_dates": [],
                "service_implemented_day_times": ["2026-01-02T10:00:00.000Z"],
            })
        );
        assert_eq!(collected(&Record::new()), Record::new());
    }
}

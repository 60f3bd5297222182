//! Days of an incident's fields.

use jiff::civil::Date;
use kit_dossier::fields::text;
use kit_records::Record;
use kit_records::values::{parse_date, parse_time};

/// The fields that say when it happened, the best first.
const WHEN: [&str; 3] = ["incident_date", "date_of_incident_from", "date_of_incident"];

/// The day in a field that holds a date or a time.
pub fn day(values: &Record, name: &str) -> Option<Date> {
    let text = text(values, name)?;
    parse_date(text)
        .or_else(|| parse_time(text).map(|time| time.to_zoned(jiff::tz::TimeZone::UTC).date()))
}

/// The day that the incident counts for.
pub fn incident_day(values: &Record) -> Option<Date> {
    WHEN.iter().find_map(|name| day(values, name))
}

/// The last day of the quarter that a day lies in.
pub fn end_of_quarter(day: Date) -> Date {
    let last = (day.month() - 1) / 3 * 3 + 3;
    Date::new(day.year(), last, 1).map_or(day, Date::last_of_month)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kit_dossier::given::record;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_best_date_counts_and_may_be_a_time() {
        let values = record(json!({
            "date_of_incident": "2026-01-03", "date_of_incident_from": "2026-01-02T10:00:00.000Z",
        }));
        assert_eq!(incident_day(&values), Some(date(2026, 1, 2)));
        let best = record(json!({"incident_date": "2026-01-01", "date_of_incident": "2026-01-03"}));
        assert_eq!(incident_day(&best), Some(date(2026, 1, 1)));
        assert_eq!(incident_day(&record(json!({"incident_date": "soon"}))), None);
    }

    #[test]
    fn quarters_end_in_march_june_september_and_december() {
        assert_eq!(end_of_quarter(date(2024, 2, 29)), date(2024, 3, 31));
        assert_eq!(end_of_quarter(date(2024, 6, 30)), date(2024, 6, 30));
        assert_eq!(end_of_quarter(date(2024, 10, 1)), date(2024, 12, 31));
    }
}

//! The age that follows from a date of birth.

use jiff::civil::Date;
use kit_records::values::parse_date;
use kit_records::{Record, RecordType};
use serde_json::json;

use crate::Context;
use crate::fields::text;

/// Full years on a day; somebody born on 29 February has their birthday on 1 March of other
/// years. Nothing for a day before birth.
pub fn age_on(born: Date, day: Date) -> Option<i16> {
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    let years = day.year() - born.year() - i16::from(!had_birthday);
    (born <= day).then_some(years)
}

/// Fills the age when the date of birth was entered and the age was not.
pub fn fill(context: &Context, changes: &Record, record: &mut Record) {
    let asked = changes.contains_key("date_of_birth") && !changes.contains_key("age");
    if !asked || context.index.field(RecordType::Case, "age").is_none() {
        return;
    }
    let born = text(record, "date_of_birth").and_then(parse_date);
    if let Some(age) = born.and_then(|born| age_on(born, context.today)) {
        record.insert("age".into(), json!(age));
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::testing::{context, record};

    #[test]
    fn years_are_counted_to_the_birthday() {
        let born = date(2016, 3, 10);
        assert_eq!(age_on(born, date(2026, 3, 9)), Some(9));
        assert_eq!(age_on(born, date(2026, 3, 10)), Some(10));
        assert_eq!(age_on(date(2016, 2, 29), date(2026, 2, 28)), Some(9));
        assert_eq!(age_on(date(2016, 2, 29), date(2026, 3, 1)), Some(10));
        assert_eq!(age_on(date(2027, 1, 1), date(2026, 1, 1)), None);
    }

    #[test]
    fn an_age_that_was_entered_stands() {
        let context = context();
        let mut values = record(json!({"date_of_birth": "2016-01-01", "age": 7}));
        fill(&context, &record(json!({"date_of_birth": "2016-01-01", "age": 7})), &mut values);
        assert_eq!(values["age"], 7);
        fill(&context, &record(json!({"date_of_birth": "2016-01-01"})), &mut values);
        assert_eq!(values["age"], 10);
    }
}

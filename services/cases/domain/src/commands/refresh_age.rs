//! A birthday.

use jiff::civil::Date;
use kit_decider::Command;
use kit_records::values::parse_date;

use crate::compute::age_on;
use crate::fields::text;
use crate::{Aged, Case, CaseEvent, CaseRefusal, Stamp};

/// Brings the age up to date on or after a birthday. An age that was entered as higher than the
/// date of birth allows is left to people.
#[derive(Debug, Clone, PartialEq)]
pub struct RefreshAge {
    pub stamp: Stamp,
    pub today: Date,
}

impl Command for RefreshAge {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if !case.is_registered() {
            return Err(CaseRefusal::NotRegistered);
        }
        let born = text(&case.values, "date_of_birth").and_then(parse_date);
        let Some(age) = born.and_then(|born| age_on(born, self.today)) else { return Ok(vec![]) };
        let shown = case.values.get("age").and_then(serde_json::Value::as_i64);
        if shown.is_some_and(|shown| shown >= i64::from(age)) {
            return Ok(vec![]);
        }
        Ok(vec![CaseEvent::Aged(Aged { stamp: self.stamp, age })])
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::testing::{self, Given};

    fn aged(given: &Given, today: Date) -> Vec<CaseEvent> {
        let stamp = Stamp { by: "cases".into(), at: given.context.now };
        RefreshAge { stamp, today }.decide(&given.record).unwrap()
    }

    #[test]
    fn a_birthday_is_nobodys_edit() {
        let mut given = testing::registered(json!({"date_of_birth": "2016-02-01"}));
        assert_eq!(aged(&given, date(2026, 1, 31)), []);
        let stamp = Stamp { by: "cases".into(), at: given.context.now };
        given.when(RefreshAge { stamp, today: date(2026, 2, 1) }).unwrap();
        assert_eq!(
            (&given.record.values["age"], given.record.last_updated.by.as_str()),
            (&json!(10), "ann")
        );
        assert_eq!(aged(&given, date(2026, 2, 1)), []);
    }

    #[test]
    fn without_a_date_of_birth_nothing_is_known() {
        assert_eq!(aged(&testing::registered(json!({"age": 9})), date(2030, 1, 1)), []);
    }
}

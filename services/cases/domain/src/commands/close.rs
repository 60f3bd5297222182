//! Work on a case ends.

use jiff::civil::Date;
use kit_decider::Command;
use kit_records::values::parse_date;

use crate::patch::text;
use crate::{Case, CaseEvent, CaseRefusal, Closed, Stamp};

/// Ends work on a case. The closure date is the one given, else the one already on the record,
/// else today.
#[derive(Debug, Clone, PartialEq)]
pub struct CloseCase {
    pub stamp: Stamp,
    pub date: Option<Date>,
    pub today: Date,
}

impl Command for CloseCase {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if !case.is_registered() {
            return Err(CaseRefusal::NotRegistered);
        }
        if case.is_closed() {
            return Ok(vec![]);
        }
        let stored = text(&case.values, "date_closure").and_then(parse_date);
        let date = self.date.or(stored).unwrap_or(self.today);
        Ok(vec![CaseEvent::Closed(Closed { stamp: self.stamp, date })])
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::testing::Given;

    fn close(given: &Given, day: Option<Date>) -> CloseCase {
        CloseCase { stamp: given.context.stamp(), date: day, today: given.context.today }
    }

    fn closed_on(mut given: Given, day: Option<Date>) -> String {
        let command = close(&given, day);
        given.when(command).unwrap();
        assert_eq!(
            (given.case.status.as_str(), &given.case.values["workflow"]),
            ("closed", &json!("closed"))
        );
        given.case.values["date_closure"].as_str().unwrap().to_owned()
    }

    #[test]
    fn the_given_day_then_the_recorded_one_then_today() {
        let recorded = json!({"date_closure": "2025-12-24"});
        assert_eq!(
            closed_on(Given::registered(recorded.clone()), Some(date(2026, 1, 1))),
            "2026-01-01"
        );
        assert_eq!(closed_on(Given::registered(recorded), None), "2025-12-24");
        assert_eq!(closed_on(Given::registered(json!({})), None), "2026-01-31");
    }

    #[test]
    fn closing_twice_is_harmless() {
        let mut given = Given::registered(json!({}));
        let command = close(&given, None);
        given.when(command.clone()).unwrap();
        assert_eq!(given.when(command), Ok(vec![]));
    }

    #[test]
    fn there_must_be_a_case() {
        let given = Given::nothing();
        assert_eq!(close(&given, None).decide(&given.case), Err(CaseRefusal::NotRegistered));
    }
}

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

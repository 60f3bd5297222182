//! `PutReport`: a report becomes what a snapshot says.

use kit_decider::Command;

use crate::{Attributes, Refusal, Report, ReportEvent};

/// Makes or replaces the definition of a report.
#[derive(Debug, Clone)]
pub struct PutReport {
    pub id: i64,
    pub attributes: Attributes,
}

impl Command for PutReport {
    type Of = Report;
    type Refusal = Refusal;

    fn decide(self, report: &Report) -> Result<Vec<ReportEvent>, Refusal> {
        if report.exists && report.attributes == self.attributes {
            return Ok(vec![]);
        }
        let id = if report.exists { report.id } else { self.id };
        Ok(vec![ReportEvent::Put { id, attributes: self.attributes }])
    }
}

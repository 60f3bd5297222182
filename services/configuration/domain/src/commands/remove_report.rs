//! `RemoveReport`: a report that a snapshot no longer has.

use kit_decider::Command;

use crate::{Refusal, Report, ReportEvent};

/// Removes the definition of a report.
#[derive(Debug, Clone)]
pub struct RemoveReport;

impl Command for RemoveReport {
    type Of = Report;
    type Refusal = Refusal;

    fn decide(self, report: &Report) -> Result<Vec<ReportEvent>, Refusal> {
        Ok(report.exists.then_some(ReportEvent::Removed {}).into_iter().collect())
    }
}

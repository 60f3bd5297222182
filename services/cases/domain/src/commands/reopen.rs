//! A closed case is taken up again.

use kit_decider::Command;

use crate::{Case, CaseEvent, CaseRefusal, ReopenCause, Reopened, Stamp};

/// Opens a closed case again and logs who did so, when. What happens by itself (a service is
/// added) opens enabled cases only.
#[derive(Debug, Clone, PartialEq)]
pub struct ReopenCase {
    pub stamp: Stamp,
    pub cause: ReopenCause,
}

impl Command for ReopenCase {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if !case.is_registered() {
            return Err(CaseRefusal::NotRegistered);
        }
        let asked = self.cause == ReopenCause::Asked;
        if !case.is_closed() || !(asked || case.record_state) {
            return Ok(vec![]);
        }
        Ok(vec![CaseEvent::Reopened(Reopened { stamp: self.stamp, cause: self.cause })])
    }
}

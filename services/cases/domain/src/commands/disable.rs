//! A case leaves the default lists; nothing is removed.

use kit_decider::Command;

use crate::{Case, CaseEvent, CaseRefusal, Disabled, Stamp};

/// Hides a case from the default lists.
#[derive(Debug, Clone, PartialEq)]
pub struct DisableCase {
    pub stamp: Stamp,
}

impl Command for DisableCase {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if !case.is_registered() {
            return Err(CaseRefusal::NotRegistered);
        }
        if !case.record_state {
            return Ok(vec![]);
        }
        Ok(vec![CaseEvent::Disabled(Disabled { stamp: self.stamp })])
    }
}

//! A status that neither ends nor resumes the work.

use kit_decider::Command;

use crate::{Case, CaseEvent, CaseRefusal, Stamp, StatusSet};

/// Gives a case another status, such as `transferred` or `duplicate`. Closing and reopening have
/// commands of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct SetStatus {
    pub stamp: Stamp,
    pub status: String,
}

impl Command for SetStatus {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if !case.is_registered() {
            return Err(CaseRefusal::NotRegistered);
        }
        if case.status == self.status {
            return Ok(vec![]);
        }
        Ok(vec![CaseEvent::StatusSet(StatusSet { stamp: self.stamp, status: self.status })])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Given;

    #[test]
    fn the_same_status_is_no_event() {
        let mut given = Given::registered(json!({}));
        let set = |given: &Given, status: &str| SetStatus {
            stamp: given.context.stamp(),
            status: status.into(),
        };
        let command = set(&given, "duplicate");
        assert_eq!(given.when(command).unwrap().len(), 1);
        assert_eq!(given.case.status, "duplicate");
        assert_eq!(set(&given, "duplicate").decide(&given.case), Ok(vec![]));
    }
}

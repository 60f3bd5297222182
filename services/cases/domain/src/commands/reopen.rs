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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::own_fields;
    use crate::testing::Given;

    fn closed() -> Given {
        let mut given = Given::registered(json!({}));
        given.update(json!({"status": "closed"}));
        given
    }

    fn reopen(given: &Given, cause: ReopenCause) -> ReopenCase {
        ReopenCase { stamp: given.context.stamp(), cause }
    }

    #[test]
    fn it_is_open_again_and_the_log_says_who_and_when() {
        let mut given = closed();
        let command = reopen(&given, ReopenCause::Asked);
        given.when(command).unwrap();
        let record = own_fields(&given.case);
        assert_eq!((&record["status"], &record["workflow"]), (&json!("open"), &json!("reopened")));
        assert_eq!(record["case_status_reopened"], true);
        assert_eq!(record["reopened_logs"][0]["reopened_user"], "ann");
        assert_eq!(record["reopened_logs"][0]["reopened_date"], "2026-01-31T09:07:07.000Z");
    }

    #[test]
    fn only_closed_cases_are_reopened() {
        let given = Given::registered(json!({}));
        assert_eq!(reopen(&given, ReopenCause::Asked).decide(&given.case), Ok(vec![]));
    }

    #[test]
    fn a_disabled_case_does_not_reopen_by_itself() {
        let mut given = closed();
        given.update(json!({"record_state": false}));
        assert_eq!(reopen(&given, ReopenCause::ServiceAdded).decide(&given.case), Ok(vec![]));
        assert_eq!(reopen(&given, ReopenCause::Asked).decide(&given.case).unwrap().len(), 1);
    }
}

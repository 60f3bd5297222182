//! A closed case is taken up again.

use kit_decider::Command;
use serde_json::json;

use crate::testing::{self, Given};
use crate::{CaseKind, ReopenCase, ReopenCause};

fn closed() -> Given {
    let mut given = testing::registered(json!({}));
    given.update(json!({"status": "closed"}));
    given
}

fn reopen(given: &Given, cause: ReopenCause) -> ReopenCase {
    ReopenCase { kind: CaseKind, stamp: given.context.stamp(), cause }
}

#[test]
fn it_is_open_again_and_the_log_says_who_and_when() {
    let mut given = closed();
    let command = reopen(&given, ReopenCause::Asked);
    given.when(command).unwrap();
    let record = given.record.own_fields();
    assert_eq!((&record["status"], &record["workflow"]), (&json!("open"), &json!("reopened")));
    assert_eq!(record["case_status_reopened"], true);
    assert_eq!(record["reopened_logs"][0]["reopened_user"], "ann");
    assert_eq!(record["reopened_logs"][0]["reopened_date"], "2026-01-31T09:07:07.000Z");
}

#[test]
fn only_closed_cases_are_reopened() {
    let given = testing::registered(json!({}));
    assert_eq!(reopen(&given, ReopenCause::Asked).decide(&given.record), Ok(vec![]));
}

#[test]
fn a_disabled_case_does_not_reopen_by_itself() {
    let mut given = closed();
    given.update(json!({"record_state": false}));
    assert_eq!(reopen(&given, ReopenCause::ServiceAdded).decide(&given.record), Ok(vec![]));
    assert_eq!(reopen(&given, ReopenCause::Asked).decide(&given.record).unwrap().len(), 1);
}

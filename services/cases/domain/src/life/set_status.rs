//! A status that neither ends nor resumes the work.

use kit_decider::Command;
use serde_json::json;

use crate::testing::{self, Given};
use crate::{CaseKind, SetStatus};

#[test]
fn the_same_status_is_no_event() {
    let mut given = testing::registered(json!({}));
    let set = |given: &Given, status: &str| SetStatus {
        kind: CaseKind,
        stamp: given.context.stamp(),
        status: status.into(),
    };
    let command = set(&given, "duplicate");
    assert_eq!(given.when(command).unwrap().len(), 1);
    assert_eq!(given.record.status, "duplicate");
    assert_eq!(set(&given, "duplicate").decide(&given.record), Ok(vec![]));
}

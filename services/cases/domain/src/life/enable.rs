//! A disabled case comes back to the default lists.

use kit_decider::Command;
use serde_json::json;

use crate::testing;
use crate::{CaseKind, EnableCase};

#[test]
fn a_disabled_case_comes_back() {
    let mut given = testing::registered(json!({}));
    let enable = EnableCase { kind: CaseKind, stamp: given.context.stamp() };
    assert_eq!(enable.clone().decide(&given.record), Ok(vec![]));
    given.update(json!({"record_state": false}));
    given.when(enable).unwrap();
    assert!(given.record.record_state);
}

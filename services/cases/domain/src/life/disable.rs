//! A case leaves the default lists; nothing is removed.

use kit_decider::Command;
use serde_json::json;

use crate::testing;
use crate::{CaseKind, CaseRefusal, DisableCase};

#[test]
fn disabling_twice_is_harmless_and_removes_nothing() {
    let mut given = testing::registered(json!({"age": 9}));
    let disable = DisableCase { kind: CaseKind, stamp: given.context.stamp() };
    given.when(disable.clone()).unwrap();
    assert_eq!((given.record.record_state, &given.record.values["age"]), (false, &json!(9)));
    assert_eq!(given.when(disable), Ok(vec![]));
}

#[test]
fn there_must_be_a_case() {
    let given = testing::nothing();
    let disable = DisableCase { kind: CaseKind, stamp: given.context.stamp() };
    assert_eq!(disable.decide(&given.record), Err(CaseRefusal::NotRegistered));
}

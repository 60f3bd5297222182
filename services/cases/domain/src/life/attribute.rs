//! A case is attributed to the self-identified user whom it is about.

use kit_decider::Command;
use serde_json::json;

use crate::testing::{self, Given};
use crate::{AttributeCase, CaseEvent, CaseKind, CaseRefusal, Named};

fn attribute(given: &Given, to: Option<&str>, user: Named) -> Result<Vec<CaseEvent>, CaseRefusal> {
    let to = to.map(str::to_owned);
    AttributeCase { kind: CaseKind, stamp: given.context.stamp(), to, user }.decide(&given.record)
}

#[test]
fn a_user_has_one_case_and_must_identify_themselves() {
    let given = testing::registered(json!({}));
    assert_eq!(attribute(&given, Some("sam"), Named::Known).unwrap().len(), 1);
    assert_eq!(attribute(&given, Some("sam"), Named::Taken), Err(CaseRefusal::IdentifiedByTaken));
    assert_eq!(
        attribute(&given, Some("sam"), Named::Unknown),
        Err(CaseRefusal::IdentifiedByUnknown)
    );
    assert_eq!(attribute(&given, None, Named::Nobody), Ok(vec![]));
}

#[test]
fn it_can_be_taken_back() {
    let mut given = testing::registered(json!({}));
    given.update(json!({"identified_by": "sam"}));
    assert_eq!(given.record.identified.as_ref().map(|one| one.by.as_str()), Some("sam"));
    given.update(json!({"identified_by": null}));
    assert_eq!(given.record.identified, None);
}

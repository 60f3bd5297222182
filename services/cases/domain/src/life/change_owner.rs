//! A case is given to another user.

use kit_decider::Command;
use serde_json::json;

use crate::testing::{self, Given};
use crate::{CaseKind, CaseRefusal, ChangeOwner, Named};

fn give(given: &Given, to: &str, owner: Named) -> ChangeOwner {
    ChangeOwner { kind: CaseKind, stamp: given.context.stamp(), to: to.into(), owner }
}

#[test]
fn the_previous_owner_is_remembered() {
    let mut given = testing::registered(json!({}));
    let command = give(&given, "bob", Named::Known);
    given.when(command).unwrap();
    assert_eq!(
        (given.record.owner.as_str(), given.record.previous_owner.as_deref()),
        ("bob", Some("ann"))
    );
    assert_eq!(give(&given, "bob", Named::Known).decide(&given.record), Ok(vec![]));
}

#[test]
fn nobody_unknown_owns_a_case() {
    let given = testing::registered(json!({}));
    for named in [Named::Unknown, Named::Nobody] {
        let refused = give(&given, "ghost", named).decide(&given.record);
        assert_eq!(refused, Err(CaseRefusal::OwnerUnknown));
    }
}

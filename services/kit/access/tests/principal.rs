//! How granted actions answer what is asked.

use kit_access::Principal;

fn may(granted: &[&str], action: &str) -> bool {
    let mut ann = Principal::default();
    ann.permissions.insert("case".into(), granted.iter().map(|one| (*one).to_owned()).collect());
    ann.may("case", action)
}

#[test]
fn aliases() {
    for action in ["read", "index", "show", "view", "list", "export"] {
        assert!(may(&["read"], action), "{action}");
    }
    for action in ["write", "edit", "update", "destroy", "disable"] {
        assert!(may(&["write"], action), "{action}");
    }
    assert!(may(&["create"], "new"));
}

#[test]
fn nothing_else_follows() {
    assert!(!may(&["read"], "write") && !may(&["write"], "read") && !may(&["write"], "create"));
    assert!(!may(&["read"], "close") && !may(&["write"], "enable_disable_record"));
    assert!(!may(&["read"], "manage") && !may(&[], "read"));
}

#[test]
fn manage_grants_everything_of_its_resource_only() {
    assert!(may(&["manage"], "close") && may(&["manage"], "an action outside the matrix"));
    let mut ann = Principal::default();
    ann.permissions.insert("case".into(), vec!["manage".into()]);
    assert!(!ann.may("incident", "read"));
    assert!(!ann.grants("case", "close"), "literally");
}

#[test]
fn the_wire_form_is_stable() {
    let ann = Principal { user_name: "ann".into(), ..Principal::default() };
    let json = serde_json::to_value(&ann).unwrap();
    assert_eq!(json["scope"], "self");
    assert_eq!(serde_json::from_value::<Principal>(json).unwrap(), ann);
}

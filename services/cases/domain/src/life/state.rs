//! What the history of a case adds up to.

use serde_json::json;

use crate::Case;
use crate::testing;

fn names(case: &Case) -> Vec<&str> {
    case.last_changes.iter().map(String::as_str).collect()
}

#[test]
fn last_changes_are_those_of_the_last_command() {
    let mut given = testing::registered(json!({"age": 9}));
    given.update(json!({"age": 10, "status": "closed"}));
    assert_eq!(names(&given.record), ["age", "date_closure", "status", "workflow"]);
    given.update(json!({"followup_subform_section": [{"followup_date": "2026-01-01"}]}));
    assert_eq!(
        names(&given.record),
        ["followup_dates", "followup_status", "followup_subform_section"]
    );
    given.update(json!({"owned_by": "bob"}));
    assert_eq!(
        names(&given.record),
        ["associated_user_names", "owned_by", "previously_owned_by", "reassigned_transferred_on"]
    );
}

#[test]
fn a_short_id_has_seven_characters() {
    assert_eq!(testing::registered(json!({})).record.short_id(), "4c1d2ab");
}

#[test]
fn stamps_are_thinned_to_those_that_paths_name() {
    let mut given = testing::registered(json!({"name": "Rana"}));
    for age in 0..300 {
        given.update(json!({"age": age % 100}));
    }
    assert!(given.record.stamps.len() <= 64 + 1, "{}", given.record.stamps.len());
    assert_eq!(given.record.stamps[&1].by, "ann");
}

#[test]
fn everybody_who_works_on_a_case_is_associated_once() {
    let mut case = testing::registered(json!({})).record;
    case.assigned = vec!["bob".into(), "ann".into(), "bob".into()];
    assert_eq!(case.associated(), ["ann", "bob"]);
}

//! The rules of a change, one test each.

use kit_decider::Command;
use kit_records::Record;
use serde_json::{Value, json};

use crate::testing::{self, Given, record};
use crate::{CaseEvent, CaseKind, CaseRefusal, Named, Rights, SetStatus, UpdateCase};

fn kinds(events: &[CaseEvent]) -> Vec<&str> {
    events.iter().map(CaseEvent::kind).collect()
}

fn unprivileged(given: &Given, body: Value) -> Vec<CaseEvent> {
    let command = UpdateCase { rights: Rights::default(), ..given.patch(body) };
    command.decide(&given.record).unwrap()
}

#[test]
fn only_what_differs_is_recorded() {
    let mut given = testing::registered(json!({"age": 9, "sex": "female"}));
    let events = given.update(json!({"age": 10, "sex": "female"}));
    let [CaseEvent::Changed(changed)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(
        (&changed.changes, &changed.computed),
        (&record(json!({"age": 10})), &Record::new())
    );
    assert_eq!(given.update(json!({"age": 10})), []);
}

#[test]
fn there_must_be_a_case() {
    let given = testing::nothing();
    assert_eq!(given.patch(json!({})).decide(&given.record), Err(CaseRefusal::NotRegistered));
}

#[test]
fn status_state_and_owner_need_rights_of_their_own() {
    let given = testing::registered(json!({}));
    for body in [
        json!({"status": "closed"}),
        json!({"status": "duplicate"}),
        json!({"record_state": false}),
        json!({"owned_by": "bob"}),
        json!({"identified_by": "sam"}),
        json!({"case_status_reopened": true, "workflow": "reopened"}),
        json!({"created_at": "2020-01-01T00:00:00.000Z", "module_id": "primeromodule-gbv", "id": "x", "short_id": "1234567"}),
    ] {
        assert_eq!(unprivileged(&given, body.clone()), [], "{body}");
    }
}

#[test]
fn the_right_to_close_does_not_reopen() {
    let mut given = testing::registered(json!({}));
    given.update(json!({"status": "closed"}));
    let rights = Rights { close: true, ..Rights::default() };
    let command = UpdateCase {
        rights,
        ..given.patch(json!({"status": "open", "case_status_reopened": true}))
    };
    assert_eq!(command.decide(&given.record), Ok(vec![]));
}

#[test]
fn each_status_needs_its_own_right() {
    let close = Rights { close: true, ..Rights::default() };
    let reopen = Rights { reopen: true, ..Rights::default() };
    let told = |from: Option<&str>, to: &str, rights: Rights| {
        let mut given = testing::registered(json!({}));
        if let Some(status) = from {
            let stamp = given.context.stamp();
            given.when(SetStatus { kind: CaseKind, stamp, status: status.into() }).unwrap();
        }
        let command = UpdateCase { rights, ..given.patch(json!({ "status": to })) };
        kinds(&command.decide(&given.record).unwrap()).join(" ")
    };
    assert_eq!(told(None, "duplicate", close), "status_set");
    assert_eq!(told(None, "duplicate", reopen), "");
    assert_eq!(told(None, "transferred", Rights::ALL), "");
    assert_eq!(told(None, "identified", Rights::ALL), "");
    assert_eq!(told(Some("identified"), "open", close), "");
    assert_eq!(told(Some("identified"), "open", reopen), "status_set");
    assert_eq!(told(Some("duplicate"), "closed", reopen), "");
    assert_eq!(told(Some("duplicate"), "closed", close), "closed");
}

#[test]
fn closing_and_reopening_by_patch() {
    let mut given = testing::registered(json!({}));
    let closed = given.update(json!({"status": "closed", "date_closure": "2026-01-30"}));
    assert_eq!(kinds(&closed), ["changed", "closed"]);
    assert_eq!(given.record.values["date_closure"], "2026-01-30");
    let reopened = given.update(json!({"status": "open", "case_status_reopened": true}));
    assert_eq!(kinds(&reopened), ["reopened"]);
    assert_eq!(
        (given.record.status.as_str(), &given.record.values["workflow"]),
        ("open", &json!("reopened"))
    );
}

#[test]
fn a_service_opens_a_closed_case_again() {
    let service = json!({"services_section": [{"service_type": "health"}]});
    let mut given = testing::registered(json!({}));
    given.update(json!({"status": "closed"}));
    let id = {
        let events = given.update(service.clone());
        assert_eq!(kinds(&events), ["changed", "reopened"]);
        given.record.values["services_section"][0]["unique_id"].clone()
    };
    given.update(json!({"status": "closed"}));
    let known = json!({"services_section": [{"unique_id": id, "service_type": "legal"}]});
    assert_eq!(kinds(&given.update(known)), ["changed"], "an old service does not");
    given.update(json!({"record_state": false}));
    assert_eq!(kinds(&given.update(service)), ["changed"], "a disabled case stays closed");
    assert_eq!(given.record.values["workflow"], "closed");
}

#[test]
fn workflow_moves_with_what_the_save_changes() {
    let mut given = testing::registered(json!({}));
    given.update(json!({"assessment_requested_on": "2026-01-31"}));
    assert_eq!(given.record.values["workflow"], "assessment");
    given.update(json!({"date_case_plan": "2026-01-31"}));
    assert_eq!(given.record.values["workflow"], "case_plan");
    given.update(json!({"services_section": [{"service_response_type": "care_plan", "service_type": "health"}]}));
    assert_eq!(given.record.values["workflow"], "care_plan");
    let id = given.record.values["services_section"][0]["unique_id"].clone();
    given.update(json!({"services_section": [{"unique_id": id, "service_implemented_day_time": "2026-01-31T10:00:00.000Z"}]}));
    assert_eq!(given.record.values["workflow"], "services_implemented");
    assert_eq!(given.record.values["services_section"][0]["service_implemented"], "implemented");
    given.update(json!({"age": 9}));
    assert_eq!(given.record.values["workflow"], "services_implemented");
}

#[test]
fn different_fields_never_conflict() {
    let mut given = testing::registered(json!({"age": 9, "sex": "female"}));
    given.update(json!({"age": 10}));
    assert_eq!(kinds(&given.update_from(1, json!({"sex": "male"}))), ["changed"]);
}

#[test]
fn the_same_field_changed_differently_is_kept_twice() {
    let mut given = testing::registered(json!({"age": 9}));
    given.update(json!({"age": 10}));
    given.context.author.user_name = "bob".into();
    let events = given.update_from(1, json!({"age": 11, "sex": "male"}));
    assert_eq!(kinds(&events), ["changed", "conflict_opened"]);
    let conflict = given.record.conflicts.values().next().unwrap();
    assert_eq!((&conflict.kept, &conflict.proposed), (&json!(10), &json!(11)));
    assert_eq!((conflict.kept_by.by.as_str(), conflict.proposed_by.by.as_str()), ("ann", "bob"));
    assert_eq!(given.record.values["age"], 10);
}

#[test]
fn a_form_sent_whole_conflicts_only_where_it_was_changed() {
    let seen = json!({"age": 9, "sex": "female", "protection_concerns": ["separated", "orphan"]});
    let mut given = testing::registered(seen.clone());
    given.update(json!({"age": 10, "protection_concerns": ["separated", "orphan", "neglect"]}));
    let body = json!({"age": 9, "sex": "male", "protection_concerns": ["separated"]});
    let command = UpdateCase { base: Some(1), seen: Some(record(seen)), ..given.patch(body) };
    assert_eq!(kinds(&given.when(command).unwrap())[0], "changed");
    assert_eq!(
        (&given.record.values["age"], &given.record.values["sex"]),
        (&json!(10), &json!("male"))
    );
    assert_eq!(given.record.values["protection_concerns"], json!(["separated", "neglect"]));
    assert!(given.record.conflicts.is_empty());
}

#[test]
fn the_same_change_twice_and_no_base_at_all_are_fine() {
    let mut given = testing::registered(json!({"age": 9}));
    given.update(json!({"age": 10}));
    assert_eq!(given.update_from(1, json!({"age": 10})), []);
    assert_eq!(kinds(&given.update(json!({"age": 12}))), ["changed"]);
}

#[test]
fn the_same_conflict_is_not_opened_twice() {
    let mut given = testing::registered(json!({"age": 9}));
    given.update(json!({"age": 10}));
    assert_eq!(given.update_from(1, json!({"age": 11})).len(), 1);
    assert_eq!(given.update_from(1, json!({"age": 11})), []);
    assert_eq!(given.update_from(1, json!({"age": 12})).len(), 1);
    assert_eq!(given.record.conflicts.len(), 2);
}

#[test]
fn names_that_rules_make_do_not_conflict() {
    let mut given = testing::registered(json!({"name_first": "Amal", "name_last": "Haddad"}));
    given.update(json!({"name_first": "Amel"}));
    let events = given.update_from(1, json!({"name": "Amal Hadad", "name_last": "Hadad"}));
    assert_eq!(kinds(&events), ["changed"]);
    assert_eq!(given.record.values["name"], "Amel Hadad");
}

#[test]
fn a_base_that_is_still_to_come_is_refused() {
    let given = testing::registered(json!({}));
    let command = UpdateCase { base: Some(9), ..given.patch(json!({"age": 1})) };
    assert_eq!(command.decide(&given.record), Err(CaseRefusal::BaseAhead { base: 9, version: 1 }));
}

#[test]
fn a_birth_in_a_later_year_is_refused() {
    let given = testing::registered(json!({}));
    let refused = given.patch(json!({"date_of_birth": "2999-01-01"})).decide(&given.record);
    assert_eq!(refused, Err(CaseRefusal::BornInTheFuture));
}

#[test]
fn an_unknown_owner_is_refused_and_nothing_else_is_done() {
    let given = testing::registered(json!({}));
    let command =
        UpdateCase { owner: Named::Unknown, ..given.patch(json!({"owned_by": "ghost", "age": 4})) };
    assert_eq!(command.decide(&given.record), Err(CaseRefusal::OwnerUnknown));
}

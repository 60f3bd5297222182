//! A child is registered.

use kit_decider::Command;
use kit_records::{Code, Violation};
use serde_json::{Value, json};

use crate::testing::{self, CASE, record};
use crate::{Case, CaseEvent, CaseRefusal, Named, RegisterCase, Registered, Rights};

fn invalid(pointer: &str, code: Code) -> CaseRefusal {
    CaseRefusal::Invalid(vec![Violation::new(pointer, code)])
}

fn registered(command: RegisterCase) -> Result<Registered, CaseRefusal> {
    match command.decide(&Case::default())?.remove(0) {
        CaseEvent::Registered(event) => Ok(event),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_entered_stands_apart_from_what_was_computed() {
    let command = testing::nothing().register(
        json!({"name_first": "Amal", "name_last": "Haddad", "date_of_birth": "2016-02-01"}),
    );
    let event = registered(command).unwrap();
    assert_eq!(
        Value::Object(event.values),
        json!({"name_first": "Amal", "name_last": "Haddad", "date_of_birth": "2016-02-01"})
    );
    assert_eq!(
        Value::Object(event.computed),
        json!({
            "registration_date": "2026-01-31", "notes_section": [], "case_type": "person",
            "workflow": "new", "protection_concerns": [], "age": 9, "name": "Amal Haddad",
        })
    );
    assert_eq!(
        (event.id, event.owner.as_str(), event.display_id.as_str()),
        (CASE, "ann", "20260131-4c1d2ab")
    );
}

#[test]
fn an_id_is_registered_once() {
    let mut given = testing::registered(json!({}));
    let again = given.register(json!({"name": "Again"}));
    assert_eq!(given.when(again), Err(CaseRefusal::AlreadyRegistered));
}

#[test]
fn a_device_may_have_registered_earlier_but_not_in_the_future() {
    let register =
        |sent: &str| registered(testing::nothing().register(json!({"created_at": sent})));
    let earlier = register("2026-01-02T03:04:05.000Z").unwrap();
    assert_eq!(earlier.created_at.to_string(), "2026-01-02T03:04:05Z");
    assert_eq!(register("2031-01-01T00:00:00Z"), Err(invalid("/created_at", Code::FutureDate)));
    assert_eq!(register("yesterday"), Err(invalid("/created_at", Code::NotATime)));
}

#[test]
fn the_owner_is_the_author_or_somebody_known() {
    let command = testing::nothing().register(json!({"owned_by": "bob"}));
    assert_eq!(registered(command.clone()).unwrap().owner, "bob");
    let unknown = RegisterCase { owner: Named::Unknown, ..command };
    assert_eq!(registered(unknown), Err(CaseRefusal::OwnerUnknown));
}

#[test]
fn the_module_must_exist_and_may_hide_names() {
    let register =
        |module: &str| registered(testing::nothing().register(json!({"module_id": module})));
    assert_eq!(register("primeromodule-none"), Err(invalid("/module_id", Code::NotFound)));
    assert_eq!(register("primeromodule-gbv").unwrap().computed["hidden_name"], true);
}

#[test]
fn a_child_is_not_born_in_a_later_year() {
    let command = testing::nothing().register(json!({"date_of_birth": "2027-01-01"}));
    assert_eq!(registered(command), Err(CaseRefusal::BornInTheFuture));
}

#[test]
fn a_self_identified_user_registers_their_own_case_once() {
    let mut command = testing::nothing().register(json!({"status": "open"}));
    command.context.author.identified = true;
    let event = registered(command.clone()).unwrap();
    assert_eq!(
        (event.status.as_str(), event.identified_by.as_deref()),
        ("identified", Some("ann"))
    );
    command.identified = Named::Taken;
    assert_eq!(registered(command), Err(CaseRefusal::IdentifiedByTaken));
}

#[test]
fn a_status_needs_its_right() {
    let command = testing::nothing().register(json!({"status": "closed", "record_state": false}));
    assert_eq!(command.clone().decide(&Case::default()).unwrap().len(), 3);
    let without = RegisterCase { rights: Rights::default(), ..command };
    assert_eq!(without.decide(&Case::default()).unwrap().len(), 1);
}

#[test]
fn system_fields_and_workflow_are_not_entered() {
    let body = json!({"id": "x", "short_id": "y", "created_by": "z", "workflow": "closed", "last_updated_by": "w", "has_case_plan": true});
    let event = registered(testing::nothing().register(body)).unwrap();
    assert_eq!((event.values, &event.computed["workflow"]), (record(json!({})), &json!("new")));
}

#[test]
fn entries_get_ids_that_a_repeat_gives_again() {
    let command = testing::nothing()
        .register(json!({"conf_contacts": [{"contact_name": "Aunt"}, {"contact_name": "Uncle"}]}));
    let event = registered(command.clone()).unwrap();
    let contacts = &event.values["conf_contacts"];
    assert_ne!(contacts[0]["unique_id"], contacts[1]["unique_id"]);
    assert_eq!(registered(command).unwrap(), event);
}

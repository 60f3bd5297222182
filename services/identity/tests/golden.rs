//! Every event ever stored still reads, and every kind of event has an example here.
//! `AMPARO_BLESS=1` never touches these files: they are history.

use std::collections::BTreeSet;

use identity_domain::{
    Agency, AgencyEvent, CodeOfConduct, CodeOfConductEvent, Device, DeviceEvent, Role, RoleEvent,
    SavedSearch, SavedSearchEvent, Tenant, TenantEvent, User, UserEvent, UserGroup, UserGroupEvent,
};
use kit_decider::Stored;
use serde_json::Value;

/// Reads each example as version 1 and writes it again; answers the kinds that there are.
fn kinds<A: Stored>(examples: &str) -> BTreeSet<String> {
    let examples: Vec<Value> = serde_json::from_str(examples).unwrap();
    let mut state = A::default();
    let mut kinds = BTreeSet::new();
    for example in examples {
        let kind = example["type"].as_str().unwrap().to_owned();
        let event = A::decode(&kind, 1, example.to_string().as_bytes()).unwrap();
        state.evolve(&event);
        let again = serde_json::to_value(&event).unwrap();
        for (key, value) in example.as_object().unwrap() {
            assert_eq!(&again[key], value, "{kind}.{key}");
        }
        kinds.insert(kind);
    }
    kinds
}

fn set(kinds: &[&str]) -> BTreeSet<String> {
    kinds.iter().map(|kind| (*kind).to_owned()).collect()
}

#[test]
fn tenants() {
    // A new event does not compile here until it has a name and an example.
    let name = |event: &TenantEvent| match event {
        TenantEvent::Opened { .. } => "opened",
        TenantEvent::Suspended => "suspended",
        TenantEvent::Resumed => "resumed",
        TenantEvent::Closed => "closed",
        TenantEvent::OrganisationApplied { .. } => "organisation_applied",
        TenantEvent::Changed { .. } => "changed",
        TenantEvent::Destroyed { .. } => "destroyed",
        TenantEvent::Limited { .. } => "limited",
    };
    assert_eq!(name(&TenantEvent::Closed), "closed");
    let all = [
        "opened",
        "suspended",
        "resumed",
        "closed",
        "organisation_applied",
        "changed",
        "destroyed",
        "limited",
    ];
    assert_eq!(kinds::<Tenant>(include_str!("golden/tenant.v1.json")), set(&all));
}

#[test]
fn users() {
    let all = [
        "created",
        "profile_changed",
        "membership_changed",
        "password_set",
        "password_reset_requested",
        "disabled",
        "enabled",
        "code_of_conduct_accepted",
        "terms_of_use_accepted",
        "second_factor_offered",
        "second_factor_set",
        "recovery_codes_renewed",
        "recovery_code_used",
        "second_factor_removed",
        "deleted",
    ];
    assert_eq!(UserEvent::Deleted.name(), "deleted", "its match is exhaustive");
    assert_eq!(kinds::<User>(include_str!("golden/user.v1.json")), set(&all));
}

#[test]
fn roles() {
    let name = |event: &RoleEvent| match event {
        RoleEvent::Created { .. } => "created",
        RoleEvent::Changed { .. } => "changed",
        RoleEvent::FormGranted { .. } => "form_granted",
        RoleEvent::Deleted => "deleted",
    };
    assert_eq!(name(&RoleEvent::Deleted), "deleted");
    let all = ["created", "changed", "form_granted", "deleted"];
    assert_eq!(kinds::<Role>(include_str!("golden/role.v1.json")), set(&all));
}

#[test]
fn user_groups() {
    let name = |event: &UserGroupEvent| match event {
        UserGroupEvent::Created { .. } => "created",
        UserGroupEvent::Changed { .. } => "changed",
        UserGroupEvent::Deleted => "deleted",
    };
    assert_eq!(name(&UserGroupEvent::Deleted), "deleted");
    let all = ["created", "changed", "deleted"];
    assert_eq!(kinds::<UserGroup>(include_str!("golden/user_group.v1.json")), set(&all));
}

#[test]
fn agencies() {
    let name = |event: &AgencyEvent| match event {
        AgencyEvent::Created { .. } => "created",
        AgencyEvent::Changed { .. } => "changed",
        AgencyEvent::Disabled => "disabled",
    };
    assert_eq!(name(&AgencyEvent::Disabled), "disabled");
    let all = ["created", "changed", "disabled"];
    assert_eq!(kinds::<Agency>(include_str!("golden/agency.v1.json")), set(&all));
}

#[test]
fn codes_of_conduct_and_saved_searches() {
    let name = |event: &CodeOfConductEvent| match event {
        CodeOfConductEvent::Published { .. } => "published",
        CodeOfConductEvent::Confirmed { .. } => "confirmed",
    };
    let confirmed = CodeOfConductEvent::Confirmed { on: String::new(), by: String::new() };
    assert_eq!(name(&confirmed), "confirmed");
    let examples = include_str!("golden/code_of_conduct.v1.json");
    assert_eq!(kinds::<CodeOfConduct>(examples), set(&["published", "confirmed"]));
    let name = |event: &SavedSearchEvent| match event {
        SavedSearchEvent::Saved { .. } => "saved",
        SavedSearchEvent::Deleted => "deleted",
    };
    assert_eq!(name(&SavedSearchEvent::Deleted), "deleted");
    let examples = include_str!("golden/saved_search.v1.json");
    assert_eq!(kinds::<SavedSearch>(examples), set(&["saved", "deleted"]));
}

#[test]
fn devices() {
    let name = |event: &DeviceEvent| match event {
        DeviceEvent::Registered { .. } => "registered",
        DeviceEvent::WipeOrdered => "wipe_ordered",
        DeviceEvent::Wiped => "wiped",
    };
    assert_eq!(name(&DeviceEvent::Wiped), "wiped");
    let all = ["registered", "wipe_ordered", "wiped"];
    assert_eq!(kinds::<Device>(include_str!("golden/device.v1.json")), set(&all));
}

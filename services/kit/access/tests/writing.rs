//! Which fields a body may set.

use kit_access::{FormAccess, Handover, Permitted, Principal, Scope, Write};
use kit_records::{Core, Slot, system};

use crate::fixture::{cases, index, worker};

fn names(principal: &Principal, write: Write<'_>) -> Vec<String> {
    let index = index();
    cases(principal, &index).writable(write).names().map(str::to_owned).collect()
}

fn may(principal: &Principal, write: Write<'_>, field: &str) -> bool {
    names(principal, write).iter().any(|one| one == field)
}

#[test]
fn only_values_of_forms_granted_for_writing() {
    let ann = worker(&["read", "write", "create"]);
    let fields = names(&ann, Write::Update);
    for mine in ["name", "age", "national_id_no", "nickname"] {
        assert!(fields.iter().any(|one| one == mine), "{mine}");
    }
    for other in
        ["office_note", "secret_note", "gbv_note", "photos", "line", "first_visit", "notes_section"]
    {
        assert!(!fields.iter().any(|one| one == other), "{other}");
    }
}

#[test]
fn without_a_module_no_form_is_written() {
    let (ann, index) = (worker(&["write", "create"]), index());
    let at = Permitted { module: None, ..cases(&ann, &index) };
    assert!(!at.writable(Write::Create).contains("name"));
    assert!(at.writable(Write::Create).contains("id"));
}

#[test]
fn what_the_server_stamps_is_never_written() {
    let ann = worker(&["manage"]);
    for write in [Write::Create, Write::Update] {
        for stamped in [
            "short_id",
            "created_by",
            "case_id_display",
            "unique_identifier",
            "owned_by_groups",
            "associated_user_names",
            "assigned_user_names",
        ] {
            assert!(!may(&ann, write, stamped), "{stamped}");
        }
    }
}

#[test]
fn a_plain_update_does_not_close_disable_or_hand_over() {
    let ann = worker(&["read", "write"]);
    for guarded in [
        "status",
        "record_state",
        "case_status_reopened",
        "owned_by",
        "date_closure",
        "identified_by",
        "workflow",
        "closure_approved",
    ] {
        assert!(!may(&ann, Write::Update, guarded), "{guarded}");
    }
}

#[test]
fn set_once_on_creation() {
    let ann = worker(&["create", "write"]);
    for once in ["id", "created_at", "module_id", "owned_by"] {
        assert!(may(&ann, Write::Create, once), "{once}");
        assert!(!may(&ann, Write::Update, once), "{once}");
    }
}

#[test]
fn each_action_opens_its_fields() {
    for (action, fields) in [
        ("close", &["status", "date_closure"][..]),
        ("reopen", &["status", "workflow", "case_status_reopened"]),
        ("enable_disable_record", &["record_state"]),
        ("attribute", &["identified_by"]),
        ("incident_from_case", &["incident_case_id"]),
        ("add_registry_record", &["registry_record_id"]),
        ("case_from_family", &["family_id", "family_member_id"]),
        ("link_family_record", &["family_id", "family_member_id"]),
        ("add_note", &["notes_section"]),
        ("services_section_from_case", &["services_section"]),
        (
            "sync_external",
            &["mark_synced", "mark_synced_url", "mark_synced_status", "synced_at", "sync_status"],
        ),
        (
            "approve_closure",
            &[
                "closure_approved",
                "approval_status_closure",
                "closure_approved_date",
                "closure_approved_comments",
            ],
        ),
        ("assign", &["owned_by"]),
        ("assign_within_agency", &["owned_by"]),
        ("assign_within_user_group", &["owned_by"]),
    ] {
        let (with, without) = (worker(&["write", action]), worker(&["write"]));
        for field in fields {
            assert!(may(&with, Write::Update, field), "{action} {field}");
            assert!(!may(&without, Write::Update, field), "{action} {field}");
        }
        assert!(may(&worker(&["manage"]), Write::Update, fields[0]), "manage grants {action}");
    }
}

#[test]
fn fields_that_lie_open_take_codes_only() {
    let (ann, index) = (worker(&["manage"]), index());
    let schema = cases(&ann, &index).writable(Write::Update);
    for name in schema.names().filter(|name| system::is_coded(name) && !system::is_checked(name)) {
        if let Some(Slot::Core(core)) = schema.get(name) {
            assert_ne!(*core, Core::Text, "{name}");
        }
    }
    assert_eq!(schema.get("closure_approved_comments"), Some(&Slot::Core(Core::Text)));
}

#[test]
fn asking_for_approval_is_not_approving() {
    assert!(!may(
        &worker(&["write", "request_approval_closure"]),
        Write::Update,
        "closure_approved"
    ));
    assert!(!may(&worker(&["write", "approve_assessment"]), Write::Update, "closure_approved"));
}

#[test]
fn an_action_without_the_right_to_update_is_narrow() {
    let limited = worker(&["read", "close", "services_section_from_case"]);
    assert_eq!(names(&limited, Write::Action("close")), ["date_closure", "status"]);
    assert_eq!(names(&limited, Write::Action("services_section_from_case")), ["services_section"]);
    assert_eq!(names(&limited, Write::Action("reopen")), [""; 0]);
    assert_eq!(names(&limited, Write::Action("read")), [""; 0]);
}

#[test]
fn an_action_with_the_right_to_update_takes_the_whole_form() {
    let ann = worker(&["read", "write", "close"]);
    assert_eq!(names(&ann, Write::Action("close")), names(&ann, Write::Update));
}

#[test]
fn writes_need_their_right() {
    let index = index();
    let may = |actions: &[&str], write: Write<'_>| cases(&worker(actions), &index).may_write(write);
    assert!(may(&["create"], Write::Create) && !may(&["write"], Write::Create));
    assert!(may(&["write"], Write::Update) && !may(&["read", "create"], Write::Update));
    assert!(may(&["read", "close"], Write::Action("close")));
    assert!(!may(&["close"], Write::Action("close")), "not without reading");
    assert!(!may(&["read", "write"], Write::Action("close")));
    assert!(may(&["manage"], Write::Action("close")) && may(&["manage"], Write::Update));
}

#[test]
fn records_are_handed_over_by_right() {
    let index = index();
    let to = |actions: &[&str], owner: Option<&str>, user: &str| {
        cases(&worker(actions), &index).handover(owner, user)
    };
    assert_eq!(to(&[], None, "ann"), Handover::Anyone, "one's own creation");
    assert_eq!(to(&[], Some("bob"), "bob"), Handover::Anyone, "no change");
    assert_eq!(to(&["write"], None, "bob"), Handover::Refused);
    assert_eq!(to(&["write"], Some("bob"), "ann"), Handover::Refused, "no grabbing");
    assert_eq!(to(&["assign"], Some("ann"), "bob"), Handover::Anyone);
    assert_eq!(to(&["manage"], Some("ann"), "bob"), Handover::Anyone);
    assert_eq!(to(&["assign_within_agency"], Some("ann"), "bob"), Handover::SameAgency);
    assert_eq!(to(&["assign_within_user_group"], Some("ann"), "bob"), Handover::SameGroup);
}

#[test]
fn identified_users_never_attribute() {
    let mut identified = worker(&["write", "attribute"]);
    identified.scope = Scope::Identified;
    assert!(!may(&identified, Write::Update, "identified_by"));
}

#[test]
fn a_form_of_another_module_is_not_written() {
    let mut ann = worker(&["write"]);
    ann.forms.insert("office".into(), FormAccess::ReadWrite);
    assert!(may(&ann, Write::Update, "office_note") && !may(&ann, Write::Update, "gbv_note"));
}

#[test]
fn a_right_to_read_sent_as_an_action_is_no_right_to_write() {
    assert_eq!(Write::under("close"), Write::Action("close"));
    for word in ["", "list", "show", "read", "export", "manage", "update"] {
        assert_eq!(Write::under(word), Write::Update, "{word}");
    }
}

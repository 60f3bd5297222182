//! Which fields an answer may hold.

use std::collections::BTreeSet;

use kit_access::{Permitted, Principal, Scope};
use kit_records::RecordType;

use crate::fixture::{cases, index, worker};

fn readable(principal: &Principal) -> BTreeSet<String> {
    let index = index();
    cases(principal, &index).readable()
}

#[track_caller]
fn opens(principal: &Principal, without: &Principal, fields: &[&str]) {
    let (with, without) = (readable(principal), readable(without));
    for field in fields {
        assert!(with.contains(*field) && !without.contains(*field), "{field}");
    }
}

#[test]
fn granted_forms_are_readable_for_reading_or_writing() {
    let fields = readable(&worker(&["read"]));
    for mine in ["name", "national_id_no", "office_note", "photos"] {
        assert!(fields.contains(mine), "{mine}");
    }
    for other in ["secret_note", "gbv_note", "notes_section"] {
        assert!(!fields.contains(other), "{other}");
    }
}

#[test]
fn a_list_counts_the_forms_of_all_modules() {
    let (ann, index) = (worker(&["read"]), index());
    let at = Permitted { module: None, ..cases(&ann, &index) };
    assert!(at.readable().contains("gbv_note"));
}

#[test]
fn some_fields_are_always_readable() {
    let fields = readable(&Principal::default());
    for always in [
        "id",
        "enabled",
        "status",
        "record_state",
        "owned_by",
        "module_id",
        "created_at",
        "age",
        "sex",
        "short_id",
        "case_id_display",
        "registration_date",
        "record_in_scope",
        "has_photo",
        "current_alert_types",
    ] {
        assert!(fields.contains(always), "{always}");
    }
    for never in ["name", "registry_record_id", "created_by", "hidden_name", "flag_count"] {
        assert!(!fields.contains(never), "{never}");
    }
}

#[test]
fn each_right_opens_its_fields() {
    let nobody = Principal::default();
    let reader = worker(&["read"]);
    opens(
        &reader,
        &nobody,
        &[
            "created_by",
            "last_updated_by",
            "owned_by_groups",
            "alert_count",
            "identified_by",
            "consent_for_services",
        ],
    );
    for (action, fields) in [
        ("flag", &["flag_count", "flagged"][..]),
        ("sync_external", &["sync_status", "synced_at", "mark_synced"]),
        ("view_incident_from_case", &["incident_details", "incident_ids"]),
        ("view_registry_record", &["registry_record_id", "registry_no"]),
        ("add_registry_record", &["registry_record_id"]),
        ("view_family_record", &["family_id_display", "family_number"]),
        ("case_from_family", &["family_member_id"]),
        ("link_family_record", &["family_member_id"]),
        ("view_photo", &["photo"]),
        (
            "request_approval_case_plan",
            &[
                "case_plan_approved",
                "approval_status_case_plan",
                "case_plan_approval_type",
                "approval_subforms",
            ],
        ),
        ("approve_assessment", &["assessment_approved", "approval_subforms"]),
    ] {
        opens(&worker(&["read", action]), &reader, fields);
    }
    let mut no_forms = worker(&["read", "write"]);
    no_forms.forms.clear();
    opens(&no_forms, &nobody, &["hidden_name"]);
}

#[test]
fn dashboards_open_what_they_click_through_to() {
    let reader = worker(&["read"]);
    for (dashboard, fields) in [
        ("case_risk", &["risk_level"][..]),
        ("cases_by_task_overdue_services", &["service_due_dates"]),
        ("cases_by_task_overdue_assessment", &["assessment_due_dates"]),
        ("dash_shared_with_me", &["referred_users", "transferred_to_users"]),
        ("approvals_closure_pending", &["approval_status_closure"]),
    ] {
        let mut with = reader.clone();
        with.permissions.insert("dashboard".into(), vec![dashboard.into()]);
        opens(&with, &reader, fields);
    }
}

#[test]
fn the_reporting_place_is_readable() {
    assert!(readable(&worker(&["read"])).contains("owned_by_location"));
}

#[test]
fn identified_users_see_little_besides_their_forms() {
    let mut identified = worker(&["read", "view_photo"]);
    identified.scope = Scope::Identified;
    let fields = readable(&identified);
    assert!(
        fields.contains("name") && fields.contains("identified_by") && fields.contains("status")
    );
    for hidden in ["created_at", "family_id", "photo", "associated_user_names", "alert_count"] {
        assert!(!fields.contains(hidden), "{hidden}");
    }
}

#[test]
fn short_fields_are_cut_to_readable_ones() {
    let index = index();
    let ann = worker(&["read"]);
    let short = cases(&ann, &index).short();
    for name in [
        "id",
        "enabled",
        "name",
        "age",
        "sex",
        "status",
        "owned_by",
        "owned_by_agency_id",
        "created_at",
        "short_id",
        "case_id_display",
        "alert_count",
        "record_in_scope",
        "last_updated_at",
    ] {
        assert!(short.contains(name), "{name}");
    }
    for name in ["flag_count", "office_note", "national_id_no", "registry_record_id"] {
        assert!(!short.contains(name), "{name}");
    }
}

#[test]
fn previews_show_marked_fields_of_granted_forms() {
    let index = index();
    let searcher = worker(&["read", "search_owned_by_others"]);
    assert!(!cases(&searcher, &index).preview().contains("nickname"));
    let viewer = worker(&["read", "search_owned_by_others", "display_view_page"]);
    let preview = cases(&viewer, &index).preview();
    for name in ["nickname", "date_of_birth", "estimated", "name", "age", "sex"] {
        assert!(preview.contains(name), "{name}");
    }
    for name in ["office_note", "secret_hint", "national_id_no"] {
        assert!(!preview.contains(name), "{name}");
    }
}

#[test]
fn other_types_have_their_own_summary() {
    let (mut ann, index) = (worker(&["read"]), index());
    ann.permissions.insert("incident".into(), vec!["read".into()]);
    let at = Permitted { record_type: RecordType::Incident, ..cases(&ann, &index) };
    assert!(at.readable().contains("description") && at.short().contains("incident_date_derived"));
    let families = Permitted { record_type: RecordType::Family, ..cases(&ann, &index) };
    assert!(!families.preview().contains("family_name"));
    ann.permissions.insert("family".into(), vec!["display_view_page".into()]);
    let families = Permitted { record_type: RecordType::Family, ..cases(&ann, &index) };
    assert!(families.preview().contains("family_name"));
}

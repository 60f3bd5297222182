//! The fields that may be read; see `permitted`.
//!
//! Age and sex stay readable without a form: every list and filter of the clients needs them.

use std::collections::BTreeSet;

use kit_records::{FieldType, Form, RecordType, system};

use crate::{Permitted, Scope};

/// On every record, whatever the role.
const CORE: &[&str] = &[
    "id",
    "enabled",
    "status",
    "state",
    "case_status_reopened",
    "record_state",
    "incident_case_id",
    "family_id",
    "created_at",
    "source_case_display_id",
    "owned_by",
    "module_id",
    "last_updated_at",
    "merged_from",
    "merged_into",
    "merged_into_display_id",
    "merged_into_owned_by",
    "duplicate",
    "duplicate_case_id",
];

/// What lists filter by.
const FILTERS: &[&str] = &[
    "record_in_scope",
    "associated_user_names",
    "not_edited_by_owner",
    "has_photo",
    "survivor_code",
    "survivor_code_no",
    "case_id_display",
    "has_incidents",
    "short_id",
    "sex",
    "age",
    "registration_date",
    "date_closure",
    "reassigned_transferred_on",
    "current_alert_types",
    "location_current",
    "reporting_location_hierarchy",
    "followup_dates",
    "reunification_dates",
    "tracing_dates",
    "service_implemented_day_times",
];

/// About the record itself, for those who may read the type.
const ABOUT: &[&str] = &[
    "alert_count",
    "assigned_user_names",
    "created_by",
    "created_by_agency",
    "owned_by_agency_id",
    "owned_by_text",
    "owned_by_agency_office",
    "owned_by_groups",
    "previous_agency",
    "previously_owned_by",
    "previously_owned_by_agency",
    "reassigned_tranferred_on",
    "reopened_logs",
    "last_updated_by",
    "created_organization",
    "consent_for_services",
    "disclosure_other_orgs",
    "case_type",
    "assign",
    "identified_by",
];

/// What a role of scope "identified" sees besides its forms.
const IDENTIFIED: &[&str] = &[
    "id",
    "enabled",
    "status",
    "state",
    "case_status_reopened",
    "record_state",
    "module_id",
    "workflow",
    "last_updated_at",
    "identified_at",
    "identified_by",
    "identified_by_full_name",
];

/// Filters of monitoring and reporting on violations.
const MRM_FILTERS: &[&str] = &[
    "individual_violations",
    "individual_age",
    "individual_sex",
    "victim_deprived_liberty_security_reasons",
    "reasons_deprivation_liberty",
    "victim_facilty_victims_held",
    "torture_punishment_while_deprivated_liberty",
    "weapon_type",
    "facility_impact",
    "facility_attack_type",
    "child_role",
    "abduction_purpose_single",
    "military_use_type",
    "types_of_aid_disrupted_denial",
    "violation_category",
    "verification_status",
    "violation_with_verification_status",
    "has_late_verified_violations",
    "verified_ghn_reported",
    "child_types",
    "perpetrator_category",
    "armed_force_group_party_names",
];

const MRM: &str = "primeromodule-mrm";

/// Fields that one right on the record's type opens.
const BY_RIGHT: &[(&str, &[&str])] = &[
    ("update", &["hidden_name"]),
    ("flag", &["flag_count", "flagged"]),
    (
        "sync_external",
        &["mark_synced", "mark_synced_url", "mark_synced_status", "synced_at", "sync_status"],
    ),
    ("view_incident_from_case", &["incident_details", "incident_ids"]),
    ("view_registry_record", REGISTRY),
    ("add_registry_record", REGISTRY),
    ("view_family_record", FAMILY),
    ("case_from_family", FAMILY),
    ("link_family_record", FAMILY),
    ("view_photo", &["photo"]),
];

const REGISTRY: &[&str] =
    &["registry_record_id", "registry_id_display", "registry_name", "registry_no"];

const FAMILY: &[&str] =
    &["family_id", "family_id_display", "family_member_id", "family_name", "family_number"];

/// Fields that one dashboard's numbers click through to.
const BY_DASHBOARD: &[(&str, &[&str])] = &[
    ("case_risk", &["risk_level"]),
    ("dash_cases_to_assign", &["risk_level"]),
    ("dash_protection_concerns", &["protection_concerns"]),
    ("cases_by_task_overdue_assessment", &["assessment_due_dates"]),
    ("cases_by_task_overdue_case_plan", &["case_plan_due_dates"]),
    ("cases_by_task_overdue_services", &["service_due_dates"]),
    ("cases_by_task_overdue_followups", &["followup_due_dates"]),
    ("dash_shared_with_me", SHARING),
    ("dash_shared_with_others", SHARING),
    ("dash_shared_with_my_team", SHARING),
    ("dash_shared_with_my_team_overview", SHARING),
    ("dash_shared_from_my_team", SHARING),
    ("action_needed_new_referrals", SHARING),
    ("action_needed_transfer_awaiting_acceptance", SHARING),
];

const SHARING: &[&str] = &[
    "referred_users",
    "referred_users_present",
    "referred_users_pending",
    "referred_users_pending_present",
    "referred_users_accepted",
    "referred_users_accepted_present",
    "last_referral_rejected_at",
    "last_referral_done_at",
    "transferred_to_users",
    "transferred_to_user_groups",
    "transfer_status",
];

pub fn fields(at: &Permitted<'_>) -> BTreeSet<String> {
    let mut names: BTreeSet<String> =
        granted(at).flat_map(|form| form.fields.iter().map(|field| field.name.clone())).collect();
    if at.principal.scope == Scope::Identified {
        add(&mut names, IDENTIFIED);
        add_by_right(&mut names, at, &["flag"]);
        add_approvals(&mut names, at);
        return names;
    }
    add(&mut names, CORE);
    add(&mut names, FILTERS);
    if may(at, "read") {
        add(&mut names, ABOUT);
    }
    if at.principal.modules.iter().any(|one| one == MRM) {
        add(&mut names, MRM_FILTERS);
    }
    let rights: Vec<&str> = BY_RIGHT.iter().map(|(right, _)| *right).collect();
    add_by_right(&mut names, at, &rights);
    add_approvals(&mut names, at);
    add_reporting_location(&mut names, at);
    add_of_type(&mut names, at);
    names
}

fn granted<'a>(at: &'a Permitted<'_>) -> impl Iterator<Item = &'a Form> {
    let forms = at.index.forms(at.record_type, at.module);
    forms.filter(|form| at.principal.forms.contains_key(&form.unique_id))
}

fn add(names: &mut BTreeSet<String>, more: &[&str]) {
    names.extend(more.iter().map(|name| (*name).to_owned()));
}

fn may(at: &Permitted<'_>, action: &str) -> bool {
    at.principal.may(at.record_type.as_str(), action)
}

fn add_by_right(names: &mut BTreeSet<String>, at: &Permitted<'_>, rights: &[&str]) {
    for (right, fields) in BY_RIGHT {
        if rights.contains(right) && may(at, right) {
            add(names, fields);
        }
    }
}

fn add_approvals(names: &mut BTreeSet<String>, at: &Permitted<'_>) {
    if at.record_type != RecordType::Case {
        return;
    }
    let mut any = false;
    for kind in system::APPROVALS {
        let on_dashboard = ["", "_pending"]
            .iter()
            .any(|end| at.principal.grants("dashboard", &format!("approvals_{kind}{end}")));
        let rights = [format!("request_approval_{kind}"), format!("approve_{kind}")];
        if on_dashboard || rights.iter().any(|right| may(at, right)) {
            names.extend(system::approval_fields(kind));
            any = true;
        }
    }
    if any {
        add(names, &["approval_subforms"]);
    }
}

fn add_reporting_location(names: &mut BTreeSet<String>, at: &Permitted<'_>) {
    let key = match at.record_type {
        RecordType::Incident => "incident_reporting_location_config",
        _ => "reporting_location_config",
    };
    let configured = at.index.settings.get(key).and_then(|config| config.get("field_key"));
    names.extend(configured.and_then(serde_json::Value::as_str).map(str::to_owned));
}

fn add_of_type(names: &mut BTreeSet<String>, at: &Permitted<'_>) {
    match at.record_type {
        RecordType::Case => {
            add(names, &["workflow"]);
            for (dashboard, fields) in BY_DASHBOARD {
                if at.principal.grants("dashboard", dashboard) {
                    add(names, fields);
                }
            }
            if may(at, "search_owned_by_others") && may(at, "display_view_page") {
                names.extend(files(at));
            }
        }
        RecordType::Incident => add(names, &["incident_date_derived"]),
        RecordType::TracingRequest => add(names, &["tracing_names"]),
        RecordType::Family | RecordType::RegistryRecord => {}
    }
}

fn files(at: &Permitted<'_>) -> impl Iterator<Item = String> {
    let shown =
        |one: &FieldType| matches!(one, FieldType::PhotoUploadBox | FieldType::AudioUploadBox);
    at.index
        .fields(at.record_type)
        .filter(move |(_, field)| shown(&field.field_type))
        .map(|(name, _)| name.to_owned())
}

/// Summary fields of every type.
const SHORT: &[&str] = &[
    "id",
    "enabled",
    "last_updated_at",
    "created_at",
    "owned_by",
    "owned_by_agency_id",
    "photos",
    "flag_count",
    "status",
    "record_in_scope",
    "short_id",
    "alert_count",
];

const SHORT_CASE: &[&str] = &[
    "case_id_display",
    "name",
    "survivor_code_no",
    "age",
    "sex",
    "registration_date",
    "hidden_name",
    "workflow",
    "case_status_reopened",
    "module_id",
    "registry_record_id",
    "client_code",
    "gender",
    "reporting_location_hierarchy",
    "location_current",
];

const SHORT_INCIDENT: &[&str] = &[
    "date_of_interview",
    "date_of_incident",
    "violence_type",
    "incident_location",
    "violations",
    "social_worker",
    "date_of_first_report",
    "cp_incident_violence_type",
    "reporting_location_hierarchy",
    "gbv_sexual_violence_type",
    "incident_date",
    "survivor_code",
    "violation_category",
    "incident_date_derived",
];

const fn short_of(record_type: RecordType) -> &'static [&'static str] {
    match record_type {
        RecordType::Case => SHORT_CASE,
        RecordType::Incident => SHORT_INCIDENT,
        RecordType::TracingRequest => &["relation_name", "inquiry_date", "tracing_names"],
        RecordType::RegistryRecord => &[
            "registry_type",
            "registry_id_display",
            "name",
            "registration_date",
            "module_id",
            "location_current",
            "registry_no",
        ],
        RecordType::Family => &[
            "family_registration_date",
            "family_id_display",
            "family_name",
            "family_number",
            "module_id",
            "family_location_current",
        ],
    }
}

pub fn short(at: &Permitted<'_>) -> BTreeSet<String> {
    let readable = fields(at);
    let all = SHORT.iter().chain(short_of(at.record_type));
    all.filter(|name| readable.contains(**name)).map(|name| (*name).to_owned()).collect()
}

pub fn preview(at: &Permitted<'_>) -> BTreeSet<String> {
    let mut names = short(at);
    if !may(at, "display_view_page") {
        return names;
    }
    let marked = granted(at).flat_map(|form| form.fields.iter());
    names.extend(marked.filter(|field| field.show_on_minify_form).map(|field| field.name.clone()));
    match at.record_type {
        RecordType::Case => add(&mut names, &["age", "date_of_birth", "estimated", "name", "sex"]),
        RecordType::Family => add(
            &mut names,
            &["family_id_display", "family_name", "family_number", "family_registration_date"],
        ),
        _ => {}
    }
    names
}

//! The permission table: every resource and what may be done with it. It names what can be
//! granted; what an action allows is decided by whoever owns the resource.

/// One resource with the actions that a role may be granted on it.
#[derive(Debug, PartialEq, Eq)]
pub struct Resource {
    pub name: &'static str,
    /// As the session data of the web application calls it.
    pub plural: &'static str,
    pub actions: &'static [&'static str],
}

/// Scopes that a role may be given, as the permission table lists them.
pub const MANAGEMENT: [&str; 6] = ["self", "group", "all", "admin_only", "agency", "webhook"];

/// Verbs that old configurations grant on any resource, in the table or not.
const PLAIN_VERBS: [&str; 4] = ["read", "create", "write", "manage"];

/// What roles may hold beyond the table: it is granted literally and stays out of the list of
/// permissions, whose answer the contract fixes.
const BEYOND: &[(&str, &[&str])] = &[(ERASURE, &["request", "approve"])];

/// What goes beyond the reference's permissions of a resource: to merge two records of one child.
const MORE: &[(&str, &str)] = &[("case", "merge")];

/// The resource of erasing a record for good.
pub const ERASURE: &str = "erasure";

/// Whether a role may hold this permission; `Err` names what is unknown.
pub fn check(resource: &str, action: &str) -> Result<(), Unknown> {
    if let Some((_, actions)) = BEYOND.iter().find(|(name, _)| *name == resource) {
        return if actions.contains(&action) { Ok(()) } else { Err(Unknown::Action) };
    }
    let known = RESOURCES.iter().find(|one| one.name == resource).ok_or(Unknown::Resource)?;
    if known.actions.contains(&action)
        || PLAIN_VERBS.contains(&action)
        || MORE.contains(&(resource, action))
    {
        return Ok(());
    }
    Err(Unknown::Action)
}

/// What of a permission is not in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    Resource,
    Action,
}

/// The plural of a resource; unknown ones stay as they are.
pub fn plural(resource: &str) -> &str {
    RESOURCES.iter().find(|one| one.name == resource).map_or(resource, |one| one.plural)
}

/// The whole table, in the order in which it is shown.
pub const RESOURCES: &[Resource] = &[
    Resource {
        name: "case",
        plural: "cases",
        actions: &[
            "read",
            "create",
            "write",
            "enable_disable_record",
            "flag",
            "flag_multiple",
            "resolve_any_flag",
            "flag_update",
            "attribute",
            "incident_from_case",
            "incident_details_from_case",
            "view_incident_from_case",
            "service_provision_incident_details",
            "services_section_from_case",
            "export_list_view_csv",
            "export_csv",
            "export_xls",
            "export_photowall",
            "export_unhcr_csv",
            "export_pdf",
            "export_duplicate_id_csv",
            "export_json",
            "export_custom",
            "import",
            "consent_override",
            "sync_external",
            "sync_mobile",
            "request_approval_assessment",
            "request_approval_case_plan",
            "request_approval_closure",
            "request_approval_action_plan",
            "request_approval_gbv_closure",
            "approve_assessment",
            "approve_case_plan",
            "approve_closure",
            "approve_action_plan",
            "approve_gbv_closure",
            "self_approve",
            "search_owned_by_others",
            "display_view_page",
            "request_transfer",
            "view_photo",
            "referral_from_service",
            "add_note",
            "find_tracing_match",
            "assign",
            "assign_within_agency",
            "assign_within_user_group",
            "remove_assigned_users",
            "transfer",
            "receive_transfer",
            "accept_or_reject_transfer",
            "referral",
            "receive_referral",
            "access_log",
            "receive_referral_different_module",
            "reopen",
            "close",
            "view_protection_concerns_filter",
            "change_log",
            "list_case_names",
            "view_registry_record",
            "add_registry_record",
            "view_family_record",
            "case_from_family",
            "link_family_record",
            "remove_alert",
            "service_own_entries_only",
            "create_case_from_referral",
            "update_case_relationships",
            "view_case_relationships",
            "manage",
        ],
    },
    Resource {
        name: "incident",
        plural: "incidents",
        actions: &[
            "read",
            "create",
            "write",
            "enable_disable_record",
            "flag",
            "resolve_any_flag",
            "flag_update",
            "export_list_view_csv",
            "export_csv",
            "export_xls",
            "export_pdf",
            "export_incident_recorder_xls",
            "export_json",
            "export_custom",
            "import",
            "sync_mobile",
            "change_log",
            "access_log",
            "export_mrm_violation_xls",
            "remove_alert",
            "verify_mrm",
            "assign",
            "link_incident_to_case",
            "manage",
        ],
    },
    Resource {
        name: "tracing_request",
        plural: "tracing_requests",
        actions: &[
            "read",
            "create",
            "write",
            "enable_disable_record",
            "flag",
            "resolve_any_flag",
            "flag_update",
            "export_list_view_csv",
            "export_csv",
            "export_xls",
            "export_pdf",
            "export_json",
            "export_custom",
            "import",
            "change_log",
            "access_log",
            "manage",
        ],
    },
    Resource {
        name: "registry_record",
        plural: "registry_records",
        actions: &[
            "read",
            "create",
            "write",
            "enable_disable_record",
            "flag",
            "resolve_any_flag",
            "flag_update",
            "export_csv",
            "export_xls",
            "export_json",
            "change_log",
            "access_log",
            "sync_mobile",
            "manage",
        ],
    },
    Resource {
        name: "family",
        plural: "families",
        actions: &[
            "read",
            "create",
            "write",
            "enable_disable_record",
            "flag",
            "resolve_any_flag",
            "flag_update",
            "reopen",
            "close",
            "export_list_view_csv",
            "export_csv",
            "export_xls",
            "export_pdf",
            "export_json",
            "export_custom",
            "access_log",
            "sync_mobile",
            "case_from_family",
            "search_owned_by_others",
            "search_and_select_family_record",
            "display_view_page",
            "assign",
            "change_log",
            "manage",
        ],
    },
    Resource {
        name: "role",
        plural: "roles",
        actions: &["create", "read", "write", "assign", "copy", "manage", "delete"],
    },
    Resource {
        name: "user",
        plural: "users",
        actions: &[
            "create",
            "read",
            "agency_read",
            "write",
            "disable_multiple",
            "send_email_multiple",
            "manage",
        ],
    },
    Resource {
        name: "user_group",
        plural: "user_groups",
        actions: &["create", "read", "write", "assign", "manage", "delete"],
    },
    Resource {
        name: "agency",
        plural: "agencies",
        actions: &["read", "write", "assign", "manage"],
    },
    Resource {
        name: "webhook",
        plural: "webhooks",
        actions: &["create", "read", "write", "delete", "manage"],
    },
    Resource {
        name: "report",
        plural: "reports",
        actions: &["read", "group_read", "agency_read", "create", "write", "manage"],
    },
    Resource {
        name: "managed_report",
        plural: "managed_reports",
        actions: &[
            "violations",
            "gbv_statistics",
            "ghn_report",
            "individual_children",
            "workflow_report",
            "protection_outcomes",
            "process_quality_total_cases",
            "process_quality_average_cases",
            "process_quality_successful_referrals",
            "process_quality_implemented_referrals",
            "case_characteristics",
            "cases_workflow_report",
            "violence_type_report",
            "referrals_transfers_report",
            "protection_concerns_report",
            "followups_report",
            "services_report",
            "reporting_locations_report",
            "case_management_kpis_report",
            "case_management_kpis_service_referrals_report",
            "distribution_users_role_report",
        ],
    },
    Resource { name: "metadata", plural: "metadata", actions: &["manage", "manage_restricted"] },
    Resource {
        name: "potential_match",
        plural: "potential_matches",
        actions: &["read", "view_audio", "view_photo", "manage"],
    },
    Resource { name: "duplicate", plural: "duplicates", actions: &["read"] },
    Resource { name: "system", plural: "systems", actions: &["manage"] },
    Resource {
        name: "primero_configuration",
        plural: "primero_configurations",
        actions: &["manage"],
    },
    Resource {
        name: "dashboard",
        plural: "dashboards",
        actions: &[
            "case_overview",
            "case_risk",
            "approvals_assessment",
            "approvals_assessment_pending",
            "approvals_case_plan",
            "approvals_case_plan_pending",
            "approvals_closure",
            "approvals_closure_pending",
            "approvals_action_plan",
            "approvals_action_plan_pending",
            "approvals_gbv_closure",
            "approvals_gbv_closure_pending",
            "view_response",
            "dash_reporting_location",
            "dash_protection_concerns",
            "dash_matching_results",
            "dash_service_provisions",
            "dash_cases_to_assign",
            "workflow",
            "workflow_team",
            "cases_by_task_overdue_assessment",
            "cases_by_task_overdue_case_plan",
            "cases_by_task_overdue_services",
            "cases_by_task_overdue_followups",
            "dash_cases_by_social_worker",
            "dash_protection_concerns_by_location",
            "dash_show_none_values",
            "dash_tasks",
            "dash_flags",
            "dash_shared_with_me",
            "dash_shared_with_others",
            "dash_group_overview",
            "dash_shared_with_my_team",
            "dash_shared_with_my_team_overview",
            "dash_shared_from_my_team",
            "dash_case_incident_overview",
            "dash_national_admin_summary",
            "dash_violations_category_verification_status",
            "dash_violations_category_region",
            "dash_perpetrator_armed_force_group_party_names",
            "action_needed_new_updated",
            "action_needed_new_referrals",
            "action_needed_transfer_awaiting_acceptance",
            "action_needed_identified",
        ],
    },
    Resource { name: "audit_log", plural: "audit_logs", actions: &["read"] },
    Resource { name: "usage_report", plural: "usage_reports", actions: &["read"] },
    Resource {
        name: "matching_configuration",
        plural: "matching_configurations",
        actions: &["manage"],
    },
    Resource {
        name: "kpi",
        plural: "kpis",
        actions: &[
            "read",
            "kpi_assessment_status",
            "kpi_average_followup_meetings_per_case",
            "kpi_average_referrals",
            "kpi_case_closure_rate",
            "kpi_case_load",
            "kpi_client_satisfaction_rate",
            "kpi_completed_case_action_plans",
            "kpi_completed_case_safety_plans",
            "kpi_completed_supervisor_approved_case_action_plans",
            "kpi_number_of_cases",
            "kpi_number_of_incidents",
            "kpi_reporting_delay",
            "kpi_services_provided",
            "kpi_supervisor_to_caseworker_ratio",
            "kpi_time_from_case_open_to_close",
        ],
    },
    Resource { name: "code_of_conduct", plural: "codes_of_conduct", actions: &["manage"] },
    Resource { name: "activity_log", plural: "activity_logs", actions: &["manage", "transfer"] },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_all_permissions_of_the_contract() {
        assert_eq!(RESOURCES.len(), 24);
        assert_eq!(RESOURCES.iter().map(|one| one.actions.len()).sum::<usize>(), 282);
    }

    #[test]
    fn tells_an_unknown_resource_from_an_unknown_action() {
        assert_eq!(check("case", "flag"), Ok(()));
        assert_eq!(check("case", "fly"), Err(Unknown::Action));
        assert_eq!(check("spaceship", "read"), Err(Unknown::Resource));
    }

    #[test]
    fn takes_erasure_without_plain_verbs() {
        assert_eq!(check("erasure", "request"), Ok(()));
        assert_eq!(check("erasure", "approve"), Ok(()));
        assert_eq!(check("erasure", "manage"), Err(Unknown::Action));
    }

    #[test]
    fn takes_the_right_to_merge_cases_and_no_other_records() {
        assert_eq!(check("case", "merge"), Ok(()));
        assert_eq!(check("incident", "merge"), Err(Unknown::Action));
    }

    #[test]
    fn takes_plain_verbs_that_old_configurations_grant() {
        assert_eq!(check("audit_log", "manage"), Ok(()));
        assert_eq!(check("agency", "create"), Ok(()));
    }
}

//! The permission catalogue: every resource with its actions, in the order of the contract.

use std::collections::BTreeMap;

/// One resource and the actions that a role may be granted on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource {
    pub name: &'static str,
    pub actions: &'static [&'static str],
}

/// Grants everything on its resource.
pub const MANAGE: &str = "manage";

/// How far roles may see records, as `group_permission` names it.
pub const SCOPES: [&str; 6] = ["self", "group", "agency", "all", "admin_only", "identified"];

/// Resources whose `manage` together make a super user.
const SUPER_USER: [&str; 9] =
    ["case", "incident", "report", "role", "user", "user_group", "agency", "metadata", "system"];

/// Resources whose `manage` together make a user administrator.
const USER_ADMIN: [&str; 6] = ["role", "user", "user_group", "agency", "metadata", "system"];

/// The catalogue entry of a resource.
pub fn resource(name: &str) -> Option<&'static Resource> {
    CATALOGUE.iter().find(|one| one.name == name)
}

/// Whether the pair is in the catalogue.
pub fn exists(name: &str, action: &str) -> bool {
    resource(name).is_some_and(|one| one.actions.contains(&action))
}

/// Whether a role with these grants is a super-user role.
pub fn is_super_user(grants: &BTreeMap<String, Vec<String>>) -> bool {
    manages_all(grants, &SUPER_USER)
}

/// Whether a role with these grants is a user-admin role (super users are, too).
pub fn is_user_admin(grants: &BTreeMap<String, Vec<String>>) -> bool {
    manages_all(grants, &USER_ADMIN)
}

fn manages_all(grants: &BTreeMap<String, Vec<String>>, resources: &[&str]) -> bool {
    resources.iter().all(|name| {
        grants.get(*name).is_some_and(|actions| actions.iter().any(|one| one == MANAGE))
    })
}

/// All resources with their actions.
pub const CATALOGUE: &[Resource] = &[
    Resource {
        name: "case",
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
        actions: &["create", "read", "write", "assign", "copy", "manage", "delete"],
    },
    Resource {
        name: "user",
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
        actions: &["create", "read", "write", "assign", "manage", "delete"],
    },
    Resource { name: "agency", actions: &["read", "write", "assign", "manage"] },
    Resource { name: "webhook", actions: &["create", "read", "write", "delete", "manage"] },
    Resource {
        name: "report",
        actions: &["read", "group_read", "agency_read", "create", "write", "manage"],
    },
    Resource {
        name: "managed_report",
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
    Resource { name: "metadata", actions: &["manage", "manage_restricted"] },
    Resource { name: "potential_match", actions: &["read", "view_audio", "view_photo", "manage"] },
    Resource { name: "duplicate", actions: &["read"] },
    Resource { name: "system", actions: &["manage"] },
    Resource { name: "primero_configuration", actions: &["manage"] },
    Resource {
        name: "dashboard",
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
    Resource { name: "audit_log", actions: &["read"] },
    Resource { name: "usage_report", actions: &["read"] },
    Resource { name: "matching_configuration", actions: &["manage"] },
    Resource {
        name: "kpi",
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
    Resource { name: "code_of_conduct", actions: &["manage"] },
    Resource { name: "activity_log", actions: &["manage", "transfer"] },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn grants(resources: &[&str]) -> BTreeMap<String, Vec<String>> {
        resources.iter().map(|one| ((*one).to_owned(), vec![MANAGE.to_owned()])).collect()
    }

    #[test]
    fn the_catalogue_is_whole() {
        assert_eq!(CATALOGUE.iter().map(|one| one.actions.len()).sum::<usize>(), 282);
        assert_eq!(CATALOGUE.len(), 24);
        let pairs: BTreeSet<_> = CATALOGUE
            .iter()
            .flat_map(|one| one.actions.iter().map(move |a| (one.name, a)))
            .collect();
        assert_eq!(pairs.len(), 282, "no pair stands twice");
        assert_eq!(resource("case").unwrap().actions.len(), 72);
    }

    #[test]
    fn pairs_are_known_or_not() {
        assert!(
            exists("case", "close") && !exists("incident", "close") && !exists("nothing", "read")
        );
    }

    #[test]
    fn super_users_and_user_admins() {
        assert!(is_super_user(&grants(&SUPER_USER)) && is_user_admin(&grants(&SUPER_USER)));
        assert!(is_user_admin(&grants(&USER_ADMIN)) && !is_super_user(&grants(&USER_ADMIN)));
        for missing in SUPER_USER {
            let most: Vec<&str> = SUPER_USER.into_iter().filter(|one| *one != missing).collect();
            assert!(!is_super_user(&grants(&most)), "{missing}");
        }
        let mut reads = grants(&SUPER_USER);
        reads.insert("case".into(), vec!["read".into(), "write".into()]);
        assert!(!is_super_user(&reads));
    }
}

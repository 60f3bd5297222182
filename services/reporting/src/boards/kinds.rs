//! Which dashboards there are, who sees them, and what they are made of.

use kit_access::{Principal, Scope};

use super::approvals::Approvals;
use super::home::NEEDED;

/// The dashboards that there is something to say for, by the permissions that grant them.
pub const KNOWN: [&str; 37] = [
    "case_overview",
    "case_risk",
    "action_needed_new_updated",
    "action_needed_identified",
    "dash_reporting_location",
    "dash_protection_concerns",
    "dash_cases_to_assign",
    "workflow",
    "workflow_team",
    "cases_by_task_overdue_assessment",
    "cases_by_task_overdue_case_plan",
    "cases_by_task_overdue_services",
    "cases_by_task_overdue_followups",
    "dash_cases_by_social_worker",
    "dash_group_overview",
    "dash_case_incident_overview",
    "dash_national_admin_summary",
    VIOLATIONS,
    REGIONS,
    PARTIES,
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
    "action_needed_new_referrals",
    "action_needed_transfer_awaiting_acceptance",
    "dash_shared_with_me",
    "dash_shared_with_others",
    "dash_shared_with_my_team",
    "dash_shared_with_my_team_overview",
    "dash_shared_from_my_team",
];

/// Open incidents by violation and how far it is verified.
pub const VIOLATIONS: &str = "dash_violations_category_verification_status";
/// Open incidents by region and violation.
pub const REGIONS: &str = "dash_violations_category_region";
/// Open incidents by who committed the violations.
pub const PARTIES: &str = "dash_perpetrator_armed_force_group_party_names";

/// What is counted of cases within reach.
pub const SHARED: &[&str] = &[
    "status",
    "updated",
    "risk",
    "new",
    "closed",
    "concern",
    "concern_open",
    "concern_new",
    "concern_closed",
    "place_open",
    "place_new",
    "place_closed",
    "flagged",
    "with_incidents",
    "approval_pending",
    "transfer_groups",
    "incident.status",
    "incident.violation",
    "incident.category_place",
    "incident.party",
];
/// What is counted by owner.
pub const OWNED: &[&str] = &[
    "owned",
    "owned_updated",
    "owned_risk",
    "owned_new_incidents",
    "workflow",
    "approval",
    "assigned",
    "got",
    "got_pending",
    "got_accepted",
    "got_transfer",
    "sent",
    "sent_pending",
    "sent_accepted",
    "sent_transfer",
];
/// What is counted by owner and day or minute, and told of a while that ends now.
pub const LATELY: &[&str] =
    &["assigned_day", "assigned_minute", "assigned_high", "sent_rejected", "sent_done"];
/// What is counted by owner and by the day on which it is due.
pub const LATE: &[&str] = &["late_assessment", "late_case_plan", "late_follow_up", "late_service"];

/// Where one of these dashboards says nothing without numbers by owner.
fn is_by_owner(name: &str) -> bool {
    name.starts_with("workflow")
        || name.starts_with("cases_by_task")
        || matches!(name, "dash_cases_to_assign" | "dash_cases_by_social_worker")
        || name.starts_with("dash_shared")
        || name.starts_with("action_needed_new_referrals")
        || name.starts_with("action_needed_transfer")
        || name.starts_with("approvals_") && !name.ends_with("_pending")
}

/// The dashboards that a caller's role grants, of those asked for by name.
pub fn granted(principal: &Principal, names: &[String]) -> Vec<&'static str> {
    let asked = |name: &str| {
        names.is_empty()
            || names.iter().any(|one| one.strip_prefix("dashboard.").unwrap_or(one) == name)
    };
    let sees = |name: &str| !is_by_owner(name) || principal.scope != Scope::Identified;
    let reads = |name: &str| {
        let counts_incidents = [VIOLATIONS, REGIONS, PARTIES].contains(&name);
        principal.may(if counts_incidents { "incident" } else { "case" }, "read")
    };
    let of_role = |name: &&str| {
        principal.grants("dashboard", name) && asked(name) && sees(name) && reads(name)
    };
    KNOWN.into_iter().filter(of_role).collect()
}

/// What a dashboard's numbers are made of.
pub fn measures(name: &str) -> &'static [&'static str] {
    match name {
        "case_overview" => &["status", "updated", "assigned_day"],
        "dash_case_incident_overview" => {
            &["status", "updated", "with_incidents", "owned_new_incidents"]
        }
        "case_risk" => &["risk"],
        NEEDED => &["status", "updated", "flagged", "risk", "incident.status"],
        "action_needed_new_updated" => &["updated"],
        "action_needed_identified" | "dash_group_overview" => &["status"],
        "dash_reporting_location" => &["place_open", "place_new", "place_closed"],
        "dash_protection_concerns" => &["concern", "concern_open", "concern_new", "concern_closed"],
        "dash_cases_to_assign" => &["owned_risk", "assigned", "assigned_minute", "assigned_high"],
        "action_needed_new_referrals" => &["got_pending"],
        "action_needed_transfer_awaiting_acceptance" => &["got_transfer"],
        "dash_shared_with_me" => &["got", "got_pending", "got_accepted", "got_transfer"],
        "dash_shared_with_my_team" => &["got_pending", "got_accepted", "got_transfer"],
        "dash_shared_with_my_team_overview" => &["transfer_groups"],
        "dash_shared_with_others" | "dash_shared_from_my_team" => SENT,
        "workflow" | "workflow_team" => &["workflow"],
        "cases_by_task_overdue_assessment" => &["late_assessment"],
        "cases_by_task_overdue_case_plan" => &["late_case_plan"],
        "cases_by_task_overdue_services" => &["late_service"],
        "cases_by_task_overdue_followups" => &["late_follow_up"],
        "dash_cases_by_social_worker" => &["owned", "owned_updated"],
        "dash_national_admin_summary" => &["status", "new", "closed"],
        VIOLATIONS => &["incident.violation"],
        REGIONS => &["incident.category_place"],
        PARTIES => &["incident.party"],
        name => match Approvals::named(name) {
            Some(approvals) => approvals.measures(),
            None => &[],
        },
    }
}

/// What is told of what somebody shared.
const SENT: &[&str] =
    &["sent", "sent_pending", "sent_accepted", "sent_rejected", "sent_done", "sent_transfer"];

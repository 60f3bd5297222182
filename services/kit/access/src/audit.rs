//! The words of the audit log: the gateway writes no others (a test of its holds it to them), and
//! the system settings tell clients what they can ask for.

use crate::RECORD_ACTIONS;

/// What a call does, where a record's own action does not say it.
const CALLS: [&str; 43] = [
    "access",
    "access_log",
    "apply",
    "approve_erasure",
    "begin_second_factor",
    "confirm_second_factor",
    "create",
    "delete",
    "destroy",
    "export",
    "failed_login",
    "find_similar",
    "flag",
    "flag_multiple",
    "identified",
    "import",
    "index",
    "judge_duplicate",
    "list",
    "login",
    "logout",
    "logout_everywhere",
    "merge",
    "password_reset_request",
    "reauthenticate",
    "record_history",
    "refuse_erasure",
    "remove_second_factor",
    "renew_recovery_codes",
    "request_erasure",
    "reset_second_factor",
    "self_register",
    "settle_conflict",
    "show",
    "show_conflicts",
    "show_duplicates",
    "show_flags",
    "show_second_factor",
    "unknown",
    "unmerge",
    "update",
    "update_bulk",
    "update_flag",
];

/// What calls are about.
pub const AUDIT_RECORD_TYPES: [&str; 29] = [
    "activity_log",
    "agency",
    "audit_log",
    "child",
    "code_of_conduct",
    "contact_information",
    "dashboard",
    "erasure",
    "family",
    "flag",
    "form_section",
    "incident",
    "location",
    "lookup",
    "notice",
    "permission",
    "potential_match",
    "primero_configuration",
    "primero_module",
    "reading_alarm",
    "registry_record",
    "role",
    "saved_search",
    "system_settings",
    "task",
    "trace",
    "tracing_request",
    "user",
    "user_group",
];

/// Everything that an entry can say was done.
pub fn audit_actions() -> impl Iterator<Item = &'static str> {
    CALLS.into_iter().chain(RECORD_ACTIONS)
}

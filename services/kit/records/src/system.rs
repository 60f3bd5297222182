//! System fields: what the server itself keeps on a record, whatever the forms say.

use crate::RecordType;

/// Fields that the server computes or stamps: coded values and names of staff accounts, never
/// words of a person served. No body sets them, even where a form shows them.
pub const STAMPED: &[&str] = &[
    "id",
    "enabled",
    "unique_id",
    "unique_identifier",
    "short_id",
    "created_by",
    "created_by_groups",
    "created_by_full_name",
    "created_organization",
    "created_agency_office",
    "posted_at",
    "last_updated_at",
    "last_updated_by",
    "last_updated_by_full_name",
    "owned_by_full_name",
    "owned_by_agency_id",
    "owned_by_groups",
    "owned_by_location",
    "owned_by_user_code",
    "owned_by_agency_office",
    "previously_owned_by",
    "previously_owned_by_full_name",
    "previously_owned_by_agency",
    "previously_owned_by_location",
    "previously_owned_by_agency_office",
    "assigned_user_names",
    "associated_user_names",
    "associated_user_groups",
    "associated_user_agencies",
    "not_edited_by_owner",
    "identified_at",
    "identified_by_full_name",
    "reopened_logs",
    "flagged",
    "flag_count",
    "alert_count",
    "current_alert_types",
    "record_in_scope",
    "has_photo",
    "has_case_plan",
    "has_incidents",
    "incident_ids",
    "case_type",
    "assessment_due_dates",
    "case_plan_due_dates",
    "followup_due_dates",
    "service_due_dates",
    "tracing_dates",
    "reunification_dates",
    "followup_dates",
    "service_implemented_day_times",
    "followup_status",
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
    "reassigned_transferred_on",
    "merged_from",
    "merged_into",
    "merged_into_display_id",
    "merged_into_owned_by",
    "duplicate",
    "duplicate_case_id",
];

/// Fields that a form can show and only a decision of its own sets: registering, closing, giving
/// away. `created_at` and `module_id` are read once, when the record is registered.
const DECIDED: &[&str] = &[
    "created_at",
    "created_by_agency",
    "module_id",
    "status",
    "record_state",
    "owned_by",
    "owned_by_text",
    "previous_agency",
    "identified_by",
];

/// Stamped fields that name a person on the staff or are no codes, and so are not kept readable.
const STAFF_NAMES: &[&str] = &[
    "created_by_full_name",
    "last_updated_by_full_name",
    "owned_by_full_name",
    "previously_owned_by_full_name",
    "identified_by_full_name",
    "reopened_logs",
    "merged_from",
];

/// Coded fields that also exist without a form.
const CODED: &[&str] = &[
    "status",
    "record_state",
    "workflow",
    "module_id",
    "owned_by",
    "identified_by",
    "created_at",
    "case_status_reopened",
    "date_closure",
    "registration_date",
    "hidden_name",
    "protection_concerns",
    "unhcr_needs_codes",
    "reporting_location_hierarchy",
    "family_id",
    "family_member_id",
    "registry_record_id",
    "incident_case_id",
    "incident_date_derived",
    "date_of_first_report",
    "inquiry_date",
    "family_registration_date",
    "sync_status",
    "synced_at",
    "mark_synced",
];

/// Fields with rules of their own: a form never makes them writable.
const GUARDED: &[&str] = &[
    "status",
    "record_state",
    "case_status_reopened",
    "owned_by",
    "created_at",
    "module_id",
    "identified_by",
    "incident_case_id",
    "registry_record_id",
    "family_id",
    "family_member_id",
    "hidden_name",
    "workflow",
];

/// The types of grave violations, each a list of entries on an incident.
pub const VIOLATIONS: [&str; 10] = [
    "killing",
    "maiming",
    "recruitment",
    "sexual_violence",
    "abduction",
    "attack_on_hospitals",
    "attack_on_schools",
    "military_use",
    "denial_humanitarian_access",
    "deprivation_liberty",
];

/// Where the values of a field that the server collects from entries come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collected {
    /// The lists of entries.
    pub lists: &'static [&'static str],
    /// The entries' field.
    pub field: &'static str,
    /// Whether the list's name and an underscore stand before each value.
    pub named: bool,
}

/// What an incident collects from its violations and those who committed them.
pub fn collected(record_type: RecordType, name: &str) -> Option<Collected> {
    let (lists, field, named): (&'static [&'static str], _, _) = match name {
        "verification_status" => (&VIOLATIONS, "ctfmr_verified", false),
        "violation_with_verification_status" => (&VIOLATIONS, "ctfmr_verified", true),
        "weapon_type" => (&VIOLATIONS, "weapon_type", false),
        "violation_with_weapon_type" => (&VIOLATIONS, "weapon_type", true),
        "armed_force_group_party_names" => {
            (&["perpetrators"], "armed_force_group_party_name", false)
        }
        "perpetrator_category" => (&["perpetrators"], "perpetrator_category", false),
        _ => return None,
    };
    (record_type == RecordType::Incident).then_some(Collected { lists, field, named })
}

/// The five kinds of approval.
pub const APPROVALS: [&str; 5] =
    ["assessment", "case_plan", "closure", "action_plan", "gbv_closure"];

/// Whether the server alone sets the field.
pub fn is_stamped(name: &str) -> bool {
    STAMPED.contains(&name)
}

/// Whether a value that a body gives the field has no effect among the form fields.
pub fn is_kept(name: &str) -> bool {
    is_stamped(name) || DECIDED.contains(&name)
}

/// Whether the server's own value of the field may stay readable, if it is a code.
pub fn is_coded(name: &str) -> bool {
    is_stamped_code(name) || CODED.contains(&name) || is_approval_code(name)
}

/// Whether the field is stamped and coded, so that a form's text field of that name changes nothing.
pub fn is_stamped_code(name: &str) -> bool {
    is_stamped(name) && !STAFF_NAMES.contains(&name)
}

/// Whether the field has a rule of its own whatever a form says of it.
pub fn is_guarded(name: &str) -> bool {
    GUARDED.contains(&name)
}

/// Whether the field names a user whom the server has looked up before it stores the name.
pub fn is_checked(name: &str) -> bool {
    matches!(name, "owned_by" | "identified_by")
}

/// Which kind of approval a field belongs to.
pub fn approval_of(name: &str) -> Option<&'static str> {
    APPROVALS.into_iter().find(|kind| {
        name.strip_prefix("approval_status_") == Some(kind)
            || *kind == "case_plan" && name == "case_plan_approval_type"
            || matches!(
                name.strip_prefix(kind),
                Some("_approved" | "_approved_date" | "_approved_comments")
            )
    })
}

/// The fields that one kind of approval keeps on a case.
pub fn approval_fields(kind: &str) -> Vec<String> {
    let mut fields = vec![
        format!("{kind}_approved"),
        format!("approval_status_{kind}"),
        format!("{kind}_approved_date"),
        format!("{kind}_approved_comments"),
    ];
    if kind == "case_plan" {
        fields.push("case_plan_approval_type".into());
    }
    fields
}

fn is_approval_code(name: &str) -> bool {
    approval_of(name).is_some() && !name.ends_with("_comments")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approval_fields_belong_to_their_kind() {
        for kind in APPROVALS {
            for field in approval_fields(kind) {
                assert_eq!(approval_of(&field), Some(kind), "{field}");
            }
        }
        assert_eq!(approval_of("approval_status_case_plan"), Some("case_plan"));
        assert_eq!(approval_of("gbv_closure_approved"), Some("gbv_closure"));
        assert_eq!(approval_of("case_plan_approval_type"), Some("case_plan"));
        assert_eq!(approval_of("name"), None);
    }

    #[test]
    fn comments_and_names_of_staff_are_no_codes() {
        assert!(!is_coded("closure_approved_comments") && is_coded("closure_approved_date"));
        assert!(!is_coded("owned_by_full_name") && is_coded("owned_by_groups"));
        assert!(is_stamped("owned_by_full_name") && !is_stamped("status"));
    }
}

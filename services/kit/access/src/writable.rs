//! The fields that may be written; see `permitted`.
//!
//! Four fields have their own rule whatever a form says, because a plain update must not close,
//! disable or hand over a record: `status`, `record_state`, `case_status_reopened`, `owned_by`.
//! `created_at` and `module_id` are set once, on creation. What the server stamps is never
//! written, and approval fields need the right to approve.

use kit_records::{Core, RecordType, Schema, system};

use crate::{FormAccess, Handover, Permitted, Scope, Write};

/// What an action grants beyond forms: fields with their kind.
type Extra = (&'static str, &'static [(&'static str, Core)]);

const EXTRAS: &[Extra] = &[
    ("close", &[("status", Core::Status), ("date_closure", Core::Date)]),
    (
        "reopen",
        &[("status", Core::Status), ("workflow", Core::Code), ("case_status_reopened", Core::Bool)],
    ),
    ("enable_disable_record", &[("record_state", Core::Bool)]),
    ("attribute", &[("identified_by", Core::Text)]),
    ("incident_from_case", &[("incident_case_id", Core::UuidOrNull)]),
    ("add_registry_record", &[("registry_record_id", Core::UuidOrNull)]),
    ("case_from_family", FAMILY_LINK),
    ("link_family_record", FAMILY_LINK),
    (
        "sync_external",
        &[
            ("mark_synced", Core::Bool),
            ("mark_synced_url", Core::Text),
            ("mark_synced_status", Core::Code),
            ("synced_at", Core::Time),
            ("sync_status", Core::Code),
        ],
    ),
];

const FAMILY_LINK: &[(&str, Core)] =
    &[("family_id", Core::UuidOrNull), ("family_member_id", Core::UuidOrNull)];

/// Subforms that an action opens even where no form grants them.
const SUBFORMS: &[(&str, &str)] = &[
    ("add_note", "notes_section"),
    ("incident_details_from_case", "incident_details"),
    ("services_section_from_case", "services_section"),
];

pub fn schema(at: &Permitted<'_>, write: Write<'_>) -> Schema {
    if let Write::Action(action) = write
        && !at.principal.may(at.record_type.as_str(), "update")
    {
        return of_action(at, action);
    }
    let mut schema = of_forms(at);
    for (action, _) in EXTRAS {
        add_extra(&mut schema, at, action);
    }
    for (action, _) in SUBFORMS {
        add_subform(&mut schema, at, action);
    }
    add_approvals(&mut schema, at);
    if !has_close(at.record_type) {
        schema.allow_core("status", Core::Status);
    }
    schema.allow_core("hidden_name", Core::Bool);
    schema.allow_core("reporting_location_hierarchy", Core::Code);
    schema.allow_core("source_case_display_id", Core::Text);
    by_kind(&mut schema, at, write);
    schema
}

fn of_forms(at: &Permitted<'_>) -> Schema {
    let mut schema = Schema::default();
    let Some(module) = at.module else { return schema };
    for form in at.index.forms(at.record_type, Some(module)) {
        if at.principal.forms.get(&form.unique_id) != Some(&FormAccess::ReadWrite) {
            continue;
        }
        for place in at.index.field_refs(&form.unique_id) {
            let field = at.index.field_at(place);
            let summary = !kit_records::values::is_blank(&field.subform_summary);
            if field.field_type.takes_values() && !summary && !is_guarded(at, &field.name) {
                schema.allow_field(&field.name, place);
            }
        }
    }
    schema
}

fn is_guarded(at: &Permitted<'_>, name: &str) -> bool {
    system::is_guarded(name)
        || system::is_stamped(name)
        || at.record_type.own_id_fields().contains(&name)
        || system::approval_of(name).is_some()
}

/// Under an action without the right to update, only what the action is about.
fn of_action(at: &Permitted<'_>, action: &str) -> Schema {
    let mut schema = Schema::default();
    add_extra(&mut schema, at, action);
    add_subform(&mut schema, at, action);
    schema
}

fn add_extra(schema: &mut Schema, at: &Permitted<'_>, action: &str) {
    let identified = at.principal.scope == Scope::Identified;
    if (identified && action == "attribute") || !may(at, action) {
        return;
    }
    let fields = EXTRAS.iter().filter(|(name, _)| *name == action).flat_map(|(_, fields)| *fields);
    for (name, core) in fields {
        schema.allow_core(name, *core);
    }
}

fn add_subform(schema: &mut Schema, at: &Permitted<'_>, action: &str) {
    if !may(at, action) {
        return;
    }
    for (_, subform) in SUBFORMS.iter().filter(|(name, _)| *name == action) {
        for place in at.index.definitions(at.record_type, subform) {
            schema.allow_field(subform, *place);
        }
    }
}

fn add_approvals(schema: &mut Schema, at: &Permitted<'_>) {
    for kind in system::APPROVALS {
        if !may(at, &format!("approve_{kind}")) {
            continue;
        }
        for name in system::approval_fields(kind) {
            let core = match name.as_str() {
                name if name.ends_with("_approved") => Core::Bool,
                name if name.ends_with("_date") => Core::Date,
                name if name.ends_with("_comments") => Core::Text,
                _ => Core::Code,
            };
            schema.allow_core(&name, core);
        }
    }
}

fn by_kind(schema: &mut Schema, at: &Permitted<'_>, write: Write<'_>) {
    if write == Write::Create {
        schema.allow_core("id", Core::Uuid);
        schema.allow_core("created_at", Core::Time);
        schema.allow_core("module_id", Core::Module);
        schema.allow_core("owned_by", Core::Text);
        if at.record_type == RecordType::Incident {
            schema.allow_core("incident_case_id", Core::UuidOrNull);
        }
    } else if handover(at) != Handover::Refused {
        schema.allow_core("owned_by", Core::Text);
    }
}

/// Only cases and families know closing as a right of its own.
fn has_close(record_type: RecordType) -> bool {
    matches!(record_type, RecordType::Case | RecordType::Family)
}

fn may(at: &Permitted<'_>, action: &str) -> bool {
    at.principal.may(at.record_type.as_str(), action)
}

pub fn handover(at: &Permitted<'_>) -> Handover {
    if may(at, "assign") {
        Handover::Anyone
    } else if may(at, "assign_within_agency") {
        Handover::SameAgency
    } else if may(at, "assign_within_user_group") {
        Handover::SameGroup
    } else {
        Handover::Refused
    }
}

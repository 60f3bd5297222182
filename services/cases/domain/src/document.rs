//! The record as the REST contract shows it, without what other services own.
//!
//! The shell adds what it projects from the directory: full names, groups, agencies, places and
//! offices of the owner, the previous owner, the creator and the associated users.

use jiff::Timestamp;
use kit_records::Record;
use kit_records::values::format_time;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Case, derived, tasks};

/// What the document depends on besides the case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct View {
    /// System option `due_date_from_appointment_date`.
    pub due_from_appointment: bool,
}

impl View {
    /// As the tenant's settings say.
    pub fn of_settings(settings: &Record) -> Self {
        let option = settings
            .get("system_options")
            .and_then(|options| options.get("due_date_from_appointment_date"))
            .or_else(|| settings.get("due_date_from_appointment_date"));
        Self { due_from_appointment: option == Some(&Value::Bool(true)) }
    }
}

/// The whole record at this moment.
pub fn document(case: &Case, view: View) -> Record {
    let mut document = own_fields(case);
    document.extend(tasks::due_dates(&case.values, view.due_from_appointment));
    document.extend(derived::current_care(&case.values));
    document
}

/// What the history tells: the record without what is only computed for reading.
pub fn own_fields(case: &Case) -> Record {
    let mut document = case.values.clone();
    document.extend(case.derived.clone());
    identity(case, &mut document);
    ownership(case, &mut document);
    stamps(case, &mut document);
    document.insert("status".into(), json!(case.status));
    document.insert("record_state".into(), json!(case.record_state));
    document.insert("flagged".into(), json!(false));
    document.insert("current_alert_types".into(), json!([]));
    if !case.reopenings.is_empty() {
        document.insert("reopened_logs".into(), reopened_logs(case));
    }
    document
}

fn identity(case: &Case, document: &mut Record) {
    let id = case.id.to_string();
    document.insert("short_id".into(), json!(case.short_id()));
    document.insert("case_id_display".into(), json!(case.display_id));
    for name in ["id", "unique_identifier", "case_id"] {
        document.insert(name.into(), json!(id));
    }
    if let Some(code) = &case.code {
        document.insert("case_id_code".into(), json!(code));
    }
    if let Some(module) = &case.module {
        document.insert("module_id".into(), json!(module));
    }
}

fn ownership(case: &Case, document: &mut Record) {
    document.insert("owned_by".into(), json!(case.owner));
    document.insert("assigned_user_names".into(), json!(case.assigned));
    document.insert("associated_user_names".into(), json!(case.associated()));
    document.insert("not_edited_by_owner".into(), json!(case.last_updated.by != case.owner));
    if let Some(previous) = &case.previous_owner {
        document.insert("previously_owned_by".into(), json!(previous));
    }
    if let Some(identified) = &case.identified {
        document.insert("identified_by".into(), json!(identified.by));
        document.insert("identified_at".into(), time(identified.at));
    }
}

fn stamps(case: &Case, document: &mut Record) {
    document.insert("created_at".into(), time(case.created_at));
    document.insert("posted_at".into(), time(case.registered.at));
    document.insert("created_by".into(), json!(case.registered.by));
    document.insert("created_by_groups".into(), json!(case.created_by_groups));
    if let Some(agency) = &case.created_organization {
        document.insert("created_organization".into(), json!(agency));
    }
    if let Some(office) = &case.created_agency_office {
        document.insert("created_agency_office".into(), json!(office));
    }
    document.insert("last_updated_at".into(), time(case.last_updated.at));
    document.insert("last_updated_by".into(), json!(case.last_updated.by));
}

fn reopened_logs(case: &Case) -> Value {
    let log = case.reopenings.iter().enumerate().map(|(at, stamp)| {
        json!({
            "unique_id": Uuid::new_v5(&case.id, &at.to_be_bytes()),
            "reopened_date": time(stamp.at),
            "reopened_user": stamp.by,
        })
    });
    log.collect()
}

fn time(moment: Timestamp) -> Value {
    json!(format_time(moment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Given, record};

    #[test]
    fn a_new_case_has_its_system_fields() {
        let case = Given::registered(json!({"age": 9})).case;
        let document = document(&case, View::default());
        for (name, value) in record(json!({
            "id": case.id, "case_id": case.id, "unique_identifier": case.id,
            "status": "open", "record_state": true, "owned_by": "ann", "created_by": "ann",
            "workflow": "new", "registration_date": "2026-01-31", "notes_section": [],
            "protection_concerns": [], "has_case_plan": false, "has_incidents": false,
            "module_id": "primeromodule-cp", "associated_user_names": ["ann"], "age": 9,
            "created_organization": "agency-a", "not_edited_by_owner": false, "case_type": "person",
            "created_at": "2026-01-31T09:05:07.123Z", "posted_at": "2026-01-31T09:05:07.123Z",
            "last_updated_at": "2026-01-31T09:05:07.123Z", "flagged": false,
        })) {
            assert_eq!(document.get(&name), Some(&value), "{name}");
        }
        assert!(!document.contains_key("reopened_logs"));
    }

    #[test]
    fn settings_say_how_services_fall_due() {
        let settings = record(json!({"system_options": {"due_date_from_appointment_date": true}}));
        assert!(View::of_settings(&settings).due_from_appointment);
        assert!(!View::of_settings(&Record::new()).due_from_appointment);
    }
}

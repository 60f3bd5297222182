//! What the document of a case depends on besides the case.

use kit_records::Record;
use serde_json::Value;

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
    let mut document = case.own_fields();
    document.extend(shown(case, view));
    document
}

/// What is only computed for reading.
pub(crate) fn shown(case: &Case, view: View) -> Record {
    let mut shown = tasks::due_dates(&case.values, view.due_from_appointment);
    shown.extend(derived::current_care(&case.values));
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{self, record};

    #[test]
    fn a_new_case_has_its_system_fields() {
        let case = testing::registered(json!({"age": 9})).record;
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

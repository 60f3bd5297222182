//! The workflow step that a save leads to.
//!
//! A new case is `new`, a closed one `closed`. While it is open the first of these that applies
//! counts: taken up again (`reopened`); all services implemented (`services_implemented`); the
//! response type of the service to do that was asked last; the plan's date came (`case_plan`);
//! the assessment's date came (`assessment`); else it stays.

use kit_records::{CatalogIndex, Record};
use serde_json::Value;

use crate::derived::all_implemented;
use crate::fields::{entries, is_filled, text};

/// What a save of an open case did, as far as the workflow asks.
#[derive(Debug, Clone, Copy)]
pub struct Save<'a> {
    /// The fields that the save changed.
    pub changes: &'a Record,
    /// The record after it.
    pub after: &'a Record,
}

/// The step that follows from a save of an open case, if it moves at all.
pub fn next(index: &CatalogIndex, module: Option<&str>, save: Save<'_>) -> Option<String> {
    let on = |switch: &str| module.is_some_and(|module| index.module_switch(module, switch));
    let Save { changes, after } = save;
    let came = |field: &str| changes.contains_key(field) && is_filled(after, field);
    if changes.get("case_status_reopened") == Some(&Value::Bool(true)) {
        return Some("reopened".into());
    }
    if changes.contains_key("services_section") {
        if on("use_workflow_service_implemented") && all_implemented(after) {
            return Some("services_implemented".into());
        }
        if let Some(response) = latest_response(after) {
            return Some(response.into());
        }
    }
    if came("date_case_plan") && on("use_workflow_case_plan") {
        return Some("case_plan".into());
    }
    (came("assessment_requested_on") && on("use_workflow_assessment")).then(|| "assessment".into())
}

/// The response type of the service, among those still to be implemented, that was asked last.
fn latest_response(after: &Record) -> Option<&str> {
    entries(after, "services_section")
        .filter(|one| one.get("service_implemented").and_then(Value::as_str) != Some("implemented"))
        .filter(|one| is_filled(one, "service_response_type"))
        .max_by_key(|one| text(one, "service_response_day_time").map(str::to_owned))
        .and_then(|one| text(one, "service_response_type"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{catalog, record};

    fn step(changes: Value, after: Value) -> Option<String> {
        let (changes, after) = (record(changes), record(after));
        next(&catalog(), Some("primeromodule-cp"), Save { changes: &changes, after: &after })
    }

    #[test]
    fn reopening_comes_first() {
        let after = json!({"case_status_reopened": true, "date_case_plan": "2026-01-01"});
        assert_eq!(step(after.clone(), after).as_deref(), Some("reopened"));
    }

    #[test]
    fn all_services_done_then_the_latest_one_to_do() {
        let done =
            json!({"service_implemented": "implemented", "service_response_type": "care_plan"});
        let early = json!({"service_response_type": "action_plan", "service_response_day_time": "2026-01-01T00:00:00.000Z"});
        let late = json!({"service_response_type": "service_provision", "service_response_day_time": "2026-02-01T00:00:00.000Z"});
        let of = |services: Value| {
            let after = json!({"services_section": services});
            step(after.clone(), after)
        };
        assert_eq!(of(json!([done])).as_deref(), Some("services_implemented"));
        assert_eq!(of(json!([done, late, early])).as_deref(), Some("service_provision"));
        assert_eq!(of(json!([{"service_type": "health"}])), None);
        assert_eq!(step(json!({"age": 9}), json!({"services_section": [done]})), None);
    }

    #[test]
    fn plan_and_assessment_move_on_when_their_dates_come() {
        let plan = json!({"date_case_plan": "2026-01-01", "assessment_requested_on": "2026-01-01"});
        assert_eq!(step(plan.clone(), plan.clone()).as_deref(), Some("case_plan"));
        let assessment = json!({"assessment_requested_on": "2026-01-01"});
        assert_eq!(step(assessment, plan).as_deref(), Some("assessment"));
        assert_eq!(step(json!({"date_case_plan": null}), json!({"date_case_plan": null})), None);
    }

    #[test]
    fn steps_that_the_module_does_not_use_are_skipped() {
        let plan = record(json!({"date_case_plan": "2026-01-01"}));
        let save = Save { changes: &plan, after: &plan };
        assert_eq!(next(&CatalogIndex::default(), Some("primeromodule-cp"), save), None);
        assert_eq!(next(&catalog(), None, save), None);
    }
}

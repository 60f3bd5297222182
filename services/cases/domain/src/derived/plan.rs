//! Whether a case has a plan.

use kit_records::Record;

use crate::fields::{entries, is_filled};

/// A plan is one intervention that names a service to be provided or a goal.
pub fn has_case_plan(values: &Record) -> bool {
    entries(values, "cp_case_plan_subform_case_plan_interventions").any(|one| {
        is_filled(one, "intervention_service_to_be_provided")
            || is_filled(one, "intervention_service_goal")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::record;

    #[test]
    fn a_service_or_a_goal_makes_a_plan() {
        let with = |entries: Value| {
            has_case_plan(&record(json!({"cp_case_plan_subform_case_plan_interventions": entries})))
        };
        assert!(with(json!([{}, {"intervention_service_goal": "back to school"}])));
        assert!(with(json!([{"intervention_service_to_be_provided": "education"}])));
        assert!(!with(
            json!([{"intervention_service_goal": "  ", "case_plan_timeframe": "2026-01-01"}])
        ));
        assert!(!with(json!([])));
        assert!(!has_case_plan(&Record::new()));
    }
}

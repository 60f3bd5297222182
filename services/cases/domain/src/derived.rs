//! What follows from a record's own values. Pure functions of the values, never in an event.
//!
//! `settle` completes values in place (a concern named in a detail is a concern of the case);
//! `of` gives fields that nobody enters.

mod care;
mod concerns;
mod dates;
mod followups;
mod plan;
mod services;

use kit_records::Record;
use serde_json::json;

pub use care::current_care;
pub use services::all_implemented;

/// Completes the values after a change.
pub fn settle(values: &mut Record) {
    services::mark_implemented(values);
    concerns::unite(values);
}

/// The fields that follow from the values.
pub fn of(values: &Record) -> Record {
    let mut fields = Record::new();
    fields.insert("has_case_plan".into(), json!(plan::has_case_plan(values)));
    // Incidents are linked to a case by their own service, which Amparo does not have yet.
    fields.insert("has_incidents".into(), json!(false));
    if let Some(status) = followups::status(values) {
        fields.insert("followup_status".into(), json!(status));
    }
    fields.extend(dates::collected(values));
    fields
}

//! What the tenant's rules of the day make of a save of a case. They depend on the configuration,
//! so the result is part of the event: a later change of a rule rewrites no history.

mod age;
mod needs;

use kit_dossier::{Context, Save, naming, places};
use kit_records::Record;
use serde_json::json;

use crate::workflow;

pub use age::age_on;
pub use kit_dossier::places::reporting_field;

/// Brings a saved record up to date with the rules.
pub fn compute(context: &Context, save: Save<'_>, record: &mut Record) {
    age::fill(context, save.changes, record);
    needs::map(context, record);
    places::stamp(context, save.changes, record);
    if let Some(name) = naming::auto_populated(&context.index, "name", record, &context.chains) {
        record.insert("name".into(), name.into());
    }
    if save.moves_on {
        let step = workflow::Save { changes: save.changes, after: record };
        if let Some(step) = workflow::next(&context.index, save.module, step) {
            record.insert("workflow".into(), json!(step));
        }
    }
}

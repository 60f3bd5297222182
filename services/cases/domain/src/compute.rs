//! What the tenant's rules of the day make of a save. They depend on the configuration, so the
//! result is part of the event: a later change of a rule rewrites no history.

mod age;
mod hierarchy;
mod needs;

use kit_records::Record;
use kit_records::patch::{apply, changed};
use serde_json::json;

use crate::workflow::{self, Save};
use crate::{Context, naming};

pub use age::age_on;
pub use hierarchy::reporting_field;

/// A save, before the rules have run.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    pub module: Option<&'a str>,
    /// The patch: what the author changes.
    pub changes: &'a Record,
    /// The record after it, settled.
    pub after: &'a Record,
    /// Whether the case is open after the save and was not taken up again by it.
    pub moves_on: bool,
}

/// The values that differ once all rules have run.
pub fn computed(context: &Context, input: Input<'_>) -> Record {
    let mut result = input.after.clone();
    let calculated = context.rules(input.module).calculated(&result);
    apply(&mut result, &calculated);
    age::fill(context, input.changes, &mut result);
    needs::map(context, &mut result);
    hierarchy::stamp(context, input.changes, &mut result);
    if let Some(name) = naming::auto_populated(&context.index, "name", &result, &context.chains) {
        result.insert("name".into(), name.into());
    }
    if input.moves_on {
        let save = Save { changes: input.changes, after: &result };
        if let Some(step) = workflow::next(&context.index, input.module, save) {
            result.insert("workflow".into(), json!(step));
        }
    }
    changed(input.after, &result)
}

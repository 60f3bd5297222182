//! `AssignModules`: the modules that a form belongs to.

use kit_decider::Command;
use serde_json::Value;

use crate::{Form, FormEvent, Refusal};

/// Puts a form into exactly these modules, as its parent form or a module asks.
#[derive(Debug, Clone)]
pub struct AssignModules {
    pub module_ids: Vec<String>,
}

impl Command for AssignModules {
    type Of = Form;
    type Refusal = Refusal;

    fn decide(self, form: &Form) -> Result<Vec<FormEvent>, Refusal> {
        if !form.exists {
            return Err(Refusal::NotFound);
        }
        let mut attributes = form.attributes.clone();
        if form.module_ids() != self.module_ids {
            attributes.set("module_ids", Value::from(self.module_ids));
        }
        Ok(form.events_to(&attributes, &form.fields))
    }
}

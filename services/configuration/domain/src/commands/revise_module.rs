//! `ReviseModule`: description and record types of a module.

use kit_decider::Command;
use serde_json::{Map, Value};

use crate::module::{MODULE, check_module};
use crate::schema::{Reach, check_types, merge};
use crate::{Module, ModuleEvent, Refusal};

/// Changes a module. What is not sent stays.
#[derive(Debug, Clone)]
pub struct ReviseModule {
    /// The body as sent.
    pub data: Map<String, Value>,
}

impl Command for ReviseModule {
    type Of = Module;
    type Refusal = Refusal;

    fn decide(self, module: &Module) -> Result<Vec<ModuleEvent>, Refusal> {
        if !module.exists {
            return Err(Refusal::NotFound);
        }
        check_types(MODULE, &self.data)?;
        let attributes = merge(&module.attributes, &self.data, MODULE, Reach::Full);
        let mut problems = Vec::new();
        check_module(&attributes, &mut problems);
        Refusal::unless_empty(problems)?;
        let changes = module.attributes.changes_to(&attributes);
        let revised = (!changes.is_empty()).then_some(ModuleEvent::Revised { changes });
        Ok(revised.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;
    use serde_json::json;

    use super::*;

    fn revise(data: Value) -> Result<Vec<ModuleEvent>, Refusal> {
        let attributes =
            serde_json::from_value(json!({"unique_id": "cp", "associated_record_types": ["case"]}));
        let module: Module =
            fold(&[ModuleEvent::Installed { id: 1, attributes: attributes.unwrap() }]);
        ReviseModule { data: data.as_object().unwrap().clone() }.decide(&module)
    }

    #[test]
    fn only_description_and_record_types_change() {
        let events = revise(json!({"unique_id": "x", "name": "x", "description": "d"})).unwrap();
        let changes = serde_json::from_value(json!({"description": "d"})).unwrap();
        assert_eq!(events, [ModuleEvent::Revised { changes }]);
        assert_eq!(revise(json!({"form_section_unique_ids": ["a"]})), Ok(vec![]));
    }

    #[test]
    fn a_module_needs_known_record_types() {
        assert!(revise(json!({"associated_record_types": []})).is_err());
        assert!(revise(json!({"associated_record_types": ["poem"]})).is_err());
        assert!(revise(json!({"associated_record_types": "case"})).is_err());
    }
}

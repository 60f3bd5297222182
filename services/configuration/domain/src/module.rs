//! A module: a programme with its own forms and switches. One stream `module-<number>`.

use kit_decider::Aggregate;
use serde::{Deserialize, Serialize};

use crate::schema::{Kind, Property};
use crate::{Attributes, Problem, RECORD_TYPES};

/// What the API may change of a module; its forms are changed on the forms.
pub const MODULE: &[Property] = &[
    Property::new("description", Kind::Str).nullable(),
    Property::new("associated_record_types", Kind::Strs),
    Property::new("form_section_unique_ids", Kind::Strs).fixed(),
];

/// What can have happened to a module. These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ModuleEvent {
    Installed { id: i64, attributes: Attributes },
    Revised { changes: Attributes },
}

/// A module as its history adds up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Module {
    pub id: i64,
    pub attributes: Attributes,
    pub exists: bool,
}

impl Aggregate for Module {
    const CATEGORY: &'static str = "module";
    type Event = ModuleEvent;

    fn evolve(&mut self, event: &ModuleEvent) {
        match event {
            ModuleEvent::Installed { id, attributes } => {
                *self = Self { id: *id, attributes: attributes.clone(), exists: true };
            }
            ModuleEvent::Revised { changes } => self.attributes.apply(changes),
        }
    }
}

impl Module {
    pub fn unique_id(&self) -> &str {
        self.attributes.str("unique_id")
    }

    /// One of the module's options.
    pub fn option(&self, name: &str) -> Option<&serde_json::Value> {
        self.attributes.get("module_options").and_then(|options| options.get(name))
    }
}

/// Everything that must hold of a module by itself.
pub fn check_module(attributes: &Attributes, problems: &mut Vec<Problem>) {
    let types = attributes.strs("associated_record_types");
    let pointer = "/associated_record_types";
    if types.is_empty() {
        let message = "errors.models.primero_module.associated_record_types";
        problems.push(Problem::new("associated_record_types", message, pointer, "required"));
    }
    for (position, _) in
        types.iter().enumerate().filter(|(_, one)| !RECORD_TYPES.contains(&one.as_str()))
    {
        let message = "errors.models.primero_module.unknown_record_type";
        let pointer = format!("{pointer}/{position}");
        problems.push(Problem::new("associated_record_types", message, pointer, "unknown_option"));
    }
}

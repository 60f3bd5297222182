//! An option list that fields share: one stream `lookup-<number>`.

use std::collections::BTreeSet;

use kit_decider::Aggregate;
use kit_records::Text;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::attributes::text_of;
use crate::schema::{Kind, Property};
use crate::text::english;
use crate::{Attributes, Configuration, Form, Problem};

/// The properties of a lookup.
pub const LOOKUP: &[Property] = &[
    Property::new("unique_id", Kind::Str),
    Property::new("name", Kind::Text).restricted(),
    Property::new("values", Kind::Options).restricted(),
    Property::new("locked", Kind::Bool).fixed(),
];

/// What can have happened to a lookup. These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LookupEvent {
    Created { id: i64, attributes: Attributes },
    Revised { changes: Attributes },
    Removed {},
}

/// A lookup as its history adds up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Lookup {
    pub id: i64,
    pub attributes: Attributes,
    pub exists: bool,
}

impl Aggregate for Lookup {
    const CATEGORY: &'static str = "lookup";
    type Event = LookupEvent;

    fn evolve(&mut self, event: &LookupEvent) {
        match event {
            LookupEvent::Created { id, attributes } => {
                *self = Self { id: *id, attributes: attributes.clone(), exists: true };
            }
            LookupEvent::Revised { changes } => self.attributes.apply(changes),
            LookupEvent::Removed {} => self.exists = false,
        }
    }
}

impl Lookup {
    pub fn unique_id(&self) -> &str {
        self.attributes.str("unique_id")
    }

    pub fn name(&self) -> Text {
        self.attributes.text("name")
    }

    /// The values, each with `id`, `display_text` and perhaps `disabled` and `tags`.
    pub fn values(&self) -> &[Value] {
        self.attributes.objects("values")
    }

    /// The text of one value.
    pub fn value_text(&self, id: &str) -> Option<&Value> {
        let value = self.values().iter().find(|one| one.get("id").is_some_and(|have| have == id));
        value.and_then(|one| one.get("display_text"))
    }
}

/// Unique id of the lookup that holds the form groups of a module and record type.
pub fn form_group_lookup(module: &str, parent_form: &str) -> String {
    let module = module.strip_prefix("primeromodule-").unwrap_or(module);
    format!("lookup-form-group-{module}-{}", parent_form.replace('_', "-"))
}

/// The values that a form's group asks for: number of the lookup, and the value to add.
pub fn form_group_additions(form: &Form, configuration: &Configuration) -> Vec<(i64, Value)> {
    let group = form.attributes.str("form_group_id");
    if group.is_empty() {
        return vec![];
    }
    let modules = form.module_ids();
    let lookups = modules
        .iter()
        .filter_map(|module| configuration.lookup(&form_group_lookup(module, form.parent_form())));
    let missing = lookups.filter(|lookup| lookup.value_text(group).is_none());
    let value = || json!({"id": group, "display_text": {"en": group}});
    missing.map(|lookup| (lookup.id, value())).collect()
}

/// Everything that must hold of a lookup by itself.
pub fn check_lookup(attributes: &Attributes, problems: &mut Vec<Problem>) {
    if english(&attributes.text("name")).is_none() {
        let message = "errors.models.lookup.name_present";
        problems.push(Problem::new("name", message, "/name/en", "required"));
    }
    if !is_unique_id(attributes.str("unique_id")) {
        let message = "errors.models.lookup.unique_id_format";
        problems.push(Problem::new("unique_id", message, "/unique_id", "invalid"));
    }
    let mut ids = BTreeSet::new();
    for (position, value) in attributes.objects("values").iter().enumerate() {
        let mut problem = |message: &str, part: &str, code| {
            let message = format!("errors.models.lookup.{message}");
            let pointer = format!("/values/{position}{part}");
            problems.push(Problem::new("lookup_values", message, pointer, code));
        };
        let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
        if id.trim().is_empty() {
            problem("value_id_present", "/id", "required");
        } else if !ids.insert(id) {
            problem("value_id_unique", "/id", "duplicate");
        }
        if english(&value.get("display_text").map(text_of).unwrap_or_default()).is_none() {
            problem("value_required", "/display_text/en", "required");
        }
    }
}

fn is_unique_id(id: &str) -> bool {
    let allowed = |one: char| one.is_ascii_alphanumeric() || ['_', '-', '+'].contains(&one);
    !id.is_empty() && id.len() <= 255 && id.chars().all(allowed)
}

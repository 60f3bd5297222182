//! The whole configuration of a tenant at one moment, for what needs to see more than one object.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Field, Form, Lookup, Module, References, Report, Settings};

/// Every form, lookup, module and report, and the settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// Grows with every change.
    pub version: u64,
    /// Grows when a whole snapshot is applied.
    pub epoch: u64,
    pub forms: Vec<Form>,
    pub lookups: Vec<Lookup>,
    pub modules: Vec<Module>,
    pub reports: Vec<Report>,
    pub settings: Settings,
}

impl Configuration {
    pub fn form(&self, unique_id: &str) -> Option<&Form> {
        self.forms.iter().find(|one| one.unique_id() == unique_id)
    }

    pub fn form_by_id(&self, id: i64) -> Option<&Form> {
        self.forms.iter().find(|one| one.id == id)
    }

    pub fn lookup(&self, unique_id: &str) -> Option<&Lookup> {
        self.lookups.iter().find(|one| one.unique_id() == unique_id)
    }

    pub fn lookup_by_id(&self, id: i64) -> Option<&Lookup> {
        self.lookups.iter().find(|one| one.id == id)
    }

    pub fn module_by_id(&self, id: i64) -> Option<&Module> {
        self.modules.iter().find(|one| one.id == id)
    }

    /// Unique ids of the forms of a module.
    pub fn forms_of_module(&self, module: &str) -> Vec<&str> {
        let forms = self.forms.iter().filter(|one| one.module_ids().iter().any(|id| id == module));
        forms.map(Form::unique_id).collect()
    }

    /// What the body of a form refers to by number. `new_ids` number its new fields.
    pub fn references(&self, data: &Map<String, Value>, new_ids: Vec<i64>) -> References {
        let fields = data.get("fields").and_then(Value::as_array);
        let named = fields.into_iter().flatten().filter_map(|one| one.get("id")?.as_i64());
        let named: BTreeSet<i64> = named.collect();
        let known = self.forms.iter().flat_map(|form| &form.fields);
        let known = known.filter(|field| named.contains(&field.id));
        References {
            forms: self.forms.iter().map(|one| (one.id, one.unique_id().to_owned())).collect(),
            fields: known.map(|field| (field.id, field.clone())).collect(),
            new_ids,
        }
    }

    /// Unique ids of all forms but the one with this number.
    pub fn other_form_ids(&self, id: i64) -> Vec<String> {
        let others = self.forms.iter().filter(|one| one.id != id);
        others.map(|one| one.unique_id().to_owned()).collect()
    }

    /// Names of the fields that take their options from a lookup.
    pub fn users_of_lookup(&self, unique_id: &str) -> Vec<String> {
        let fields = self.forms.iter().flat_map(|form| &form.fields);
        let users = fields.filter(|field| field.lookup() == Some(unique_id));
        users.map(|field| field.name().to_owned()).collect()
    }

    /// The subforms that a form shows, and theirs, without the form itself.
    pub fn subforms_below(&self, form: &Form) -> Vec<&Form> {
        let mut below: BTreeMap<i64, &Form> = BTreeMap::new();
        let mut next: Vec<&str> = form.subforms().collect();
        while let Some(unique_id) = next.pop() {
            let Some(found) = self.form(unique_id).filter(|one| one.id != form.id) else {
                continue;
            };
            if below.insert(found.id, found).is_none() {
                next.extend(found.subforms());
            }
        }
        below.into_values().collect()
    }

    /// Whether a form with these fields would contain itself.
    pub fn contains_itself(&self, unique_id: &str, fields: &[Field]) -> bool {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&str> = fields.iter().filter_map(Field::subform).collect();
        while let Some(subform) = next.pop() {
            if subform == unique_id {
                return true;
            }
            if seen.insert(subform)
                && let Some(form) = self.form(subform)
            {
                next.extend(form.subforms());
            }
        }
        false
    }
}

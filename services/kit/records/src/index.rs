//! Fast lookup in a catalog: built once per catalog version, shared by requests.

use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::Arc;

use serde_json::Value;

use crate::{Catalog, Field, FieldType, Form, Lookup, Module, RecordType};

/// A field's place in the catalog: index of its form and of the field within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FieldRef {
    form: usize,
    field: usize,
}

/// A catalog with its indexes; dereferences to the catalog.
#[derive(Debug, Clone, Default)]
pub struct CatalogIndex {
    catalog: Arc<Catalog>,
    forms_by_unique_id: HashMap<String, usize>,
    forms_by_id: HashMap<i64, usize>,
    top_forms: HashMap<RecordType, Vec<usize>>,
    definitions: HashMap<RecordType, HashMap<String, Vec<FieldRef>>>,
    lookups: HashMap<String, usize>,
    lookup_options: HashMap<String, HashSet<String>>,
}

/// The values that a field may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Options<'a> {
    /// Fed from elsewhere (places, users, agencies ...), or without a list: any text.
    Free,
    /// One of these.
    Listed(OptionSet<'a>),
}

/// The ids of an option list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OptionSet<'a> {
    Lookup(&'a HashSet<String>),
    Embedded(&'a [crate::OptionText]),
}

impl<'a> OptionSet<'a> {
    /// All ids; in no order.
    pub fn ids(self) -> Box<dyn Iterator<Item = &'a str> + 'a> {
        match self {
            Self::Lookup(ids) => Box::new(ids.iter().map(String::as_str)),
            Self::Embedded(options) => Box::new(options.iter().map(|one| one.id.as_str())),
        }
    }

    /// Whether `id` is listed; disabled options count.
    pub fn contains(&self, id: &str) -> bool {
        match self {
            Self::Lookup(ids) => ids.contains(id),
            Self::Embedded(options) => options.iter().any(|one| one.id == id),
        }
    }

    /// Whether the options are just `true` and `false`.
    pub fn is_boolean(&self) -> bool {
        let mut ids = self.ids().peekable();
        ids.peek().is_some() && ids.all(|id| id == "true" || id == "false")
    }
}

impl Deref for CatalogIndex {
    type Target = Catalog;

    fn deref(&self) -> &Catalog {
        &self.catalog
    }
}

impl CatalogIndex {
    /// Builds the indexes of a catalog.
    pub fn new(catalog: Arc<Catalog>) -> Self {
        let mut index = Self::default();
        for (at, form) in catalog.forms.iter().enumerate() {
            index.add_form(at, form);
        }
        for (at, lookup) in catalog.lookups.iter().enumerate() {
            index.lookups.insert(lookup.unique_id.clone(), at);
            let ids = lookup.values.iter().map(|value| value.id.clone()).collect();
            index.lookup_options.insert(lookup.unique_id.clone(), ids);
        }
        index.catalog = catalog;
        index
    }

    fn add_form(&mut self, at: usize, form: &Form) {
        self.forms_by_unique_id.insert(form.unique_id.clone(), at);
        self.forms_by_id.insert(form.id, at);
        let Some(record_type) = RecordType::parse(&form.parent_form) else { return };
        if form.is_nested {
            return;
        }
        self.top_forms.entry(record_type).or_default().push(at);
        let names = self.definitions.entry(record_type).or_default();
        for (field, one) in form.fields.iter().enumerate() {
            names.entry(one.name.clone()).or_default().push(FieldRef { form: at, field });
        }
    }

    /// The catalog itself.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// A form or subform by its unique id.
    pub fn form(&self, unique_id: &str) -> Option<&Form> {
        self.forms_by_unique_id.get(unique_id).map(|at| &self.catalog.forms[*at])
    }

    /// A form or subform by its number.
    pub fn form_by_id(&self, id: i64) -> Option<&Form> {
        self.forms_by_id.get(&id).map(|at| &self.catalog.forms[*at])
    }

    /// The top-level forms of a record type, of one module or of all.
    pub fn forms<'a>(
        &'a self,
        record_type: RecordType,
        module: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Form> {
        let all = self.top_forms.get(&record_type).map_or(&[][..], Vec::as_slice);
        all.iter().map(|at| &self.catalog.forms[*at]).filter(move |form| in_module(form, module))
    }

    /// All definitions of a field name on top-level forms; one name may stand on several.
    pub fn definitions(&self, record_type: RecordType, name: &str) -> &[FieldRef] {
        self.definitions
            .get(&record_type)
            .and_then(|names| names.get(name))
            .map_or(&[], Vec::as_slice)
    }

    /// The first definition of a field name on top-level forms.
    pub fn field(&self, record_type: RecordType, name: &str) -> Option<&Field> {
        self.definitions(record_type, name).first().map(|at| self.field_at(*at))
    }

    /// Every field name of the type's top-level forms, with its first definition.
    pub fn fields(&self, record_type: RecordType) -> impl Iterator<Item = (&str, &Field)> {
        self.definitions
            .get(&record_type)
            .into_iter()
            .flatten()
            .map(|(name, at)| (name.as_str(), self.field_at(at[0])))
    }

    /// The definition at a place.
    pub fn field_at(&self, at: FieldRef) -> &Field {
        &self.catalog.forms[at.form].fields[at.field]
    }

    /// The form at a place.
    pub fn form_at(&self, at: FieldRef) -> &Form {
        &self.catalog.forms[at.form]
    }

    /// The places of a form's fields.
    pub fn field_refs(&self, form_unique_id: &str) -> impl Iterator<Item = FieldRef> {
        let at = self.forms_by_unique_id.get(form_unique_id).copied();
        at.into_iter().flat_map(|form| {
            (0..self.catalog.forms[form].fields.len()).map(move |field| FieldRef { form, field })
        })
    }

    /// The form of a subform field's entries.
    pub fn subform(&self, field: &Field) -> Option<&Form> {
        if field.field_type != FieldType::Subform {
            return None;
        }
        let by_name = field.subform_unique_id.as_deref().and_then(|id| self.form(id));
        by_name.or_else(|| field.subform_section_id.and_then(|id| self.form_by_id(id)))
    }

    /// A lookup by its unique id.
    pub fn lookup(&self, unique_id: &str) -> Option<&Lookup> {
        self.lookups.get(unique_id).map(|at| &self.catalog.lookups[*at])
    }

    /// The values that a field may take. A lookup that does not exist leaves it free.
    pub fn options<'a>(&'a self, field: &'a Field) -> Options<'a> {
        match field.option_strings_source.as_deref().filter(|source| !source.is_empty()) {
            Some(source) => source
                .strip_prefix("lookup ")
                .and_then(|id| self.lookup_options.get(id.trim()))
                .map_or(Options::Free, |ids| Options::Listed(OptionSet::Lookup(ids))),
            None if field.option_strings_text.is_empty() => Options::Free,
            None => Options::Listed(OptionSet::Embedded(&field.option_strings_text)),
        }
    }

    /// One option of a field, with what it is called.
    pub fn option<'a>(&'a self, field: &'a Field, id: &str) -> Option<&'a crate::OptionText> {
        let listed = match field.option_strings_source.as_deref() {
            Some(source) if !source.is_empty() => {
                &self.lookup(source.strip_prefix("lookup ")?.trim())?.values
            }
            _ => &field.option_strings_text,
        };
        listed.iter().find(|one| one.id == id)
    }

    /// A module by its unique id.
    pub fn module(&self, unique_id: &str) -> Option<&Module> {
        self.catalog.modules.iter().find(|module| module.unique_id == unique_id)
    }

    /// An option of a module.
    pub fn module_option(&self, module: &str, option: &str) -> Option<&Value> {
        self.module(module)?.options.get(option).filter(|value| !value.is_null())
    }

    /// Whether a switch of a module is on.
    pub fn module_switch(&self, module: &str, option: &str) -> bool {
        self.module_option(module, option) == Some(&Value::Bool(true))
    }
}

fn in_module(form: &Form, module: Option<&str>) -> bool {
    module.is_none_or(|wanted| form.module_ids.iter().any(|one| one == wanted))
}

//! What a submitted record may hold: field names and what each accepts.
//! Built by kit-access for a caller, or for everything by [`Schema::of_type`].

use std::collections::BTreeMap;

use crate::{CatalogIndex, FieldRef, RecordType};

/// The keys that a body may use; everything else is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    slots: BTreeMap<String, Slot>,
}

/// What one key accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slot {
    /// A form field; where a name stands on several forms, any definition may accept the value.
    Field(Vec<FieldRef>),
    /// A system field that is not on a form.
    Core(Core),
}

/// The kinds of system fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Core {
    /// A lower-case UUID.
    Uuid,
    /// A lower-case UUID, or null to unlink.
    UuidOrNull,
    /// One of the record statuses.
    Status,
    /// True or false.
    Bool,
    /// A date, or null.
    Date,
    /// A date with time, or null.
    Time,
    /// Any text, or null.
    Text,
    /// A code (see [`crate::values::is_code`]), nothing, or null.
    Code,
    /// An existing module.
    Module,
}

impl Schema {
    /// Every field of a record type's top-level forms, of one module or of all.
    pub fn of_type(index: &CatalogIndex, record_type: RecordType, module: Option<&str>) -> Self {
        let mut schema = Self::default();
        for form in index.forms(record_type, module) {
            for at in index.field_refs(&form.unique_id) {
                if index.field_at(at).field_type.takes_values() {
                    schema.allow_field(&index.field_at(at).name, at);
                }
            }
        }
        schema
    }

    /// Lets a form field be written. A system field of the same name keeps its own rule.
    pub fn allow_field(&mut self, name: &str, at: FieldRef) {
        let slot = self.slots.entry(name.to_owned()).or_insert_with(|| Slot::Field(Vec::new()));
        if let Slot::Field(places) = slot
            && !places.contains(&at)
        {
            places.push(at);
        }
    }

    /// Lets a system field be written, whatever a form says of it.
    pub fn allow_core(&mut self, name: &str, core: Core) {
        self.slots.insert(name.to_owned(), Slot::Core(core));
    }

    /// Takes a key away.
    pub fn deny(&mut self, name: &str) {
        self.slots.remove(name);
    }

    /// Keeps only the keys for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.slots.retain(|name, _| keep(name));
    }

    /// What a key accepts, if it may be written.
    pub fn get(&self, name: &str) -> Option<&Slot> {
        self.slots.get(name)
    }

    /// Whether a key may be written.
    pub fn contains(&self, name: &str) -> bool {
        self.slots.contains_key(name)
    }

    /// All keys that may be written.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.slots.keys().map(String::as_str)
    }

    /// The form fields among the keys.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &[FieldRef])> {
        self.slots.iter().filter_map(|(name, slot)| match slot {
            Slot::Field(places) => Some((name.as_str(), places.as_slice())),
            Slot::Core(_) => None,
        })
    }
}

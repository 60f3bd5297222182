//! Form fields on their way into events: which are the system's, ids for new entries, readers.

use kit_records::patch::{apply, entry_id, name_entries};
use kit_records::values::is_blank;
use kit_records::{Record, system};
use serde_json::Value;

use crate::{Context, Kind};

/// The part of a body that is form fields.
pub fn form_fields<K: Kind>(body: &Record) -> Record {
    body.iter()
        .filter(|(name, _)| !is_system::<K>(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Whether a submitted value of the field has no effect.
pub fn is_system<K: Kind>(name: &str) -> bool {
    system::is_kept(name)
        || K::RECORD_TYPE.own_id_fields().contains(&name)
        || K::COMPUTED.contains(&name)
}

/// Gives an id to each subform entry that has none; the same context gives the same ids.
pub fn identify(fields: &mut Record, context: &Context) {
    let mut unnamed = 0_u64;
    name_entries(fields, &mut || {
        unnamed += 1;
        context.id_for(&format!("entry {unnamed}"))
    });
}

/// A record after a patch.
pub fn patched(record: &Record, patch: &Record) -> Record {
    let mut record = record.clone();
    apply(&mut record, patch);
    record
}

/// The entries of a subform.
pub fn entries<'a>(values: &'a Record, subform: &str) -> impl Iterator<Item = &'a Record> {
    let list = values.get(subform).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(Value::as_object)
}

/// A text that says something.
pub fn text<'a>(values: &'a Record, name: &str) -> Option<&'a str> {
    values.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// Whether a field is filled in.
pub fn is_filled(values: &Record, name: &str) -> bool {
    values.get(name).is_some_and(|value| !is_blank(value))
}

/// Whether a record holds this entry of a subform already.
pub fn is_stored(stored: &Record, subform: &str, entry: &Record) -> bool {
    let id = entry.get("unique_id").and_then(Value::as_str);
    let list = stored.get(subform).and_then(Value::as_array);
    id.is_some() && list.is_some_and(|list| list.iter().any(|one| entry_id(one) == id))
}

/// Whether a patch adds an entry to a subform that the stored record lacks.
pub fn adds_entry(stored: &Record, changes: &Record, subform: &str) -> bool {
    entries(changes, subform).any(|entry| !is_stored(stored, subform, entry))
}

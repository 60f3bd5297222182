//! From a body to what it changes: the steps that every write of form fields takes.

use kit_records::patch::{entry_id, reduce};
use kit_records::values::{format_time, is_blank, parse_date};
use kit_records::{Merge, Merged, Policies, Record, RecordType};
use serde_json::{Value, json};

use crate::compute::{self, Input};
use crate::{Case, CaseRefusal, Context, derived, naming, patch};

/// What an update of form fields comes to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Saved {
    /// What the author changes, cut to what differs.
    pub changes: Record,
    pub computed: Record,
    /// What met a change that the author had not seen.
    pub merged: Merged,
}

/// Makes a body's form fields ready to be merged: entries named, notes signed.
pub fn prepared(case: &Case, context: &Context, body: &Record) -> Record {
    let mut fields = patch::form_fields(body);
    drop_computed(case, context, &mut fields);
    patch::identify(&mut fields, context);
    sign_notes(case, context, &mut fields);
    fields
}

/// Merges prepared fields into a case. `moves_on`: see [`Input`].
pub fn merged(
    case: &Case,
    context: &Context,
    fields: &Record,
    base: Option<u64>,
    seen: Option<&Record>,
) -> Result<Merged, CaseRefusal> {
    if let Some(base) = base.filter(|base| *base > case.version) {
        return Err(CaseRefusal::BaseAhead { base, version: case.version });
    }
    let merge = Merge {
        base,
        base_record: seen,
        touched: &case.touched,
        stored: &case.values,
        policies: Policies { index: &context.index, record_type: RecordType::Case },
    };
    Ok(merge.run(fields))
}

/// Applies what was merged, holds it against the rules, and computes what follows.
pub fn saved(
    case: &Case,
    context: &Context,
    fields: &Record,
    merged: Merged,
    moves_on: bool,
) -> Result<Saved, CaseRefusal> {
    let changes = reduce(&case.values, &merged.patch);
    let after = settled(case, &changes);
    let module = case.module.as_deref();
    check(context, module, Some(&case.values), fields, &after)?;
    let input = Input { module, changes: &changes, after: &after, moves_on };
    let computed =
        if changes.is_empty() { Record::new() } else { compute::computed(context, input) };
    Ok(Saved { changes, computed, merged })
}

/// Holds a record against the rules of the forms and of the case itself; `fields` is what was
/// sent, since what is wrong points into it.
pub fn check(
    context: &Context,
    module: Option<&str>,
    before: Option<&Record>,
    fields: &Record,
    after: &Record,
) -> Result<(), CaseRefusal> {
    let violations = context.rules(module).check(before, fields, after);
    if !violations.is_empty() {
        return Err(CaseRefusal::Invalid(violations));
    }
    let born = patch::text(fields, "date_of_birth").and_then(parse_date);
    match born {
        Some(born) if born.year() > context.today.year() => Err(CaseRefusal::BornInTheFuture),
        _ => Ok(()),
    }
}

/// Whether a patch adds an entry to a subform that the stored record lacks.
pub fn adds_entry(stored: &Record, changes: &Record, subform: &str) -> bool {
    patch::entries(changes, subform).any(|entry| !is_stored(stored, subform, entry))
}

fn settled(case: &Case, changes: &Record) -> Record {
    let mut after = patch::patched(&case.values, changes);
    derived::settle(&mut after);
    after
}

fn is_stored(stored: &Record, subform: &str, entry: &Record) -> bool {
    let id = entry.get("unique_id").and_then(Value::as_str);
    let list = stored.get(subform).and_then(Value::as_array);
    id.is_some() && list.is_some_and(|list| list.iter().any(|one| entry_id(one) == id))
}

/// Takes away what a rule will compute anyway, so that it can't conflict with itself.
fn drop_computed(case: &Case, context: &Context, fields: &mut Record) {
    if fields.contains_key("name") {
        let after = patch::patched(&case.values, fields);
        let rule = naming::auto_populated(&context.index, "name", &after, &context.chains);
        if rule.is_some() {
            fields.shift_remove("name");
        }
    }
    let services = fields.get_mut("services_section").and_then(Value::as_array_mut);
    for service in services.into_iter().flatten().filter_map(Value::as_object_mut) {
        if service.contains_key("service_type")
            || service.contains_key("service_implemented_day_time")
        {
            service.shift_remove("service_implemented");
        }
    }
}

/// A new note says who wrote it and when, unless it came with both.
fn sign_notes(case: &Case, context: &Context, fields: &mut Record) {
    let timed = context
        .index
        .field(RecordType::Case, "notes_section")
        .and_then(|field| context.index.subform(field))
        .and_then(|form| form.fields.iter().find(|field| field.name == "note_date"))
        .is_none_or(|field| field.date_include_time);
    let date = if timed { json!(format_time(context.now)) } else { json!(context.today) };
    let notes = fields.get_mut("notes_section").and_then(Value::as_array_mut);
    for note in notes.into_iter().flatten().filter_map(Value::as_object_mut) {
        if is_stored(&case.values, "notes_section", note) || note.contains_key("_destroy") {
            continue;
        }
        let author = json!(context.author.user_name);
        for (name, value) in [("note_date", &date), ("note_created_by", &author)] {
            if note.get(name).is_none_or(is_blank) {
                note.insert(name.into(), value.clone());
            }
        }
    }
}

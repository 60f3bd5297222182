//! What the forms demand beyond types: calculated values, required fields, skip logic, options
//! by condition, subforms that only grow.
//!
//! # When a required field refuses a save
//!
//! A caseworker's save must not fail over a form that they never opened, and an offline queue
//! must not get stuck over a rule that was added meanwhile. Therefore a required, visible field
//! refuses a save in three cases only:
//!
//! * it was sent blank (`required`);
//! * it was filled and would be blank now (`required`);
//! * a record or a subform's entry is being created, the body fills another field of the same
//!   form, and this one is left out (`missing_required`).
//!
//! An update of one field of a record that is incomplete anyway is taken; [`Rules::missing`] tells
//! what is open. A field that skip logic hides, that is invisible or disabled, or that the caller
//! may not write is never required. A required tick box must be ticked, a required subform must
//! have an entry. What was entered into a field before skip logic hid it is kept.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde_json::Value;

use crate::calculation;
use crate::expression::{Expression, shows};
use crate::patch::{DESTROY, UNIQUE_ID, entry_id, is_destroyed, reduce};
use crate::values::is_blank;
use crate::violation::{Code, Violation, pointer};
use crate::{
    CatalogIndex, Field, FieldType, Form, OptionText, Record, RecordType, Schema, Slot, limits,
};

/// The rules of one record type and module, as they bind one caller.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    pub index: &'a CatalogIndex,
    pub record_type: RecordType,
    /// The record's module.
    pub module: Option<&'a str>,
    /// What the caller may write.
    pub schema: &'a Schema,
    pub today: Date,
}

/// One step of a record, or of one entry of a subform.
struct Step<'a> {
    /// Pointer to it in the body.
    at: String,
    /// Empty on creation.
    before: &'a Record,
    is_new: bool,
    patch: &'a Record,
    after: &'a Record,
    /// The whole record after the step, which conditions on the record look at.
    record: &'a Record,
}

static NOTHING: LazyLock<Record> = LazyLock::new(Record::new);

impl<'a> Rules<'a> {
    /// Calculated fields, tally totals and subform summaries that differ from what `record` has,
    /// as a patch.
    pub fn calculated(&self, record: &Record) -> Record {
        calculation::calculated(self, record)
    }

    /// The forms of the record's type and module.
    pub fn forms(&self) -> impl Iterator<Item = &'a Form> + use<'a> {
        self.index.forms(self.record_type, self.module)
    }

    /// Everything that forbids the step from `before` (none: creation) to `after` by `patch`,
    /// whose entries are named.
    pub fn check(&self, before: Option<&Record>, patch: &Record, after: &Record) -> Vec<Violation> {
        let step = Step {
            at: String::new(),
            before: before.unwrap_or(&NOTHING),
            is_new: before.is_none(),
            patch,
            after,
            record: after,
        };
        let mut wrong = Vec::new();
        for form in self.forms() {
            let asked = form.visible && shows(&form.display_conditions, after);
            let mine = form.fields.iter().filter(|field| self.is_writable(form, field));
            self.check_fields(&step, mine, asked, &mut wrong);
        }
        self.check_options(&step, &mut wrong);
        check_rows(&step, &mut wrong);
        let mut told = std::collections::HashSet::new();
        wrong.retain(|one| told.insert((one.pointer.clone(), one.code)));
        wrong.truncate(limits::VIOLATIONS);
        wrong
    }

    /// Required fields of the caller's visible forms that are blank: the record is incomplete.
    pub fn missing(&self, record: &Record) -> Vec<Violation> {
        let mut open = Vec::new();
        for form in
            self.forms().filter(|form| form.visible && shows(&form.display_conditions, record))
        {
            for field in form.fields.iter().filter(|field| self.is_writable(form, field)) {
                self.missing_field("", field, record, record, &mut open);
            }
        }
        open
    }

    fn missing_field(
        &self,
        at: &str,
        field: &Field,
        data: &Record,
        record: &Record,
        open: &mut Vec<Violation>,
    ) {
        if !is_shown(field, data, record) {
            return;
        }
        let value = data.get(&field.name).unwrap_or(&Value::Null);
        let at = pointer(at, &field.name);
        if is_required(field) && is_unfilled(field, value) {
            open.push(Violation::new(at, Code::MissingRequired));
            return;
        }
        let Some(form) = self.index.subform(field) else { return };
        for (n, entry) in rows(value) {
            for inner in offered(field, form) {
                self.missing_field(&format!("{at}/{n}"), inner, entry, record, open);
            }
        }
    }

    /// Whether the caller may write the field on this very form.
    fn is_writable(&self, form: &Form, field: &Field) -> bool {
        match self.schema.get(&field.name) {
            Some(Slot::Field(places)) => {
                places.iter().any(|at| self.index.form_at(*at).unique_id == form.unique_id)
            }
            _ => false,
        }
    }

    fn check_fields<'f>(
        &self,
        step: &Step<'_>,
        fields: impl Iterator<Item = &'f Field> + Clone,
        asked: bool,
        wrong: &mut Vec<Violation>,
    ) {
        let begun =
            fields.clone().any(|field| step.patch.get(&field.name).is_some_and(|v| !is_blank(v)));
        for field in fields {
            let asked = asked && is_shown(field, step.after, step.record);
            if asked && is_required(field) {
                wrong.extend(required(step, field, begun));
            }
            if field.field_type == FieldType::Subform {
                self.check_subform(step, field, asked, wrong);
            }
        }
    }

    fn check_subform(
        &self,
        step: &Step<'_>,
        field: &Field,
        asked: bool,
        wrong: &mut Vec<Violation>,
    ) {
        let Some(form) = self.index.subform(field) else { return };
        let sent = step.patch.get(&field.name).unwrap_or(&Value::Null);
        for (n, entry) in rows(sent) {
            let at = format!("{}/{n}", pointer(&step.at, &field.name));
            let id = entry.get(UNIQUE_ID).and_then(Value::as_str);
            let before = id.and_then(|id| find(step.before.get(&field.name), id));
            if let Some(code) = before.and_then(|before| forbids(form, before, entry)) {
                wrong.push(Violation::new(at.clone(), code));
            }
            let Some(after) = id.and_then(|id| find(step.after.get(&field.name), id)) else {
                continue;
            };
            let inner = Step {
                at,
                before: before.unwrap_or(&NOTHING),
                is_new: before.is_none(),
                patch: entry,
                after,
                record: step.record,
            };
            self.check_fields(&inner, offered(field, form), asked, wrong);
            for field in &form.fields {
                self.check_offered(&inner, field, wrong);
            }
        }
    }

    fn check_options(&self, step: &Step<'_>, wrong: &mut Vec<Violation>) {
        let sent = self.schema.fields().filter(|(name, _)| step.patch.contains_key(*name));
        for (_, places) in sent {
            if let [at] = places {
                self.check_offered(step, self.index.field_at(*at), wrong);
            }
        }
    }

    /// Newly chosen options must be among those offered under the present values.
    fn check_offered(&self, step: &Step<'_>, field: &Field, wrong: &mut Vec<Violation>) {
        let Some(conditions) = field.option_strings_condition.as_object() else { return };
        let Some(sent) = step.patch.get(&field.name).filter(|_| !conditions.is_empty()) else {
            return;
        };
        let at = pointer(&step.at, &field.name);
        let offered = |id: &str| {
            let Some(option) = self.option(field, id) else { return true };
            let mut bound = option.tags.iter().filter_map(|tag| conditions.get(tag)).peekable();
            bound.peek().is_none() || bound.any(|condition| holds(condition, step))
        };
        let before = step.before.get(&field.name).unwrap_or(&Value::Null);
        match sent {
            Value::String(id) if before != sent && !offered(id) => {
                wrong.push(Violation::new(at, Code::OptionNotOffered));
            }
            Value::Array(ids) => {
                for (n, id) in ids.iter().enumerate() {
                    let is_new = before.as_array().is_none_or(|before| !before.contains(id));
                    if is_new && id.as_str().is_some_and(|id| !offered(id)) {
                        wrong.push(Violation::new(format!("{at}/{n}"), Code::OptionNotOffered));
                    }
                }
            }
            _ => {}
        }
    }

    fn option(&self, field: &'a Field, id: &str) -> Option<&'a OptionText> {
        let source =
            field.option_strings_source.as_deref().and_then(|one| one.strip_prefix("lookup "));
        let options = match source {
            Some(lookup) => &self.index.lookup(lookup.trim())?.values,
            None => &field.option_strings_text,
        };
        options.iter().find(|option| option.id == id)
    }
}

/// Whether skip logic shows a field of the record, or of one of its entries (`data`).
pub fn is_shown(field: &Field, data: &Record, record: &Record) -> bool {
    field.visible
        && shows(&field.display_conditions_record, record)
        && shows(&field.display_conditions_subform, data)
}

/// A subform may not grow beyond its limit by many small steps.
fn check_rows(step: &Step<'_>, wrong: &mut Vec<Violation>) {
    for (name, value) in step.after.iter().filter(|(name, _)| step.patch.contains_key(*name)) {
        let count = |value: Option<&Value>| value.and_then(Value::as_array).map_or(0, Vec::len);
        let rows = count(Some(value));
        if rows > limits::ROWS && rows > count(step.before.get(name)) {
            let at = pointer(&step.at, name);
            wrong.push(Violation::new(at, Code::TooManyEntries).with("max", limits::ROWS));
        }
    }
}

/// The fields of a subform's form that the subform shows: all, unless it lists some.
fn offered<'f>(subform: &'f Field, form: &'f Form) -> impl Iterator<Item = &'f Field> + Clone {
    let listed = subform.subform_section_configuration.get("fields").and_then(Value::as_array);
    let listed = listed.filter(|listed| !listed.is_empty());
    let shows = move |field: &&Field| {
        listed.is_none_or(|listed| listed.iter().any(|name| name == field.name.as_str()))
    };
    form.fields.iter().filter(shows)
}

fn is_required(field: &Field) -> bool {
    field.required && !field.disabled && field.field_type.takes_values()
}

fn is_unfilled(field: &Field, value: &Value) -> bool {
    let unticked = field.field_type == FieldType::TickBox && value == &Value::Bool(false);
    unticked || is_blank(value)
}

fn required(step: &Step<'_>, field: &Field, begun: bool) -> Option<Violation> {
    let of = |data: &Record| data.get(&field.name).is_none_or(|value| is_unfilled(field, value));
    if !of(step.after) {
        return None;
    }
    let sent = step.patch.contains_key(&field.name);
    let cleared = !of(step.before);
    let code = if sent || cleared {
        Code::Required
    } else if step.is_new && begun {
        Code::MissingRequired
    } else {
        return None;
    };
    Some(Violation::new(pointer(&step.at, &field.name), code))
}

/// What the subform's form says against changing a stored entry.
fn forbids(form: &Form, before: &Record, sent: &Record) -> Option<Code> {
    let removed = sent.get(DESTROY) == Some(&Value::Bool(true));
    let changed =
        removed || !reduce(before, sent).keys().all(|key| key == UNIQUE_ID || key == DESTROY);
    if form.subform_append_only && changed {
        return Some(Code::AppendOnly);
    }
    (form.subform_prevent_item_removal && removed).then_some(Code::RemovalPrevented)
}

fn holds(condition: &Value, step: &Step<'_>) -> bool {
    // An entry's fields come first, as names may stand in both.
    let mut data = step.record.clone();
    data.extend(step.after.iter().map(|(name, value)| (name.clone(), value.clone())));
    Expression::parse(condition).map_or(true, |condition| condition.holds(&data))
}

fn rows(value: &Value) -> impl Iterator<Item = (usize, &Record)> {
    let entries = value.as_array().map_or(&[][..], Vec::as_slice);
    entries.iter().enumerate().filter_map(|(n, entry)| Some((n, entry.as_object()?)))
}

fn find<'v>(list: Option<&'v Value>, id: &str) -> Option<&'v Record> {
    let entries = list?.as_array()?;
    let entry = entries.iter().find(|one| entry_id(one) == Some(id) && !is_destroyed(one))?;
    entry.as_object()
}

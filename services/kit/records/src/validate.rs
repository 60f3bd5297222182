//! Server validation by field type: turns a body into canonical values, or says what is wrong.
//!
//! Keys outside the schema are left out, or reported in strict mode. Nothing here looks at the
//! stored record: rules that need it are in `rules`.

use std::collections::HashSet;

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::values::{as_integer, format_time, is_code, parse_date, parse_time};
use crate::violation::{Code, Violation, pointer};
use crate::{
    CatalogIndex, Core, Field, FieldType, Options, Record, RecordType, Schema, Slot, limits,
};

/// What to do with keys that the schema does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// Leave them out, as Primero's API does.
    Ignore,
    /// Refuse them.
    Report,
}

/// What a body is held against.
#[derive(Debug, Clone, Copy)]
pub struct Validation<'a> {
    pub index: &'a CatalogIndex,
    pub record_type: RecordType,
    pub schema: &'a Schema,
    pub unknown: Unknown,
    pub today: Date,
}

/// What one value becomes.
enum Outcome {
    Keep(Value),
    /// Means "no change" in the contract: null for a subform, a scalar for a multi-select.
    Drop,
}

type Checked = Result<Outcome, Vec<Violation>>;

impl Validation<'_> {
    /// The allowed part of `body` in canonical form, or everything wrong with it.
    pub fn check(&self, body: &Record) -> Result<Record, Vec<Violation>> {
        if let Some(key) = body.iter().find(|(_, value)| depth(value) > limits::DEPTH - 1) {
            let deep = Violation::new(pointer("", key.0), Code::TooDeep);
            return Err(vec![deep.with("max", limits::DEPTH)]);
        }
        let (mut kept, mut wrong) = (Map::new(), Vec::new());
        for (name, value) in body {
            let at = pointer("", name);
            match self.schema.get(name) {
                Some(slot) => collect(name, self.slot(slot, &at, value), &mut kept, &mut wrong),
                None if self.unknown == Unknown::Report => {
                    wrong.push(Violation::new(at, Code::UnknownField));
                }
                None => {}
            }
        }
        wrong.truncate(limits::VIOLATIONS);
        if wrong.is_empty() { Ok(kept) } else { Err(wrong) }
    }

    fn slot(&self, slot: &Slot, at: &str, value: &Value) -> Checked {
        match slot {
            Slot::Core(core) => self.core(*core, at, value),
            Slot::Field(places) => {
                let mut first = None;
                for place in places {
                    match self.field(self.index.field_at(*place), at, value) {
                        Ok(outcome) => return Ok(outcome),
                        Err(wrong) => first = first.or(Some(wrong)),
                    }
                }
                first.map_or(Ok(Outcome::Drop), Err)
            }
        }
    }

    fn core(&self, core: Core, at: &str, value: &Value) -> Checked {
        match core {
            Core::UuidOrNull if value.is_null() => keep(Value::Null),
            Core::Uuid | Core::UuidOrNull => uuid(at, value),
            Core::Bool => boolean(at, value),
            Core::Date => self.date(None, at, value),
            Core::Time => time(at, value),
            Core::Text => text(at, value, limits::LINE),
            Core::Code => code(at, value),
            Core::Status => self.status(at, value),
            Core::Module => match value.as_str() {
                Some(id) if self.index.module(id).is_some() => keep(value.clone()),
                Some(_) => one(at, Code::NotFound),
                None => wrong_type(at, "string"),
            },
        }
    }

    fn status(&self, at: &str, value: &Value) -> Checked {
        let Some(status) = value.as_str() else { return wrong_type(at, "string") };
        let of_forms = || {
            self.index.definitions(self.record_type, "status").iter().any(|place| {
                match self.index.options(self.index.field_at(*place)) {
                    Options::Listed(set) => set.contains(status),
                    Options::Free => false,
                }
            })
        };
        if matches!(status, "open" | "closed" | "transferred" | "identified") || of_forms() {
            return keep(value.clone());
        }
        one(at, Code::NotAnOption)
    }

    fn field(&self, field: &Field, at: &str, value: &Value) -> Checked {
        match field.field_type {
            FieldType::TextField => text(at, value, limits::LINE),
            FieldType::Textarea => text(at, value, limits::PAGE),
            FieldType::NumericField => numeric(field, at, value),
            FieldType::DateField if field.date_include_time => time(at, value),
            FieldType::DateField => self.date(Some(field), at, value),
            FieldType::TickBox => boolean(at, value),
            FieldType::SelectBox if field.multi_select => self.choices(field, at, value),
            FieldType::SelectBox => self.choice(field, at, value),
            FieldType::RadioButton => self.radio(field, at, value),
            FieldType::TallyField => tally(field, at, value),
            FieldType::Calculated => calculated(at, value),
            FieldType::Subform => self.subform(field, at, value),
            _ => Ok(Outcome::Drop),
        }
    }

    fn date(&self, field: Option<&Field>, at: &str, value: &Value) -> Checked {
        let Some(sent) = value.as_str() else {
            return if value.is_null() { keep(Value::Null) } else { wrong_type(at, "date") };
        };
        let Some(date) = parse_date(sent) else { return one(at, Code::NotADate) };
        let past_only =
            field.is_some_and(|f| f.date_validation.as_deref() == Some("not_future_date"));
        // A day of grace: the caller's day may have begun where ours has not.
        let latest = self.today.saturating_add(1.day());
        if past_only && date > latest {
            return Err(vec![
                Violation::new(at, Code::FutureDate).with("max", self.today.to_string()),
            ]);
        }
        keep(value.clone())
    }

    fn choice(&self, field: &Field, at: &str, value: &Value) -> Checked {
        match value {
            Value::Null => keep(Value::Null),
            Value::String(id) => match self.index.options(field) {
                Options::Listed(set) if !set.contains(id) => one(at, Code::NotAnOption),
                _ => text(at, value, limits::LINE),
            },
            _ => wrong_type(at, "string"),
        }
    }

    fn radio(&self, field: &Field, at: &str, value: &Value) -> Checked {
        match (value, self.index.options(field)) {
            (Value::Bool(_), Options::Listed(set)) if set.is_boolean() => keep(value.clone()),
            _ => self.choice(field, at, value),
        }
    }

    fn choices(&self, field: &Field, at: &str, value: &Value) -> Checked {
        let Value::Array(items) = value else { return Ok(Outcome::Drop) };
        if items.len() > limits::CHOICES {
            return too_many(at, limits::CHOICES);
        }
        let (mut kept, mut wrong) = (Vec::with_capacity(items.len()), Vec::new());
        for (n, item) in items.iter().enumerate() {
            let at = format!("{at}/{n}");
            match if item.is_null() {
                wrong_type(&at, "string")
            } else {
                self.choice(field, &at, item)
            } {
                Ok(Outcome::Keep(id)) if !kept.contains(&id) => kept.push(id),
                Ok(_) => {}
                Err(more) => wrong.extend(more),
            }
        }
        if wrong.is_empty() { keep(Value::Array(kept)) } else { Err(wrong) }
    }

    fn subform(&self, field: &Field, at: &str, value: &Value) -> Checked {
        let rows = match value {
            Value::Array(rows) => rows,
            Value::Null => return Ok(Outcome::Drop),
            _ => return wrong_type(at, "list"),
        };
        if rows.len() > limits::ROWS {
            return too_many(at, limits::ROWS);
        }
        let (mut kept, mut wrong, mut seen) =
            (Vec::with_capacity(rows.len()), Vec::new(), HashSet::new());
        for (n, row) in rows.iter().enumerate() {
            let at = format!("{at}/{n}");
            let Value::Object(row) = row else {
                wrong.push(Violation::new(at, Code::WrongType).with("expected", "object"));
                continue;
            };
            if let Some(id) = row.get("unique_id").and_then(Value::as_str)
                && !seen.insert(id)
            {
                wrong.push(Violation::new(pointer(&at, "unique_id"), Code::DuplicateUniqueId));
            }
            kept.push(Value::Object(self.row(field, &at, row, &mut wrong)));
        }
        if wrong.is_empty() { keep(Value::Array(kept)) } else { Err(wrong) }
    }

    fn row(&self, field: &Field, at: &str, row: &Record, wrong: &mut Vec<Violation>) -> Record {
        let mut kept = Map::new();
        let form = self.index.subform(field);
        for (name, value) in row {
            let at = pointer(at, name);
            let known = form.and_then(|form| form.fields.iter().find(|one| &one.name == name));
            let checked = match (name.as_str(), known) {
                ("unique_id" | "_destroy", _) if value.is_null() => Ok(Outcome::Drop),
                ("unique_id", _) => uuid(&at, value),
                ("_destroy", _) => boolean(&at, value),
                (_, Some(field)) => self.field(field, &at, value),
                (_, None) if self.unknown == Unknown::Report => one(&at, Code::UnknownField),
                (_, None) => Ok(Outcome::Drop),
            };
            collect(name, checked, &mut kept, wrong);
        }
        kept
    }
}

fn collect(name: &str, checked: Checked, kept: &mut Record, wrong: &mut Vec<Violation>) {
    match checked {
        Ok(Outcome::Keep(value)) => {
            kept.insert(name.to_owned(), value);
        }
        Ok(Outcome::Drop) => {}
        Err(more) => wrong.extend(more),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "reads as the other outcomes do")]
fn keep(value: Value) -> Checked {
    Ok(Outcome::Keep(value))
}

fn one(at: &str, code: Code) -> Checked {
    Err(vec![Violation::new(at, code)])
}

fn wrong_type(at: &str, expected: &str) -> Checked {
    Err(vec![Violation::new(at, Code::WrongType).with("expected", expected)])
}

fn too_many(at: &str, max: usize) -> Checked {
    Err(vec![Violation::new(at, Code::TooManyEntries).with("max", max)])
}

fn text(at: &str, value: &Value, max: usize) -> Checked {
    match value {
        Value::Null => keep(Value::Null),
        Value::String(text) if text.contains('\0') => one(at, Code::InvalidText),
        Value::String(text) if text.len() > max && text.chars().count() > max => {
            Err(vec![Violation::new(at, Code::TooLong).with("max", max)])
        }
        Value::String(_) => keep(value.clone()),
        _ => wrong_type(at, "string"),
    }
}

fn code(at: &str, value: &Value) -> Checked {
    match value.as_str() {
        Some(code) if !code.is_empty() && !is_code(code) => one(at, Code::NotACode),
        _ => text(at, value, limits::LINE),
    }
}

fn numeric(field: &Field, at: &str, value: &Value) -> Checked {
    if value.is_null() {
        return keep(Value::Null);
    }
    let Some(number) = value.as_number() else { return wrong_type(at, "integer") };
    let (min, max) = range_of(field);
    match as_integer(number) {
        Some(whole) if (min..=max).contains(&whole) => keep(whole.into()),
        None if number.as_f64().is_some_and(|real| real.fract() != 0.0) => {
            wrong_type(at, "integer")
        }
        _ => Err(vec![Violation::new(at, Code::OutOfRange).with("min", min).with("max", max)]),
    }
}

fn range_of(field: &Field) -> (i64, i64) {
    if field.name == "age" || field.name.ends_with("_age") {
        return (0, limits::AGE);
    }
    (i32::MIN.into(), i32::MAX.into())
}

fn time(at: &str, value: &Value) -> Checked {
    match value {
        Value::Null => keep(Value::Null),
        Value::String(sent) => match parse_time(sent) {
            Some(moment) => keep(format_time(moment).into()),
            None => one(at, Code::NotATime),
        },
        _ => wrong_type(at, "date with time"),
    }
}

fn boolean(at: &str, value: &Value) -> Checked {
    if value.is_boolean() { keep(value.clone()) } else { wrong_type(at, "boolean") }
}

fn uuid(at: &str, value: &Value) -> Checked {
    let Some(sent) = value.as_str() else { return wrong_type(at, "string") };
    let proper = sent.len() == 36
        && Uuid::try_parse(sent).is_ok()
        && !sent.bytes().any(|byte| byte.is_ascii_uppercase());
    if proper { keep(value.clone()) } else { one(at, Code::NotAUuid) }
}

fn calculated(at: &str, value: &Value) -> Checked {
    match value {
        Value::String(_) => text(at, value, limits::LINE),
        Value::Array(_) | Value::Object(_) => wrong_type(at, "scalar"),
        _ => keep(value.clone()),
    }
}

fn tally(field: &Field, at: &str, value: &Value) -> Checked {
    let sent = match value {
        Value::Null => return keep(Value::Null),
        Value::Object(sent) => sent,
        _ => return wrong_type(at, "object"),
    };
    let (mut kept, mut wrong) = (Map::new(), Vec::new());
    for (key, value) in sent {
        let at = pointer(at, key);
        if key != "total" && !field.tally.iter().any(|one| &one.id == key) {
            wrong.push(Violation::new(at, Code::NotAnOption));
            continue;
        }
        collect(key, numeric(&Field::default(), &at, value), &mut kept, &mut wrong);
    }
    if wrong.is_empty() { keep(Value::Object(kept)) } else { Err(wrong) }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(items) => 1 + items.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

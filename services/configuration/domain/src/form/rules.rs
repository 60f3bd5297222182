//! What must hold of a form, and how a new list of fields meets the stored one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::properties::FIELD;
use super::{Field, Form, RECORD_TYPES};
use crate::condition::is_condition;
use crate::schema::{Reach, merge};
use crate::text::{english, has_forbidden_character, parameterize};
use crate::{Attributes, Problem};

/// Numbers and fields that the API's body refers to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct References {
    /// Unique ids of forms by number.
    pub forms: BTreeMap<i64, String>,
    /// Fields of other forms that may be copied, by number.
    pub fields: BTreeMap<i64, Field>,
    /// Numbers for new fields, as many as the body has fields.
    pub new_ids: Vec<i64>,
}

/// The fields after a body's complete list was taken in.
///
/// Entries meet stored fields by name. An unknown name with the number of a known field copies
/// that field. With restricted reach nothing is added or removed.
pub fn revised_fields(
    form: &Form,
    sent: &[Value],
    references: &References,
    reach: Reach,
    problems: &mut Vec<Problem>,
) -> Vec<Field> {
    let mut new_ids = references.new_ids.iter();
    let mut fields = Vec::with_capacity(sent.len());
    for (position, body) in sent.iter().enumerate() {
        let Some(body) = body.as_object() else { continue };
        let name = field_name(body);
        let known = form.field(&name);
        if reach == Reach::Restricted && known.is_none() {
            continue;
        }
        let mut field = known.cloned().unwrap_or_else(|| {
            let copied = body.get("id").and_then(Value::as_i64);
            let copied = copied.and_then(|id| references.fields.get(&id)).cloned();
            Field { id: new_ids.next().copied().unwrap_or_default(), ..copied.unwrap_or_default() }
        });
        take_body(&mut field, body, &name, known.is_some(), reach);
        resolve_subform(&mut field, body, position, references, problems);
        if !body.get("order").is_some_and(Value::is_i64) {
            field.attributes.set("order", Value::from(position));
        }
        fields.push(field);
    }
    if reach == Reach::Restricted {
        keep_unsent(form, &mut fields);
    }
    fields
}

fn keep_unsent(form: &Form, fields: &mut Vec<Field>) {
    let sent: BTreeSet<String> = fields.iter().map(|one| one.name().to_owned()).collect();
    fields.extend(form.fields.iter().filter(|one| !sent.contains(one.name())).cloned());
}

fn field_name(body: &Map<String, Value>) -> String {
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    if is_field_name(name) {
        return name.to_owned();
    }
    let label = body.get("display_name").and_then(|text| text.get("en"));
    let source = if name.trim().is_empty() {
        label.and_then(Value::as_str).unwrap_or_default()
    } else {
        name
    };
    parameterize(source, '_')
}

fn take_body(field: &mut Field, body: &Map<String, Value>, name: &str, known: bool, reach: Reach) {
    let fixed = ["name", "type", "multi_select"];
    let fixed = fixed.map(|one| (one, field.attributes.get(one).cloned().unwrap_or_default()));
    field.attributes = merge(&field.attributes, body, FIELD, reach);
    if known {
        for (name, value) in fixed {
            field.attributes.set(name, value);
        }
    }
    field.attributes.set("name", Value::from(name));
    if reach != Reach::Restricted {
        gather_subform_display(&mut field.attributes, body);
    }
}

/// The three display options of a subform may stand beside its configuration.
fn gather_subform_display(attributes: &mut Attributes, body: &Map<String, Value>) {
    for name in ["subform_sort_by", "subform_sort_by_direction", "subform_group_by"] {
        let Some(value) = body.get(name).filter(|one| one.is_string()) else { continue };
        let stored = attributes.get("subform_section_configuration");
        let mut display = stored.and_then(Value::as_object).cloned().unwrap_or_default();
        display.insert(name.to_owned(), value.clone());
        attributes.set("subform_section_configuration", Value::Object(display));
    }
}

fn resolve_subform(
    field: &mut Field,
    body: &Map<String, Value>,
    position: usize,
    references: &References,
    problems: &mut Vec<Problem>,
) {
    let Some(number) = body.get("subform_section_id").and_then(Value::as_i64) else { return };
    match references.forms.get(&number) {
        Some(unique_id) => {
            field.attributes.set("subform_unique_id", Value::from(unique_id.as_str()));
        }
        None => problems.push(Problem::new(
            "fields.subform_section_id",
            "errors.models.field.subform_section_id",
            format!("/fields/{position}/subform_section_id"),
            "not_found",
        )),
    }
}

/// Everything that must hold of a form and its fields by themselves.
pub fn check_form(attributes: &Attributes, fields: &[Field], problems: &mut Vec<Problem>) {
    check_name(attributes, problems);
    if attributes.str("unique_id").chars().count() > 255 {
        problems.push(Problem::new("unique_id", FORM_ID, "/unique_id", "too_long"));
    }
    if !RECORD_TYPES.contains(&attributes.str("parent_form")) {
        let message = "errors.models.form_section.parent_form";
        problems.push(Problem::new("parent_form", message, "/parent_form", "unknown_option"));
    }
    if !condition_holds_up(attributes, "display_conditions") {
        let message = "errors.models.form_section.display_conditions";
        problems.push(Problem::new(
            "display_conditions",
            message,
            "/display_conditions",
            "invalid",
        ));
    }
    let mut names = BTreeSet::new();
    for (position, field) in fields.iter().enumerate() {
        check_field(field, position, problems);
        if !names.insert(field.name()) {
            let pointer = format!("/fields/{position}/name");
            let message = "errors.models.form_section.fields_with_duplicate_names";
            problems.push(Problem::new("fields", message, pointer, "duplicate"));
        }
    }
}

/// The message for a unique id that another form has or that cannot be one.
pub const FORM_ID: &str = "errors.models.form_section.unique_id";

fn check_name(attributes: &Attributes, problems: &mut Vec<Problem>) {
    let name = attributes.text("name");
    match name.get("en").map(String::as_str).unwrap_or_default() {
        "" => problems.push(Problem::new(
            "name_en",
            "errors.models.form_section.presence_of_name",
            "/name/en",
            "required",
        )),
        text if text.trim().is_empty() || has_forbidden_character(text) => {
            let message = "errors.models.form_section.format_of_name";
            problems.push(Problem::new("name", message, "/name/en", "forbidden_characters"));
        }
        _ => {}
    }
}

fn check_field(field: &Field, position: usize, problems: &mut Vec<Problem>) {
    let mut problem = |name: &str, message: &str, code| {
        let pointer = format!("/fields/{position}/{name}");
        let message = format!("errors.models.field.{message}");
        problems.push(Problem::new(format!("fields.{name}"), message, pointer, code));
    };
    if !is_field_name(field.name()) {
        problem("name", "name_format", "invalid");
    }
    if !is_field_type(field.field_type()) {
        problem("type", "type", "unknown_option");
    }
    match english(&field.attributes.text("display_name")) {
        None => problem("display_name", "display_name_presence", "required"),
        Some(label) if has_forbidden_character(label) => {
            problem("display_name", "display_name_format", "forbidden_characters");
        }
        Some(_) => {}
    }
    for name in ["display_conditions_record", "display_conditions_subform"] {
        if !condition_holds_up(&field.attributes, name) {
            problem(name, name, "invalid");
        }
    }
    for name in ["option_strings_text", "tally"] {
        if let Some(code) = options_fault(field.attributes.objects(name)) {
            problem(name, name, code);
        }
    }
    let policy = field.attributes.get("merge_policy").and_then(Value::as_str);
    if policy.is_some_and(|one| !["ask", "union", "latest", "first"].contains(&one)) {
        problem("merge_policy", "merge_policy", "unknown_option");
    }
}

fn condition_holds_up(attributes: &Attributes, name: &str) -> bool {
    attributes.get(name).is_none_or(is_condition)
}

fn options_fault(options: &[Value]) -> Option<&'static str> {
    let mut ids = BTreeSet::new();
    let id =
        |option: &Value| option.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut doubled = false;
    for id in options.iter().map(id) {
        if id.trim().is_empty() {
            return Some("required");
        }
        doubled |= !ids.insert(id);
    }
    doubled.then_some("duplicate")
}

fn is_field_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= 255
        && name.chars().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_')
}

fn is_field_type(name: &str) -> bool {
    serde_json::from_value::<kit_records::FieldType>(Value::from(name)).is_ok()
}

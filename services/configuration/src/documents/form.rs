//! A form with its fields, as `GET /forms` shows it.

use std::collections::HashMap;

use configuration_domain::{
    FIELD_PROPERTIES, FORM_PROPERTIES, Field, Form, Kind, form_group_lookup, whole_field,
    with_languages,
};
use serde_json::{Map, Value, json};

use crate::workspace::Workspace;

/// What is true of a form without being said.
const FORM_FLAGS: [(&str, bool); 13] = [
    ("visible", true),
    ("editable", true),
    ("core_form", false),
    ("is_nested", false),
    ("form_group_keyed", false),
    ("subform_prevent_item_removal", false),
    ("subform_append_only", false),
    ("hide_subform_placeholder", false),
    ("is_first_tab", false),
    ("is_summary_section", false),
    ("display_help_text_view", false),
    ("mobile_form", false),
    ("shared_subform", false),
];
const FORM_NUMBERS: [&str; 4] = ["order", "order_form_group", "order_subform", "initial_subforms"];

/// What is true of a field without being said.
const FIELD_FLAGS: [(&str, bool); 10] = [
    ("visible", true),
    ("mobile_visible", true),
    ("editable", true),
    ("disabled", false),
    ("required", false),
    ("multi_select", false),
    ("hide_on_view_page", false),
    ("show_on_minify_form", false),
    ("hidden_text_field", false),
    ("matchable", false),
];
const FIELD_TEXTS: [&str; 4] = ["display_name", "help_text", "guiding_questions", "tick_box_label"];

/// One form. `numbers` are the forms' numbers by unique id.
pub fn form_document(form: &Form, workspace: &Workspace, numbers: &HashMap<&str, i64>) -> Value {
    let languages = workspace.languages();
    let mut document = Map::new();
    document.insert("id".to_owned(), form.id.into());
    for property in FORM_PROPERTIES {
        let value = form.attributes.get(property.name).cloned();
        let value = match property.kind {
            Kind::Text => Some(with_languages(value.as_ref(), &languages)),
            Kind::Strs => Some(value.unwrap_or_else(|| json!([]))),
            _ if FORM_NUMBERS.contains(&property.name) => Some(value.unwrap_or_else(|| json!(0))),
            _ => value.or_else(|| flag(&FORM_FLAGS, property.name)),
        };
        if let Some(value) = value {
            document.insert(property.name.to_owned(), value);
        }
    }
    if let Some(name) = form_group_name(form, workspace) {
        document.insert("form_group_name".to_owned(), with_languages(Some(&name), &languages));
    }
    if let Some((created, updated)) = workspace.times("form", form.id) {
        document.insert("created_at".to_owned(), created.as_str().into());
        document.insert("updated_at".to_owned(), updated.as_str().into());
    }
    let fields = form.ordered_fields().into_iter();
    let fields = fields.map(|one| field_document(one, form.id, &languages, numbers));
    document.insert("fields".to_owned(), fields.collect());
    Value::Object(document)
}

fn flag(flags: &[(&str, bool)], name: &str) -> Option<Value> {
    flags.iter().find(|(known, _)| *known == name).map(|(_, default)| Value::from(*default))
}

/// What people call the group that a form stands in.
pub fn form_group_name(form: &Form, workspace: &Workspace) -> Option<Value> {
    let group = form.attributes.str("form_group_id");
    let modules = form.module_ids();
    let lookups = modules.iter().filter_map(|module| {
        workspace.configuration.lookup(&form_group_lookup(module, form.parent_form()))
    });
    lookups.into_iter().find_map(|lookup| lookup.value_text(group)).cloned()
}

fn field_document(
    field: &Field,
    form: i64,
    languages: &[String],
    numbers: &HashMap<&str, i64>,
) -> Value {
    let whole = whole_field(field, numbers);
    let mut document = Map::new();
    document.insert("id".to_owned(), field.id.into());
    document.insert("form_section_id".to_owned(), form.into());
    for property in FIELD_PROPERTIES {
        let value = whole.get(property.name).cloned();
        let value = match property.kind {
            Kind::Text if value.is_some() || FIELD_TEXTS.contains(&property.name) => {
                Some(with_languages(value.as_ref(), languages))
            }
            Kind::Options => value.map(|options| options_document(&options, languages)),
            _ => value.or_else(|| flag(&FIELD_FLAGS, property.name)),
        };
        if let Some(value) = value {
            document.insert(property.name.to_owned(), value);
        }
    }
    if field.field_type() == "date_field" {
        document.entry("date_include_time").or_insert(Value::from(false));
        document.entry("date_validation").or_insert("default_date_validation".into());
    }
    if let Some(number) = whole.get("subform_section_id") {
        document.insert("subform_section_id".to_owned(), number.clone());
    }
    Value::Object(document)
}

/// Options, values or tally keys with every language filled in.
pub fn options_document(options: &Value, languages: &[String]) -> Value {
    let option = |one: &Value| {
        let mut option = one.clone();
        option["display_text"] = with_languages(one.get("display_text"), languages);
        option
    };
    options.as_array().into_iter().flatten().map(option).collect()
}

#[cfg(test)]
mod tests {
    use configuration_domain::Configuration;

    use super::*;
    use crate::workspace::workspace_of;

    #[test]
    fn a_form_says_everything_that_is_true_of_it() {
        let form: Form = serde_json::from_value(json!({
            "id": 31, "exists": true, "attributes": {"unique_id": "basic", "name": {"en": "Basic"}, "parent_form": "case",
                "module_ids": ["primeromodule-cp"], "form_group_id": "identification"},
            "fields": [{"id": 300, "attributes": {"name": "people", "type": "subform", "display_name": {"en": "P"}, "subform_unique_id": "inner"}}]
        }))
        .unwrap();
        let lookup = serde_json::from_value(
            json!({"id": 1, "exists": true, "attributes": {"unique_id": "lookup-form-group-cp-case",
            "values": [{"id": "identification", "display_text": {"en": "Identification"}}]}}),
        )
        .unwrap();
        let configuration = Configuration { lookups: vec![lookup], ..Configuration::default() };
        let workspace = workspace_of(configuration);
        let document = form_document(&form, &workspace, &HashMap::from([("inner", 32)]));
        assert_eq!(document["form_group_name"], json!({"en": "Identification"}));
        assert_eq!(document["visible"], json!(true));
        assert_eq!(document["collapsed_field_names"], json!([]));
        assert!(document.get("display_conditions").is_none());
        let field = &document["fields"][0];
        assert_eq!(
            (&field["subform_section_id"], &field["form_section_id"]),
            (&json!(32), &json!(31))
        );
        assert_eq!(field["help_text"], json!({"en": ""}));
    }
}

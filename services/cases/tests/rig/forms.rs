//! The catalog that cases are kept by.

use kit_records::Catalog;
use serde_json::{Value, json};

use super::MODULE;

fn field(name: &str, kind: &str) -> Value {
    json!({"name": name, "type": kind, "visible": true, "display_name": {"en": name}})
}

fn select(name: &str, options: &[&str], multi: bool) -> Value {
    let options: Vec<Value> = options.iter().map(|id| json!({"id": id})).collect();
    json!({"name": name, "type": "select_box", "visible": true, "multi_select": multi,
           "option_strings_text": options})
}

fn form(id: i64, unique_id: &str, fields: &[Value]) -> Value {
    json!({"id": id, "unique_id": unique_id, "parent_form": "case", "visible": true,
           "module_ids": [MODULE], "fields": fields})
}

fn subform(id: i64, unique_id: &str, fields: &[Value]) -> Value {
    json!({"id": id, "unique_id": unique_id, "parent_form": "case", "is_nested": true,
           "fields": fields})
}

/// The forms of families and registry records, and of relatives in a case.
fn relatives() -> Vec<Value> {
    let mut details = field("family_details_section", "subform");
    details["subform_section_id"] = json!(52);
    let mut members = field("family_members", "subform");
    members["subform_section_id"] = json!(53);
    let person = [
        field("relation_name", "text_field"),
        field("relation_age", "numeric_field"),
        field("relation_sex", "text_field"),
        field("relation", "text_field"),
        field("family_relationship", "text_field"),
    ];
    let shared = [field("family_number", "text_field"), field("family_size", "numeric_field")];
    let named = [
        members,
        field("family_name", "text_field"),
        field("family_registration_date", "date_field"),
    ];
    let registry = ["name", "registry_no", "registry_type"].map(|name| field(name, "text_field"));
    let of = |record_type: &str, mut form: Value| {
        form["parent_form"] = json!(record_type);
        form
    };
    vec![
        form(6, "relatives", &[&[details], &shared[..]].concat()),
        of("family", form(7, "family", &[&named, &shared[..]].concat())),
        of("registry_record", form(8, "registry", &registry)),
        of("incident", form(9, "incident", &[field("description", "textarea")])),
        subform(52, "details_subform", &person),
        of("family", subform(53, "members_subform", &person)),
    ]
}

/// The forms of the conformance suite's seed.
pub fn catalog() -> Catalog {
    let mut location = field("location_current", "select_box");
    location["option_strings_source"] = json!("Location");
    let mut implemented = field("service_implemented_day_time", "date_field");
    implemented["date_include_time"] = json!(true);
    let mut contacts = field("conf_contacts", "subform");
    contacts["subform_section_id"] = json!(50);
    let mut services = field("services_section", "subform");
    services["subform_section_id"] = json!(51);
    let basic = [
        field("name", "text_field"),
        field("age", "numeric_field"),
        select("sex", &["female", "male"], false),
        field("date_of_birth", "date_field"),
        field("registration_date", "date_field"),
        select("protection_concerns", &["separated", "refugee", "migrant"], true),
        field("national_id_no", "text_field"),
        field("telephone_current", "text_field"),
        field("nick", "text_field"),
        location,
        field("disclosure_other_orgs", "tick_box"),
        field("consent_for_services", "tick_box"),
        select("risk_level", &["high", "low"], false),
        field("assessment_due_date", "date_field"),
        field("assessment_requested_on", "date_field"),
    ];
    let mut catalog = json!({
        "version": 1, "epoch": 1, "locales": ["en"],
        "modules": [{"id": 1, "unique_id": MODULE, "name": "CP",
                     "associated_record_types": ["case", "incident", "family", "registry_record"], "options": {}}],
        "forms": [
            form(1, "basic", &basic),
            form(2, "readonly", &[field("conf_office_note", "textarea")]),
            form(3, "hidden", &[field("conf_secret_note", "textarea")]),
            form(4, "contacts", &[contacts]),
            form(5, "services", &[services]),
            subform(50, "contacts_subform", &[
                field("contact_name", "text_field"), field("contact_age", "numeric_field")]),
            subform(51, "services_subform", &[
                field("service_type", "text_field"), implemented]),
        ],
        "lookups": [], "settings": {},
    });
    catalog["forms"].as_array_mut().unwrap().extend(relatives());
    serde_json::from_value(catalog).unwrap()
}

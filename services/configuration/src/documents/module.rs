//! A module, as `GET /primero_modules` shows it.

use configuration_domain::{Lookup, Module, with_languages};
use serde_json::{Map, Value, json};

use crate::workspace::Workspace;

/// One module with its options spelled out for clients.
pub fn module_document(module: &Module, workspace: &Workspace) -> Value {
    let languages = workspace.languages();
    let attributes = &module.attributes;
    let option = |name: &str| module.option(name).cloned();
    let options = attributes.get("module_options").cloned().unwrap_or_else(|| json!({}));
    let mut document = json!({
        "id": module.id,
        "unique_id": module.unique_id(),
        "name": attributes.str("name"),
        "description": attributes.get("description"),
        "core_resource": attributes.flag("core_resource", false),
        "associated_record_types": attributes.strs("associated_record_types"),
        "form_section_unique_ids": workspace.configuration.forms_of_module(module.unique_id()),
        "creation_field_map": option("creation_field_map"),
        "field_map": attributes.get("field_map"),
        "module_options": options,
        "options": options,
        "list_filters": option("list_filters").unwrap_or_else(|| json!({"cases": []})),
        "list_headers": option("list_headers").unwrap_or_else(|| json!({"cases": []})),
        "approvals_labels": labels(module.option("approvals_labels_i18n"), &languages),
        "field_labels": labels(module.option("field_labels_i18n"), &languages),
    });
    if let Some(steps) = workflow(module, workspace, &languages) {
        document["workflows"] = json!({ "case": steps });
    }
    document
}

/// Labels by name, each with every language: `{"assessment": {"en": "..", "fr": ""}}`.
pub fn labels(stored: Option<&Value>, languages: &[String]) -> Value {
    let stored = stored.and_then(Value::as_object);
    let label =
        |(name, text): (&String, &Value)| (name.clone(), with_languages(Some(text), languages));
    Value::Object(stored.into_iter().flatten().map(label).collect::<Map<_, _>>())
}

/// The steps of a case's workflow in order, as far as the module has them switched on.
fn workflow(module: &Module, workspace: &Workspace, languages: &[String]) -> Option<Vec<Value>> {
    if ["primeromodule-gbv", "primeromodule-mrm"].contains(&module.unique_id()) {
        return None;
    }
    let is_on = |option: &str| module.option(option) == Some(&Value::Bool(true));
    let named = |option: &str, default: &str| {
        let name = module.option(option).and_then(Value::as_str).unwrap_or(default).to_owned();
        workspace.configuration.lookup(&name)
    };
    let labels = named("workflow_lookup", "lookup-workflow");
    let responses = named("response_type_lookup", "lookup-service-response-type");
    let step = |(id, built_in): (&str, &str)| {
        let label = labels.and_then(|lookup| lookup.value_text(id));
        let built_in = json!({ "en": built_in });
        json!({"id": id, "display_text": with_languages(label.or(Some(&built_in)), languages)})
    };
    let response = |value: &Value| {
        let texts = with_languages(value.get("display_text"), languages);
        json!({"id": value.get("id"), "display_text": texts})
    };
    let mut steps = vec![("new", "New"), ("reopened", "Reopened")];
    steps.extend(is_on("use_workflow_assessment").then_some(("assessment", "Assessment")));
    steps.extend(is_on("use_workflow_case_plan").then_some(("case_plan", "Case plan")));
    let implemented = is_on("use_workflow_service_implemented")
        .then_some(("services_implemented", "Services implemented"));
    let last = implemented.into_iter().chain([("closed", "Closed")]);
    let responses = responses.into_iter().flat_map(Lookup::values).map(response);
    Some(steps.into_iter().map(step).chain(responses).chain(last.map(step)).collect())
}

//! A small configuration and a case with a history, for the tests of this crate.

use std::sync::Arc;

use kit_dossier::given::{self, field};
pub use kit_dossier::given::{ID as CASE, record};
use kit_records::{Catalog, CatalogIndex, Field, FieldType, Form, Module, Policy, Record};
use serde_json::{Value, json};

use crate::{CaseKind, Context};

pub type Given = kit_dossier::given::Given<CaseKind>;

const SUBFORMS: &[(&str, &[(&str, FieldType)])] = &[
    (
        "conf_contacts",
        &[("contact_name", FieldType::TextField), ("contact_age", FieldType::NumericField)],
    ),
    (
        "notes_section",
        &[
            ("note_text", FieldType::Textarea),
            ("note_date", FieldType::DateField),
            ("note_created_by", FieldType::TextField),
        ],
    ),
    (
        "services_section",
        &[
            ("service_type", FieldType::TextField),
            ("service_response_type", FieldType::TextField),
            ("service_response_day_time", FieldType::DateField),
            ("service_implemented_day_time", FieldType::DateField),
        ],
    ),
];

const FIELDS: &[(&str, FieldType)] = &[
    ("name", FieldType::TextField),
    ("name_first", FieldType::TextField),
    ("name_last", FieldType::TextField),
    ("age", FieldType::NumericField),
    ("sex", FieldType::TextField),
    ("date_of_birth", FieldType::DateField),
    ("registration_date", FieldType::DateField),
    ("closure_reason", FieldType::TextField),
    ("date_closure", FieldType::DateField),
    ("location_current", FieldType::TextField),
    ("date_case_plan", FieldType::DateField),
    ("assessment_requested_on", FieldType::DateField),
];

/// Two modules, a form with the fields that the tests use, and all the rules.
pub fn catalog() -> CatalogIndex {
    catalog_with_policies(&[])
}

fn catalog_with_policies(policies: &[(&str, Policy)]) -> CatalogIndex {
    let policy = |name: &str| policies.iter().find(|one| one.0 == name).map(|one| one.1);
    let field = |name: &str, kind| Field { merge_policy: policy(name), ..field(name, kind) };
    let all = |fields: &[(&str, FieldType)]| -> Vec<Field> {
        fields.iter().map(|(name, kind)| field(name, *kind)).collect()
    };
    let mut fields = all(FIELDS);
    fields.push(Field { multi_select: true, ..field("protection_concerns", FieldType::SelectBox) });
    let mut forms = Vec::new();
    for (at, (name, inner)) in (100..).zip(SUBFORMS) {
        fields.push(Field { subform_section_id: Some(at), ..field(name, FieldType::Subform) });
        forms.push(form(at, name, true, all(inner)));
    }
    forms.push(form(1, "basic", false, fields));
    CatalogIndex::new(Arc::new(Catalog {
        version: 1,
        modules: vec![module("primeromodule-cp"), module("primeromodule-gbv")],
        forms,
        settings: settings(),
        ..Catalog::default()
    }))
}

fn form(id: i64, unique_id: &str, is_nested: bool, fields: Vec<Field>) -> Form {
    Form {
        id,
        unique_id: unique_id.into(),
        parent_form: "case".into(),
        module_ids: vec!["primeromodule-cp".into(), "primeromodule-gbv".into()],
        visible: true,
        is_nested,
        fields,
        ..Form::default()
    }
}

fn module(unique_id: &str) -> Module {
    let options = json!({
        "use_workflow_assessment": true,
        "use_workflow_case_plan": true,
        "use_workflow_service_implemented": true,
    });
    Module { unique_id: unique_id.into(), options: record(options), ..Module::default() }
}

fn settings() -> Record {
    record(json!({
        "case_code_separator": "-",
        "auto_populate_list": [
            {"field_key": "name", "format": ["name_first", "name_middle", "name_last"], "separator": " ", "auto_populated": true},
            {"field_key": "case_id_code", "format": ["created_by_user.location.location_code", "registration_date"], "separator": "-"},
        ],
        "reporting_location_config": {"field_key": "location_current", "admin_level": 2},
        "unhcr_needs_codes_mapping": {"autocalculate": true, "mapping": {"unaccompanied": "sc-uc", "separated": "sc-sc", "orphan": "sc-uc"}},
    }))
}

/// Ann of agency A, at nine on the last day of January.
pub fn context() -> Context {
    context_with_policies(&[])
}

/// The same where some fields have a merge policy of their own.
pub fn context_with_policies(policies: &[(&str, Policy)]) -> Context {
    given::context::<CaseKind>(catalog_with_policies(policies))
}

/// Nothing has happened.
pub fn nothing() -> Given {
    Given::nothing(context())
}

/// Ann registered a child with these values, in the child protection module.
pub fn registered(values: Value) -> Given {
    Given::registered(context(), values)
}

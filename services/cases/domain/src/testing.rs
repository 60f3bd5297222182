//! A small configuration and a case with a history, for the tests of this crate.

#![expect(clippy::needless_pass_by_value, reason = "tests hand in json!() literals")]

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::date;
use kit_decider::{Aggregate, Command};
use kit_records::{
    Catalog, CatalogIndex, Field, FieldType, Form, Module, Policy, Record, RecordType, Schema,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Author, Case, CaseEvent, CaseRefusal, Context, Named, RegisterCase, Rights, UpdateCase,
};

pub const CASE: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_04c1_d2ab);

/// A JSON object as a record.
pub fn record(value: Value) -> Record {
    value.as_object().unwrap().clone()
}

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

fn field(name: &str, field_type: FieldType) -> Field {
    Field { name: name.into(), field_type, visible: true, ..Field::default() }
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
    let index = Arc::new(catalog_with_policies(policies));
    Context {
        schema: Arc::new(Schema::of_type(&index, RecordType::Case, Some("primeromodule-cp"))),
        index,
        author: Author {
            user_name: "ann".into(),
            agency: Some("agency-a".into()),
            agency_office: None,
            groups: vec!["group-a".into()],
            identified: false,
        },
        now: "2026-01-31T09:05:07.123Z".parse().unwrap(),
        today: date(2026, 1, 31),
        seed: Uuid::from_u128(7),
        places: BTreeMap::new(),
        chains: BTreeMap::new(),
    }
}

/// A case and its history; each command happens a minute after the one before.
pub struct Given {
    pub context: Context,
    pub events: Vec<CaseEvent>,
    pub case: Case,
}

impl Given {
    /// Nothing has happened.
    pub fn nothing() -> Self {
        Self { context: context(), events: Vec::new(), case: Case::default() }
    }

    /// Ann registered a child with these values.
    pub fn registered(values: Value) -> Self {
        let mut given = Self::nothing();
        let command = given.register(values);
        given.when(command).unwrap();
        given
    }

    /// Registers a child with these values in the child protection module.
    pub fn register(&self, values: Value) -> RegisterCase {
        let mut body = record(values);
        body.entry("module_id").or_insert(json!("primeromodule-cp"));
        RegisterCase {
            context: self.context.clone(),
            id: CASE,
            body,
            rights: Rights::ALL,
            owner: Named::Known,
            identified: Named::Nobody,
        }
    }

    /// An update with all rights.
    pub fn patch(&self, body: Value) -> UpdateCase {
        UpdateCase {
            context: self.context.clone(),
            body: record(body),
            base: None,
            seen: None,
            action: None,
            rights: Rights::ALL,
            owner: Named::Known,
            identified: Named::Known,
        }
    }

    /// Decides, records, and moves on by a minute.
    pub fn when<C>(&mut self, command: C) -> Result<Vec<CaseEvent>, CaseRefusal>
    where
        C: Command<Of = Case, Refusal = CaseRefusal>,
    {
        let events = command.decide(&self.case)?;
        for event in &events {
            self.case.evolve(event);
        }
        self.events.extend(events.clone());
        let minute = Timestamp::from_second(self.context.now.as_second() + 60).unwrap();
        self.context.now = minute;
        self.context.seed = Uuid::from_u128(self.context.seed.as_u128() + 1);
        Ok(events)
    }

    /// Ann changes the case.
    pub fn update(&mut self, body: Value) -> Vec<CaseEvent> {
        let command = self.patch(body);
        self.when(command).unwrap()
    }

    /// Ann changes the case as she saw it at a version.
    pub fn update_from(&mut self, base: u64, body: Value) -> Vec<CaseEvent> {
        let command = UpdateCase { base: Some(base), ..self.patch(body) };
        self.when(command).unwrap()
    }
}

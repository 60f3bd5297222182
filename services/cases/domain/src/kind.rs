//! What a case adds to the life of a record.

use jiff::civil::Date;
use kit_dossier::fields::{self, is_stored, patched};
use kit_dossier::{Context, Kind, Names, ReopenCause, Save, naming, short_id};
use kit_records::values::{format_time, is_blank};
use kit_records::{CatalogIndex, Record, RecordType};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Case, View, compute, derived, document};

/// The module whose cases hide their names from the first moment.
const GBV: &str = "primeromodule-gbv";

/// Cases: one child each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CaseKind;

impl Kind for CaseKind {
    const RECORD_TYPE: RecordType = RecordType::Case;
    const SETTLED: &'static [&'static str] = &["services_section", "protection_concerns"];
    const COMPUTED: &'static [&'static str] = &[
        "has_case_plan",
        "has_incidents",
        "followup_status",
        "tracing_dates",
        "reunification_dates",
        "followup_dates",
        "service_implemented_day_times",
        "assessment_due_dates",
        "case_plan_due_dates",
        "followup_due_dates",
        "service_due_dates",
        "current_care_arrangements_type",
        "current_name_caregiver",
        "current_care_arrangement_started_date",
        "case_type",
        "incident_details",
    ];
    const SELF_REGISTERED: bool = true;

    fn chains(index: &CatalogIndex) -> Vec<&str> {
        naming::chains(index, "case_id_code")
    }

    fn names(context: &Context, whole: &Record, id: Uuid) -> Names {
        let code = naming::auto_populated(&context.index, "case_id_code", whole, &context.chains);
        let display_id = naming::display_id(&context.index, code.as_deref(), &short_id(id));
        Names { code, display_id }
    }

    fn defaults(context: &Context, module: Option<&str>) -> Record {
        let case_type = module.and_then(|module| context.index.module_option(module, "case_type"));
        let mut defaults = Record::from_iter([
            ("registration_date".to_owned(), json!(context.today)),
            ("notes_section".to_owned(), json!([])),
            ("case_type".to_owned(), case_type.cloned().unwrap_or_else(|| json!("person"))),
            ("workflow".to_owned(), json!("new")),
        ]);
        if module == Some(GBV) {
            defaults.insert("hidden_name".to_owned(), json!(true));
        }
        defaults
    }

    fn prepare(context: &Context, case: &Case, fields: &mut Record) {
        if !case.is_registered() {
            fields.shift_remove("workflow");
        }
        drop_computed(case, context, fields);
        sign_notes(case, context, fields);
    }

    fn settle(values: &mut Record) {
        derived::settle(values);
    }

    fn derived(values: &Record) -> Record {
        derived::of(values)
    }

    fn compute(context: &Context, save: Save<'_>, record: &mut Record) {
        compute::compute(context, save, record);
    }

    /// A service that is added to a closed case opens it again.
    fn reopened_by(case: &Case, patch: &Record) -> Option<ReopenCause> {
        let added = fields::adds_entry(&case.values, patch, "services_section");
        added.then_some(ReopenCause::ServiceAdded)
    }

    fn closing(date: Date) -> Record {
        Record::from_iter([
            ("workflow".to_owned(), json!("closed")),
            ("date_closure".to_owned(), json!(date)),
        ])
    }

    fn reopening() -> Record {
        Record::from_iter([
            ("workflow".to_owned(), json!("reopened")),
            ("case_status_reopened".to_owned(), json!(true)),
        ])
    }

    fn shown(case: &Case, settings: &Record) -> Record {
        document::shown(case, View::of_settings(settings))
    }
}

/// Takes away what a rule will compute anyway, so that it can't conflict with itself.
fn drop_computed(case: &Case, context: &Context, fields: &mut Record) {
    if fields.contains_key("name") {
        let after = patched(&case.values, fields);
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

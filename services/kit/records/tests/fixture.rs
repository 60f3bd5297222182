//! One small configuration for all tests.

use std::sync::Arc;

use jiff::civil::{Date, date};
use kit_records::{
    Catalog, CatalogIndex, Record, RecordType, Rules, Schema, Unknown, Validation, Violation,
};
use serde_json::{Value, json};

/// The day on which all tests happen.
pub const TODAY: Date = date(2026, 3, 15);
pub const MODULE: &str = "module-cp";

/// The configuration.
pub fn catalog() -> Value {
    json!({
        "version": 1,
        "modules": [
            {"unique_id": "module-cp", "options": {"use_workflow_case_plan": true}},
            {"unique_id": "module-gbv"},
        ],
        "lookups": [
            {"unique_id": "lookup-sex", "values": [{"id": "female"}, {"id": "male", "disabled": true}]},
            {"unique_id": "lookup-yes-no", "values": [{"id": "true"}, {"id": "false"}]},
        ],
        "forms": [basic(), plan(), contacts(), visits(), closed(), other_module()],
    })
}

fn basic() -> Value {
    json!({
        "id": 1, "unique_id": "basic", "parent_form": "case", "visible": true, "module_ids": ["module-cp"],
        "fields": [
            field("name", "text_field", json!({"required": true})),
            field("age", "numeric_field", json!({})),
            field("sex", "select_box", json!({"required": true, "option_strings_source": "lookup lookup-sex"})),
            field("date_of_birth", "date_field", json!({"date_validation": "not_future_date"})),
            field("seen_at", "date_field", json!({"date_include_time": true})),
            field("notes", "textarea", json!({})),
            field("consent", "tick_box", json!({})),
            field("consent_reason", "text_field", json!({
                "required": true, "display_conditions_record": {"eq": {"consent": false}},
            })),
            field("concerns", "select_box", json!({
                "multi_select": true,
                "option_strings_text": [{"id": "separated"}, {"id": "refugee"}, {"id": "migrant"}],
            })),
            field("literate", "radio_button", json!({"option_strings_source": "lookup lookup-yes-no"})),
            field("risk", "radio_button", json!({"option_strings_text": [{"id": "high"}, {"id": "low"}]})),
            field("location_current", "select_box", json!({"option_strings_source": "Location"})),
            field("worker_met", "select_box", json!({"option_strings_source": "User"})),
            field("agency_serving", "select_box", json!({"option_strings_source": "Agency"})),
            field("group_told", "select_box", json!({"option_strings_source": "UserGroup"})),
            field("national_id_no", "text_field", json!({})),
            field("telephone_current", "text_field", json!({"phone_number": true})),
            field("telephone_friend", "text_field", json!({"phone_number": true})),
            field("photos", "photo_upload_box", json!({})),
            field("heading", "separator", json!({})),
            field("disabled_field", "text_field", json!({"required": true, "disabled": true})),
            field("invisible_field", "text_field", json!({"required": true, "visible": false})),
        ],
    })
}

fn plan() -> Value {
    json!({
        "id": 2, "unique_id": "plan", "parent_form": "case", "visible": true, "module_ids": ["module-cp"],
        "fields": [
            field("goal", "text_field", json!({"required": true})),
            field("relation_to_child", "select_box", json!({"option_strings_source": "lookup lookup-lacking"})),
            field("goal_kind", "select_box", json!({"option_strings_text": [{"id": "a"}]})),
            field("agreed", "tick_box", json!({"required": true})),
            field("score_1", "numeric_field", json!({})),
            field("score_2", "numeric_field", json!({})),
            field("score", "calculated", json!({"calculation": {"expression": {"sum": ["score_1", "score_2"]}}})),
            field("score_doubled", "calculated", json!({"calculation": {"expression": {"sum": ["score", "score"]}}})),
            field("children", "tally_field", json!({
                "autosum_total": true, "tally": [{"id": "boys"}, {"id": "girls"}],
            })),
            field("service", "select_box", json!({
                "option_strings_text": [
                    {"id": "school", "tags": ["child"]}, {"id": "work", "tags": ["adult"]}, {"id": "food"},
                ],
                "option_strings_condition": {"child": {"lt": {"age": 18}}, "adult": {"ge": {"age": 18}}},
            })),
            field("first_visit", "date_field", json!({"subform_summary": {
                "subform_field_name": "visits", "first": {"field_name": "visited_on", "order_by": "visited_on", "order": "asc"},
            }})),
            field("merge_latest", "text_field", json!({"merge_policy": "latest"})),
            field("merge_first", "text_field", json!({"merge_policy": "first"})),
        ],
    })
}

fn contacts() -> Value {
    json!({
        "id": 3, "unique_id": "contacts-form", "parent_form": "case", "visible": true, "module_ids": ["module-cp"],
        "fields": [
            field("contacts", "subform", json!({"subform_section_id": 4})),
            field("goal_kind", "text_field", json!({})),
            field("visits", "subform", json!({"subform_unique_id": "visit"})),
            field("brief_contacts", "subform", json!({
                "subform_section_id": 4, "subform_section_configuration": {"fields": ["contact_age"]},
            })),
            field("men", "numeric_field", json!({"autosum_group": "adults"})),
            field("women", "numeric_field", json!({"autosum_group": "adults"})),
            field("adults", "numeric_field", json!({"autosum_group": "adults", "autosum_total": true})),
        ],
    })
}

fn visits() -> Value {
    json!({
        "id": 5, "unique_id": "visit", "parent_form": "case", "is_nested": true, "subform_append_only": true,
        "fields": [field("visited_on", "date_field", json!({})), field("finding", "text_field", json!({}))],
    })
}

fn closed() -> Value {
    json!({
        "id": 4, "unique_id": "contact", "parent_form": "case", "is_nested": true, "subform_prevent_item_removal": true,
        "fields": [
            field("contact_name", "text_field", json!({"required": true})),
            field("contact_age", "numeric_field", json!({})),
            field("relation", "select_box", json!({"option_strings_text": [{"id": "mother"}, {"id": "father"}]})),
            field("tags", "select_box", json!({"multi_select": true, "option_strings_text": [{"id": "a"}, {"id": "b"}]})),
            field("phones", "subform", json!({"subform_unique_id": "visit"})),
        ],
    })
}

fn other_module() -> Value {
    json!({
        "id": 6, "unique_id": "gbv", "parent_form": "case", "visible": true, "module_ids": ["module-gbv"],
        "fields": [field("gbv_note", "text_field", json!({}))],
    })
}

fn field(name: &str, kind: &str, more: Value) -> Value {
    let mut field = json!({"name": name, "type": kind, "visible": true});
    field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    field
}

/// The indexed configuration with everything of the module writable.
pub struct World {
    pub index: CatalogIndex,
    pub schema: Schema,
}

impl World {
    pub fn new() -> Self {
        let catalog: Catalog = serde_json::from_value(catalog()).unwrap();
        let index = CatalogIndex::new(Arc::new(catalog));
        let schema = Schema::of_type(&index, RecordType::Case, Some(MODULE));
        Self { index, schema }
    }

    pub fn check(&self, body: &Value, unknown: Unknown) -> Result<Value, Vec<Violation>> {
        let validation = Validation {
            index: &self.index,
            record_type: RecordType::Case,
            schema: &self.schema,
            unknown,
            today: TODAY,
        };
        validation.check(&record(body)).map(Value::Object)
    }

    pub fn rules(&self) -> Rules<'_> {
        Rules {
            index: &self.index,
            record_type: RecordType::Case,
            module: Some(MODULE),
            schema: &self.schema,
            today: TODAY,
        }
    }
}

/// A JSON object as a record.
pub fn record(value: &Value) -> Record {
    value.as_object().unwrap().clone()
}

/// Violations as `"/pointer code"`.
pub fn told(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(|one| format!("{} {}", one.pointer, one.code.as_str())).collect()
}

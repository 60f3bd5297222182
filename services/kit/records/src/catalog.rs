//! The catalog: one consistent version of everything that decides what a record looks like.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A text by language tag, such as `{"en": "Health", "fr": "Santé"}`.
pub type Text = BTreeMap<String, String>;

/// An expression or display condition as stored: a JSON functional tree.
pub type Condition = Value;

/// What services need to know of a tenant's configuration, all of one moment.
///
/// Locations are not in it (there may be 100,000): they travel as facts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Catalog {
    /// Grows with every change of the tenant's configuration.
    pub version: u64,
    /// Grows when a whole snapshot is applied; a principal names the epoch it belongs to.
    pub epoch: u64,
    pub locales: Vec<String>,
    pub modules: Vec<Module>,
    pub forms: Vec<Form>,
    pub lookups: Vec<Lookup>,
    /// System settings in the shape of the REST contract (8.8), without derived keys.
    pub settings: Map<String, Value>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Module {
    pub id: i64,
    pub unique_id: String,
    pub name: String,
    /// Record types: case, incident, tracing_request, family, registry_record.
    pub associated_record_types: Vec<String>,
    /// `module_options` as stored (workflow switches, list filters, ...).
    pub options: Map<String, Value>,
    /// `{"map_to": module, "fields": [{"source", "target"}]}`: case to incident.
    pub field_map: Value,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Form {
    pub id: i64,
    pub unique_id: String,
    pub name: Text,
    /// Record type: case, incident, ...
    pub parent_form: String,
    pub module_ids: Vec<String>,
    pub visible: bool,
    /// A subform: reached through a field of type `subform`.
    pub is_nested: bool,
    pub order: i64,
    pub display_conditions: Condition,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Field {
    pub id: i64,
    pub name: String,
    #[serde(rename = "type")]
    pub field_type: FieldType,
    pub display_name: Text,
    pub multi_select: bool,
    pub required: bool,
    pub visible: bool,
    pub disabled: bool,
    pub hide_on_view_page: bool,
    pub show_on_minify_form: bool,
    pub mandatory_for_completion: bool,
    pub matchable: bool,
    pub phone_number: bool,
    pub date_include_time: bool,
    /// `default_date_validation` or `not_future_date`.
    pub date_validation: Option<String>,
    /// `lookup <unique_id>`, `Location`, `Agency`, `User`, ...; wins over embedded options.
    pub option_strings_source: Option<String>,
    pub option_strings_text: Vec<OptionText>,
    /// Tag to condition: options with that tag are offered only where it holds.
    pub option_strings_condition: Value,
    pub selected_value: Value,
    pub tally: Vec<Tally>,
    pub autosum_total: bool,
    pub autosum_group: Option<String>,
    /// Numeric id and unique id of the subform's form.
    pub subform_section_id: Option<i64>,
    pub subform_unique_id: Option<String>,
    pub subform_section_configuration: Value,
    /// `{subform_field_name, first|last: {field_name, order_by, order}}`.
    pub subform_summary: Value,
    /// `{"expression": ...}`.
    pub calculation: Value,
    pub display_conditions_record: Condition,
    pub display_conditions_subform: Condition,
    pub order: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    #[default]
    TextField,
    Textarea,
    RadioButton,
    SelectBox,
    NumericField,
    DateField,
    DateRange,
    TickBox,
    TallyField,
    Subform,
    Separator,
    PhotoUploadBox,
    AudioUploadBox,
    DocumentUploadBox,
    Signature,
    Calculated,
    Custom,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OptionText {
    pub id: String,
    pub display_text: Text,
    pub disabled: bool,
    pub tags: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    pub id: String,
    pub display_text: Text,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lookup {
    pub id: i64,
    pub unique_id: String,
    pub name: Text,
    pub values: Vec<LookupValue>,
}

pub type LookupValue = OptionText;

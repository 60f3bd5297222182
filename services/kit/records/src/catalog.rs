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

/// A module: a programme with its own forms and switches.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Module {
    pub id: i64,
    pub unique_id: String,
    pub name: String,
    /// Record types, such as `case` or `tracing_request`.
    pub associated_record_types: Vec<String>,
    /// `module_options` as stored (workflow switches, list filters, ...).
    pub options: Map<String, Value>,
    /// `{"map_to": module, "fields": [{"source", "target"}]}`: case to incident.
    pub field_map: Value,
}

/// A form, or the form of a subform's entries.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the contract's form")]
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
    pub form_group_id: Option<String>,
    pub display_conditions: Condition,
    /// Entries of this subform cannot be removed once stored.
    pub subform_prevent_item_removal: bool,
    /// Entries of this subform cannot be changed or removed once stored.
    pub subform_append_only: bool,
    pub fields: Vec<Field>,
}

/// One field of a form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the contract's field")]
pub struct Field {
    pub id: i64,
    pub name: String,
    #[serde(rename = "type")]
    pub field_type: FieldType,
    pub display_name: Text,
    pub multi_select: bool,
    pub required: bool,
    pub visible: bool,
    pub mobile_visible: bool,
    pub disabled: bool,
    pub hidden_text_field: bool,
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
    /// How two changes of the same field are settled; see [`crate::Policy`].
    pub merge_policy: Option<crate::Policy>,
    pub order: i64,
}

/// The kind of a field, which decides what values it takes.
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

impl FieldType {
    /// Whether a record body may carry a value of this type; files travel on their own.
    pub const fn takes_values(self) -> bool {
        !matches!(
            self,
            Self::Separator
                | Self::PhotoUploadBox
                | Self::AudioUploadBox
                | Self::DocumentUploadBox
                | Self::Signature
                | Self::Custom
                | Self::DateRange
        )
    }

    /// Whether values are files or signatures.
    pub const fn is_attachment(self) -> bool {
        matches!(
            self,
            Self::PhotoUploadBox | Self::AudioUploadBox | Self::DocumentUploadBox | Self::Signature
        )
    }
}

/// One entry of an option list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OptionText {
    pub id: String,
    pub display_text: Text,
    pub disabled: bool,
    pub tags: Vec<String>,
}

/// One key of a tally field.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    pub id: String,
    pub display_text: Text,
}

/// A named option list that fields share.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lookup {
    pub id: i64,
    pub unique_id: String,
    pub name: Text,
    pub values: Vec<LookupValue>,
}

/// A lookup's entry looks like an embedded option.
pub type LookupValue = OptionText;

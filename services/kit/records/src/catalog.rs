//! The catalog: one consistent version of everything that decides what a record looks like.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::lenient;

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
    #[serde(deserialize_with = "lenient::or_default")]
    pub version: u64,
    /// Grows when a whole snapshot is applied; a principal names the epoch it belongs to.
    #[serde(deserialize_with = "lenient::or_default")]
    pub epoch: u64,
    #[serde(deserialize_with = "lenient::or_default")]
    pub locales: Vec<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    pub modules: Vec<Module>,
    #[serde(deserialize_with = "lenient::or_default")]
    pub forms: Vec<Form>,
    #[serde(deserialize_with = "lenient::or_default")]
    pub lookups: Vec<Lookup>,
    /// System settings in the shape of the REST contract (8.8), without derived keys.
    #[serde(deserialize_with = "lenient::or_default")]
    pub settings: Map<String, Value>,
}

/// A module: a programme with its own forms and switches.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Module {
    #[serde(deserialize_with = "lenient::or_default")]
    pub id: i64,
    #[serde(deserialize_with = "lenient::or_default")]
    pub unique_id: String,
    #[serde(deserialize_with = "lenient::or_default")]
    pub name: String,
    /// Record types, such as `case` or `tracing_request`.
    #[serde(deserialize_with = "lenient::or_default")]
    pub associated_record_types: Vec<String>,
    /// `module_options` as stored (workflow switches, list filters, ...).
    #[serde(deserialize_with = "lenient::or_default")]
    pub options: Map<String, Value>,
    /// `{"map_to": module, "fields": [{"source", "target"}]}`: case to incident.
    pub field_map: Value,
}

/// A form, or the form of a subform's entries.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the contract's form")]
pub struct Form {
    #[serde(deserialize_with = "lenient::or_default")]
    pub id: i64,
    #[serde(deserialize_with = "lenient::or_default")]
    pub unique_id: String,
    #[serde(deserialize_with = "lenient::text")]
    pub name: Text,
    /// Record type: case, incident, ...
    #[serde(deserialize_with = "lenient::or_default")]
    pub parent_form: String,
    #[serde(deserialize_with = "lenient::or_default")]
    pub module_ids: Vec<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    pub visible: bool,
    /// A subform: reached through a field of type `subform`.
    #[serde(deserialize_with = "lenient::or_default")]
    pub is_nested: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub order: i64,
    pub form_group_id: Option<String>,
    pub display_conditions: Condition,
    /// Entries of this subform cannot be removed once stored.
    #[serde(deserialize_with = "lenient::or_default")]
    pub subform_prevent_item_removal: bool,
    /// Entries of this subform cannot be changed or removed once stored.
    #[serde(deserialize_with = "lenient::or_default")]
    pub subform_append_only: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub fields: Vec<Field>,
}

/// One field of a form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the contract's field")]
pub struct Field {
    #[serde(deserialize_with = "lenient::or_default")]
    pub id: i64,
    #[serde(deserialize_with = "lenient::or_default")]
    pub name: String,
    #[serde(rename = "type")]
    pub field_type: FieldType,
    #[serde(deserialize_with = "lenient::text")]
    pub display_name: Text,
    #[serde(deserialize_with = "lenient::or_default")]
    pub multi_select: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub required: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub visible: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub mobile_visible: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub disabled: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub hidden_text_field: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub hide_on_view_page: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub show_on_minify_form: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub mandatory_for_completion: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub matchable: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub phone_number: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub date_include_time: bool,
    /// `default_date_validation` or `not_future_date`.
    pub date_validation: Option<String>,
    /// `lookup <unique_id>`, `Location`, `Agency`, `User`, ...; wins over embedded options.
    pub option_strings_source: Option<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    pub option_strings_text: Vec<OptionText>,
    /// Tag to condition: options with that tag are offered only where it holds.
    pub option_strings_condition: Value,
    pub selected_value: Value,
    #[serde(deserialize_with = "lenient::or_default")]
    pub tally: Vec<Tally>,
    #[serde(deserialize_with = "lenient::or_default")]
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
    #[serde(deserialize_with = "lenient::or_default")]
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
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    #[serde(deserialize_with = "lenient::text")]
    pub display_text: Text,
    #[serde(deserialize_with = "lenient::or_default")]
    pub disabled: bool,
    #[serde(deserialize_with = "lenient::or_default")]
    pub tags: Vec<String>,
}

/// One key of a tally field.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    #[serde(deserialize_with = "lenient::text")]
    pub display_text: Text,
}

/// A named option list that fields share.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lookup {
    #[serde(deserialize_with = "lenient::or_default")]
    pub id: i64,
    #[serde(deserialize_with = "lenient::or_default")]
    pub unique_id: String,
    #[serde(deserialize_with = "lenient::text")]
    pub name: Text,
    #[serde(deserialize_with = "lenient::or_default")]
    pub values: Vec<LookupValue>,
}

/// A lookup's entry looks like an embedded option.
pub type LookupValue = OptionText;

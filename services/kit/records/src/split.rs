//! Takes a record apart by the type of its fields: what may stay readable for filters and
//! statistics, and what may only be searched blindly. The whole record is the document.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::patch::UNIQUE_ID;
use crate::{CatalogIndex, Field, FieldType, Options, Record, RecordType};

/// A record in the parts that its row holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Split {
    /// Coded values, numbers, dates, ticks by field name; entries of subforms likewise.
    pub facets: Record,
    /// What is searched by blind tokens.
    pub sources: Vec<TokenSource>,
}

/// A text to be searched blindly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSource {
    pub purpose: Purpose,
    pub field: String,
    pub text: String,
}

/// How a text is searched; each purpose has its own token key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// By the sound of its words.
    Name,
    /// Exactly, and by any part.
    Identifier,
    /// By its digits.
    Phone,
    /// By equality within its field.
    Text,
}

impl Purpose {
    /// The name that keeps the tokens of different purposes apart.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Identifier => "identifier",
            Self::Phone => "phone",
            Self::Text => "text",
        }
    }
}

/// Where a field's values are found by filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Readable in the facets.
    Facet,
    /// By blind tokens only: equality, and what the purpose offers.
    Blind(Purpose),
    /// Only in the sealed document.
    Document,
}

/// System fields that are no one's words: safe to read where filters need them.
const SYSTEM_FACETS: &[&str] = &[
    "id",
    "status",
    "record_state",
    "workflow",
    "case_type",
    "module_id",
    "owned_by",
    "owned_by_agency_id",
    "owned_by_groups",
    "owned_by_location",
    "owned_by_agency_office",
    "previously_owned_by",
    "previously_owned_by_agency",
    "previously_owned_by_location",
    "previously_owned_by_agency_office",
    "assigned_user_names",
    "associated_user_names",
    "associated_user_groups",
    "associated_user_agencies",
    "identified_by",
    "identified_at",
    "created_at",
    "created_by",
    "created_by_groups",
    "created_organization",
    "created_agency_office",
    "posted_at",
    "last_updated_at",
    "last_updated_by",
    "not_edited_by_owner",
    "case_status_reopened",
    "date_closure",
    "registration_date",
    "hidden_name",
    "has_case_plan",
    "has_incidents",
    "has_photo",
    "flagged",
    "current_alert_types",
    "protection_concerns",
    "unhcr_needs_codes",
    "assessment_due_dates",
    "case_plan_due_dates",
    "followup_due_dates",
    "service_due_dates",
    "tracing_dates",
    "reunification_dates",
    "followup_dates",
    "service_implemented_day_times",
    "followup_status",
    "reporting_location_hierarchy",
    "family_id",
    "family_member_id",
    "registry_record_id",
    "incident_case_id",
    "incident_date_derived",
    "age",
    "sex",
    "gender",
    "referred_users",
    "referred_users_present",
    "transferred_to_users",
    "transferred_to_user_groups",
    "transfer_status",
    "reassigned_transferred_on",
    "sync_status",
    "synced_at",
];

/// Texts longer than this are documents, not values to compare.
const SHORT_TEXT: usize = 120;

/// Takes a record apart.
pub fn split(index: &CatalogIndex, record_type: RecordType, record: &Record) -> Split {
    let mut out = Split::default();
    for (name, value) in record.iter().filter(|(_, value)| !value.is_null()) {
        let field = index.field(record_type, name);
        match held(index, record_type, name) {
            Held::Blind(Purpose::Text) => {
                let short = texts(value).filter(|text| text.chars().count() <= SHORT_TEXT);
                out.sources.extend(short.map(|text| source(Purpose::Text, name, text)));
            }
            Held::Blind(purpose) => {
                out.sources.extend(texts(value).map(|text| source(purpose, name, text)));
            }
            Held::Facet => {
                out.facets.insert(name.clone(), value.clone());
            }
            Held::Document => {
                if let Some(rows) = field.and_then(|field| facet(index, field, value)) {
                    out.facets.insert(name.clone(), rows);
                }
            }
        }
    }
    out
}

/// How a field is searched, if it is searched blindly by more than equality.
pub fn purpose_of(record_type: RecordType, name: &str, field: Option<&Field>) -> Option<Purpose> {
    let phone = || field.is_some_and(|field| field.phone_number);
    if record_type.name_fields().contains(&name) {
        Some(Purpose::Name)
    } else if record_type.identifier_fields().contains(&name) {
        Some(Purpose::Identifier)
    } else if record_type.phone_fields().contains(&name) || phone() {
        Some(Purpose::Phone)
    } else {
        None
    }
}

/// Where the values of a field are found.
pub fn held(index: &CatalogIndex, record_type: RecordType, name: &str) -> Held {
    let field = index.field(record_type, name);
    if let Some(purpose) = purpose_of(record_type, name, field) {
        return Held::Blind(purpose);
    }
    match field {
        Some(field) if is_coded(index, field) => Held::Facet,
        Some(field) if is_text(field) && field.field_type == FieldType::TextField => {
            Held::Blind(Purpose::Text)
        }
        Some(field) if is_text(field) => Held::Document,
        _ if is_system(name) => Held::Facet,
        _ => Held::Document,
    }
}

fn is_system(name: &str) -> bool {
    SYSTEM_FACETS.contains(&name) || is_approval_field(name)
}

fn is_approval_field(name: &str) -> bool {
    name.starts_with("approval_status_")
        || name.ends_with("_approved")
        || name.ends_with("_approved_date")
        || name == "case_plan_approval_type"
}

fn is_text(field: &Field) -> bool {
    matches!(field.field_type, FieldType::TextField | FieldType::Textarea)
}

/// Whether the field's type holds codes, numbers, dates or ticks and never words.
fn is_coded(index: &CatalogIndex, field: &Field) -> bool {
    match field.field_type {
        FieldType::NumericField
        | FieldType::DateField
        | FieldType::TickBox
        | FieldType::TallyField => true,
        FieldType::SelectBox | FieldType::RadioButton => {
            let sourced = field.option_strings_source.as_deref().is_some_and(|s| !s.is_empty());
            sourced || index.options(field) != Options::Free
        }
        _ => false,
    }
}

fn facet(index: &CatalogIndex, field: &Field, value: &Value) -> Option<Value> {
    if field.field_type == FieldType::Subform {
        let rows: Vec<Value> =
            value.as_array()?.iter().map(|row| row_facets(index, field, row)).collect();
        return Some(Value::Array(rows));
    }
    is_coded(index, field).then(|| value.clone())
}

fn row_facets(index: &CatalogIndex, subform: &Field, row: &Value) -> Value {
    let mut kept = Map::new();
    let fields = index.subform(subform).map_or(&[][..], |form| &form.fields);
    for (name, value) in row.as_object().into_iter().flatten() {
        if name == UNIQUE_ID {
            kept.insert(name.clone(), value.clone());
        } else if let Some(field) = fields.iter().find(|field| &field.name == name)
            && let Some(facet) = facet(index, field, value)
        {
            kept.insert(name.clone(), facet);
        }
    }
    Value::Object(kept)
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let many = value.as_array().map_or(&[][..], Vec::as_slice).iter();
    value.as_str().into_iter().chain(many.filter_map(Value::as_str))
}

fn source(purpose: Purpose, field: &str, text: &str) -> TokenSource {
    TokenSource { purpose, field: field.to_owned(), text: text.to_owned() }
}

//! Takes a record apart by the type of its fields: what may stay readable for filters and
//! statistics, and what may only be searched blindly. The whole record is the document.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::patch::UNIQUE_ID;
use crate::{CatalogIndex, Field, FieldType, Options, Record, RecordType, system};

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
            Held::Facet if field.is_some_and(is_fed) && !looks_coded(value) => {}
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
    // A name may stand on several forms: its values are codes only where all of them say so.
    let all = || index.definitions(record_type, name).iter().map(|at| index.field_at(*at));
    let coded = || match field {
        Some(_) => all().all(|field| is_coded(index, field)),
        None => system::is_coded(name),
    };
    if system::is_stamped_code(name) {
        Held::Facet
    } else if all().any(|field| field.field_type == FieldType::TextField) {
        Held::Blind(Purpose::Text)
    } else if coded() {
        Held::Facet
    } else {
        Held::Document
    }
}

/// Whether the field's type holds codes, numbers, dates or ticks and never words.
fn is_coded(index: &CatalogIndex, field: &Field) -> bool {
    match field.field_type {
        FieldType::NumericField
        | FieldType::DateField
        | FieldType::TickBox
        | FieldType::TallyField => true,
        FieldType::SelectBox | FieldType::RadioButton => {
            is_fed(field) || index.options(field) != Options::Free
        }
        _ => false,
    }
}

/// Whether places, users, agencies and the like are the field's options. A lookup that is lacking
/// feeds nothing: its field takes any text.
fn is_fed(field: &Field) -> bool {
    let source = field.option_strings_source.as_deref().unwrap_or_default();
    !source.is_empty() && !source.starts_with("lookup ")
}

/// Fed fields take any text, as their options are not at hand: what has no code's looks is none.
fn looks_coded(value: &Value) -> bool {
    texts(value).all(|text| text.len() <= 100 && !text.contains(char::is_whitespace))
}

fn facet(index: &CatalogIndex, field: &Field, value: &Value) -> Option<Value> {
    if field.field_type == FieldType::Subform {
        let rows: Vec<Value> =
            value.as_array()?.iter().map(|row| row_facets(index, field, row)).collect();
        return Some(Value::Array(rows));
    }
    let readable = is_coded(index, field) && (!is_fed(field) || looks_coded(value));
    readable.then(|| value.clone())
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

//! Takes a record apart by the type of its fields: what may stay readable for filters and
//! statistics, and what may only be searched blindly. The whole record is the document.
//!
//! A value lies open only if it is known to be no words: an option of its list, the code of a
//! place, a number, a day, a tick, or a code that the server itself keeps. Whatever else is
//! typed where codes belong is sealed and found by its equality.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::values::{is_code, is_place_code, parse_date, parse_time};
use crate::{CatalogIndex, Field, FieldType, Options, Record, RecordType, system};

/// Which rules took a record apart; grows when they change, so that rows are made anew.
pub const VERSION: u32 = 4;

/// A record in the parts that its row holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Split {
    /// Coded values, numbers, dates, ticks by field name. Entries of subforms are not filtered by
    /// and lie in the document only.
    pub facets: Record,
    /// What is searched by blind tokens.
    pub sources: Vec<TokenSource>,
    /// What was said of places without looking like the code of one, by field name. Who knows
    /// the places may take a value into the facets if it names places only.
    pub places: Record,
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
            Held::Blind(Purpose::Text) => out.seal(name, value),
            Held::Blind(purpose) => {
                out.sources.extend(texts(value).map(|text| source(purpose, name, text)));
            }
            Held::Facet => {
                let (open, sealed) = parted(value, |one| is_open(index, record_type, name, one));
                out.facets.extend(open.map(|open| (name.clone(), open)));
                out.seal(name, &sealed);
                if texts(&sealed).next().is_some() && field.is_some_and(is_place) {
                    out.places.insert(name.clone(), value.clone());
                }
            }
            Held::Document => {}
        }
    }
    out
}

impl Split {
    /// Takes what was said of places into the facets where it names known places only.
    pub fn open_places(&mut self, is_known: impl Fn(&str) -> bool) {
        for (name, value) in std::mem::take(&mut self.places) {
            if texts(&value).all(&is_known) {
                let is_of = |one: &TokenSource| one.purpose == Purpose::Text && one.field == name;
                self.sources.retain(|one| !is_of(one));
                self.facets.insert(name, value);
            }
        }
    }

    /// What was said of places without looking like the code of one.
    pub fn place_codes(&self) -> impl Iterator<Item = &str> {
        self.places.values().flat_map(texts)
    }

    /// Lets short texts be found by equality.
    fn seal(&mut self, name: &str, value: &Value) {
        let short = texts(value).filter(|text| text.chars().count() <= SHORT_TEXT);
        self.sources.extend(short.map(|text| source(Purpose::Text, name, text)));
    }
}

/// Whether a text that a filter asks for may be sealed although its field is held as a facet, so
/// that it must be looked for by its blind term too.
pub fn may_be_sealed(
    index: &CatalogIndex,
    record_type: RecordType,
    name: &str,
    text: &str,
) -> bool {
    let definitions = index.definitions(record_type, name);
    let chosen =
        |field: &Field| matches!(field.field_type, FieldType::SelectBox | FieldType::RadioButton);
    (definitions.is_empty() || definitions.iter().any(|at| chosen(index.field_at(*at))))
        && !is_open(index, record_type, name, &Value::from(text))
}

/// Fields whose options are places.
pub fn place_fields(index: &CatalogIndex, record_type: RecordType) -> Vec<&str> {
    let fields = index.fields(record_type).filter(|(_, field)| is_place(field));
    let mut names: Vec<&str> = fields.map(|(name, _)| name).collect();
    names.sort_unstable();
    names
}

/// The options of fields that are held as facets: what may have lain sealed before it was listed.
pub fn listed(index: &CatalogIndex, record_type: RecordType) -> Vec<(&str, &str)> {
    let mut all = Vec::new();
    for (name, field) in index.fields(record_type) {
        let Options::Listed(set) = index.options(field) else { continue };
        if held(index, record_type, name) == Held::Facet {
            let open = |id: &&str| is_open(index, record_type, name, &Value::from(*id));
            all.extend(set.ids().filter(open).map(|id| (name, id)));
        }
    }
    all
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
        None => system::is_coded(name) || system::collected(record_type, name).is_some(),
    };
    if system::is_stamped_code(name) || system::is_checked(name) {
        Held::Facet
    } else if all().any(|field| is_short_text(index, field)) {
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
            is_place(field) || index.options(field) != Options::Free
        }
        _ => false,
    }
}

/// Whether the field takes any line of text, also where it should take an option.
fn is_short_text(index: &CatalogIndex, field: &Field) -> bool {
    match field.field_type {
        FieldType::TextField => true,
        FieldType::SelectBox | FieldType::RadioButton => !is_coded(index, field),
        _ => false,
    }
}

/// Whether places are the field's options. Users, agencies and groups are not: what they are
/// called is not at hand and looks like any word. A lookup that is lacking feeds nothing.
fn is_place(field: &Field) -> bool {
    matches!(field.option_strings_source.as_deref(), Some("Location" | "ReportingLocation"))
}

/// Whether one value of a field held as a facet may lie open.
fn is_open(index: &CatalogIndex, record_type: RecordType, name: &str, value: &Value) -> bool {
    if system::is_stamped_code(name) || system::is_checked(name) {
        return true;
    }
    let definitions = index.definitions(record_type, name);
    if let (true, Some(from)) = (definitions.is_empty(), system::collected(record_type, name)) {
        return is_collected_code(index, record_type, from, value);
    }
    if definitions.is_empty() || system::is_guarded(name) {
        return is_code_of_server(value);
    }
    definitions.iter().all(|at| is_code_of(index, index.field_at(*at), value))
}

/// Whether a value that was collected from entries is an option of their field.
fn is_collected_code(
    index: &CatalogIndex,
    record_type: RecordType,
    from: system::Collected,
    value: &Value,
) -> bool {
    let Some(text) = value.as_str() else { return false };
    from.lists.iter().any(|list| {
        let named = || text.strip_prefix(list)?.strip_prefix('_');
        let code = if from.named { named() } else { Some(text) };
        let entries = index.definitions(record_type, list).iter();
        let forms = entries.filter_map(|at| index.subform(index.field_at(*at)));
        let fields = forms.flat_map(|form| &form.fields).filter(|one| one.name == from.field);
        code.is_some_and(|code| {
            let mut options = fields.map(|field| index.options(field));
            options.any(|options| matches!(options, Options::Listed(set) if set.contains(code)))
        })
    })
}

/// Whether a value is what its field of a coded type holds. Forms change, and what was typed
/// before may be anything.
fn is_code_of(index: &CatalogIndex, field: &Field, value: &Value) -> bool {
    match field.field_type {
        FieldType::NumericField => value.is_number(),
        FieldType::DateField => value.as_str().is_some_and(is_moment),
        FieldType::TickBox => value.is_boolean(),
        FieldType::TallyField => value.as_object().is_some_and(|counts| {
            counts.values().all(|count| count.is_number() || count.is_null())
        }),
        FieldType::SelectBox | FieldType::RadioButton => match (value, index.options(field)) {
            (Value::Bool(_), _) => true,
            (Value::String(id), Options::Listed(set)) => set.contains(id),
            (Value::String(code), Options::Free) => is_place(field) && is_place_code(code),
            _ => false,
        },
        _ => false,
    }
}

fn is_code_of_server(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => is_code(text) || is_moment(text),
        _ => false,
    }
}

fn is_moment(text: &str) -> bool {
    parse_date(text).is_some() || parse_time(text).is_some()
}

/// A value in what lies open and what does not; of a list, each of its values.
fn parted(value: &Value, is_open: impl Fn(&Value) -> bool) -> (Option<Value>, Value) {
    let Value::Array(items) = value else {
        let open = is_open(value);
        let sealed = if open { Value::Null } else { value.clone() };
        return (open.then(|| value.clone()), sealed);
    };
    let (open, sealed): (Vec<Value>, Vec<Value>) =
        items.iter().cloned().partition(|item| is_open(item));
    let known = !open.is_empty() || sealed.is_empty();
    (known.then_some(Value::Array(open)), Value::Array(sealed))
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let many = value.as_array().map_or(&[][..], Vec::as_slice).iter();
    value.as_str().into_iter().chain(many.filter_map(Value::as_str))
}

fn source(purpose: Purpose, field: &str, text: &str) -> TokenSource {
    TokenSource { purpose, field: field.to_owned(), text: text.to_owned() }
}

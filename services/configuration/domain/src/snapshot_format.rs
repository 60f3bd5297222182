//! Configuration snapshots in Primero's JSON: lists of objects by kind, texts in `*_i18n` keys.

use serde_json::{Map, Value, json};

use crate::form::{FIELD, FORM};
use crate::schema::{Kind, Property, whole_option};
use crate::{Attributes, Configuration, Contact, Field, Form, Lookup};

/// The kinds of object that every snapshot has; `Report` may be empty.
pub const NEEDED_KINDS: [&str; 6] =
    ["FormSection", "Lookup", "Agency", "Role", "UserGroup", "ContactInformation"];

/// A form of a snapshot, in the names of the API.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FormEntry {
    pub attributes: Attributes,
    pub fields: Vec<Attributes>,
}

/// A lookup of a snapshot, in the names of the API.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LookupEntry {
    pub attributes: Attributes,
}

/// A snapshot, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SnapshotData {
    pub forms: Vec<FormEntry>,
    pub lookups: Vec<LookupEntry>,
    pub reports: Vec<Attributes>,
    pub contact: Attributes,
    pub agencies: Vec<Value>,
    pub user_groups: Vec<Value>,
    pub roles: Vec<Value>,
}

impl SnapshotData {
    /// Reads a snapshot's data. What is not an object is skipped; `check_snapshot` names it.
    pub fn read(data: &Map<String, Value>) -> Self {
        let objects = |kind| objects(data, kind);
        Self {
            forms: objects("FormSection").map(form_entry).collect(),
            lookups: objects("Lookup").map(lookup_entry).collect(),
            reports: objects("Report").map(|one| Attributes(one.clone())).collect(),
            contact: objects("ContactInformation")
                .next()
                .map(|one| Attributes(one.clone()))
                .unwrap_or_default(),
            agencies: list(data, "Agency"),
            user_groups: list(data, "UserGroup"),
            roles: list(data, "Role"),
        }
    }
}

fn list(data: &Map<String, Value>, kind: &str) -> Vec<Value> {
    data.get(kind).and_then(Value::as_array).cloned().unwrap_or_default()
}

fn objects<'a>(
    data: &'a Map<String, Value>,
    kind: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> {
    data.get(kind).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn form_entry(object: &Map<String, Value>) -> FormEntry {
    let fields = object.get("fields_attributes").and_then(Value::as_array);
    let fields = fields.into_iter().flatten().filter_map(Value::as_object);
    FormEntry {
        attributes: Attributes(named(FORM, object)),
        fields: fields.map(|one| Attributes(named(FIELD, one))).collect(),
    }
}

fn lookup_entry(object: &Map<String, Value>) -> LookupEntry {
    let mut attributes = Attributes(named(LOOKUP, object));
    if let Some(plain) = object.get("lookup_values").and_then(Value::as_array) {
        attributes.set("values", plain.iter().map(|one| whole_option(&in_english(one))).collect());
    }
    LookupEntry { attributes }
}

/// Old snapshots have English texts as plain strings.
fn in_english(option: &Value) -> Value {
    let mut option = option.clone();
    if let Some(text) = option.get("display_text").filter(|one| one.is_string()).cloned() {
        option["display_text"] = json!({ "en": text });
    }
    option
}

const LOOKUP: &[Property] = &[
    Property::new("unique_id", Kind::Str),
    Property::new("name", Kind::Text),
    Property::new("locked", Kind::Bool),
    Property::new("values", Kind::Options),
];

/// The key that a property has in a snapshot.
fn key(property: &Property) -> String {
    match (property.name, property.kind) {
        ("values", _) => "lookup_values_i18n".to_owned(),
        (name, Kind::Text | Kind::Options) => format!("{name}_i18n"),
        (name, _) => name.to_owned(),
    }
}

fn named(table: &[Property], object: &Map<String, Value>) -> Map<String, Value> {
    let known = table.iter().filter_map(|property| {
        let value = object.get(&key(property)).filter(|value| !value.is_null())?;
        let value = match (property.kind, value) {
            (Kind::Options, Value::Array(options)) => options.iter().map(whole_option).collect(),
            (_, value) => value.clone(),
        };
        Some((property.name.to_owned(), value))
    });
    known.collect()
}

fn unnamed(table: &[Property], attributes: &Attributes) -> Map<String, Value> {
    let known = table
        .iter()
        .filter_map(|property| Some((key(property), attributes.get(property.name)?.clone())));
    known.collect()
}

/// The present configuration as a snapshot's data; agencies, groups and roles are identity's.
pub fn export_snapshot(
    configuration: &Configuration,
    contact: &Contact,
    [agencies, user_groups, roles]: [Vec<Value>; 3],
) -> Map<String, Value> {
    let forms = configuration.forms.iter().map(export_form).collect::<Vec<_>>();
    let lookups = configuration.lookups.iter().map(export_lookup).collect::<Vec<_>>();
    let reports = configuration.reports.iter().map(|one| Value::Object(one.attributes.0.clone()));
    let kinds = [
        ("FormSection", Value::Array(forms)),
        ("Lookup", Value::Array(lookups)),
        ("Agency", Value::Array(agencies)),
        ("Role", Value::Array(roles)),
        ("UserGroup", Value::Array(user_groups)),
        ("Report", reports.collect()),
        ("ContactInformation", json!([contact.attributes.0])),
    ];
    kinds.into_iter().map(|(kind, list)| (kind.to_owned(), list)).collect()
}

fn export_form(form: &Form) -> Value {
    let mut object = unnamed(FORM, &form.attributes);
    let field = |one: &Field| Value::Object(unnamed(FIELD, &one.attributes));
    object.insert("fields_attributes".to_owned(), form.fields.iter().map(field).collect());
    Value::Object(object)
}

fn export_lookup(lookup: &Lookup) -> Value {
    Value::Object(unnamed(LOOKUP, &lookup.attributes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        let data = json!({
            "FormSection": [{"unique_id": "a", "name_i18n": {"en": "A"}, "visible": false, "is_nested": true,
                "fields_attributes": [{"name": "b", "type": "select_box", "display_name_i18n": {"en": "B"},
                    "option_strings_text_i18n": [{"id": "x", "display_text": {"en": "X"}}], "subform_unique_id": "c"}]}],
            "Lookup": [{"unique_id": "l", "name_i18n": {"en": "L"}, "lookup_values_i18n": [{"id": "x", "display_text": {"en": "X"}}]}],
            "Agency": [{"unique_id": "ag"}], "Role": [{"unique_id": "r"}], "UserGroup": [{"unique_id": "g"}],
            "Report": [{"unique_id": "rep", "anything": [1]}], "ContactInformation": [{"name": "N"}]
        });
        let data = data.as_object().unwrap();
        let read = SnapshotData::read(data);
        let forms = read.forms.into_iter().map(|entry| Form {
            id: 1,
            attributes: entry.attributes,
            fields: entry
                .fields
                .into_iter()
                .map(|attributes| Field { id: 2, attributes })
                .collect(),
            exists: true,
        });
        let lookups = read.lookups.into_iter().map(|one| Lookup {
            id: 1,
            attributes: one.attributes,
            exists: true,
        });
        let reports = read.reports.into_iter().map(|attributes| crate::Report {
            id: 1,
            attributes,
            exists: true,
        });
        let configuration = Configuration {
            forms: forms.collect(),
            lookups: lookups.collect(),
            reports: reports.collect(),
            ..Configuration::default()
        };
        let contact = Contact { attributes: read.contact };
        let organisation = [read.agencies, read.user_groups, read.roles];
        assert_eq!(&export_snapshot(&configuration, &contact, organisation), data);
    }

    #[test]
    fn plain_values_of_old_snapshots_are_english() {
        let old = json!({"unique_id": "l", "lookup_values": [{"id": "x", "display_text": "X"}]});
        let entry = lookup_entry(old.as_object().unwrap());
        assert_eq!(
            entry.attributes.objects("values"),
            [json!({"id": "x", "display_text": {"en": "X"}})]
        );
    }
}

//! The types of the contract's bodies, and how a change of each type is merged.

use serde_json::{Map, Value};

use crate::{Attributes, Refusal, WrongType, merge_texts};

/// The type of one property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Int,
    Str,
    /// A text by language.
    Text,
    Strs,
    Object,
    /// Options, values of a lookup or keys of a tally: objects with an id and texts.
    Options,
    /// Objects whose properties are checked by their own table.
    Objects,
    /// Anything but a deep tree.
    Any,
}

/// One property of a kind of object.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    pub name: &'static str,
    pub kind: Kind,
    /// Whether who may only restyle forms may change it.
    pub restricted: bool,
    /// Whether null is allowed (it takes the value away).
    pub nullable: bool,
    /// Whether the API may write it; otherwise only a snapshot does.
    pub writable: bool,
}

/// Deeper trees than this are refused, wherever a free JSON value is allowed.
const DEEPEST: usize = 32;

impl Property {
    /// A property that the API may write.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, restricted: false, nullable: false, writable: true }
    }

    /// Also open to those who may only restyle.
    #[must_use]
    pub const fn restricted(mut self) -> Self {
        self.restricted = true;
        self
    }

    /// Null takes it away.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// Only snapshots write it.
    #[must_use]
    pub const fn fixed(mut self) -> Self {
        self.writable = false;
        self
    }
}

/// Checks the types of what was sent; keys that the table does not know are ignored.
pub fn check_types(table: &[Property], sent: &Map<String, Value>) -> Result<(), Refusal> {
    let mut wrong = Vec::new();
    collect_wrong_types(table, sent, "", &mut wrong);
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::WrongTypes(wrong)) }
}

/// Adds a pointer for every value of a wrong type.
pub fn collect_wrong_types(
    table: &[Property],
    sent: &Map<String, Value>,
    at: &str,
    wrong: &mut Vec<WrongType>,
) {
    for property in table {
        let Some(value) = sent.get(property.name) else { continue };
        if property.nullable && value.is_null() {
            continue;
        }
        check_value(property.kind, value, &format!("{at}/{}", property.name), wrong);
    }
}

fn check_value(kind: Kind, value: &Value, pointer: &str, wrong: &mut Vec<WrongType>) {
    match kind {
        Kind::Text => check_text(value, pointer, wrong),
        Kind::Strs => check_items(value, pointer, wrong, |item, at, wrong| {
            expect(item.is_string(), "string", at, wrong);
        }),
        Kind::Options => check_items(value, pointer, wrong, check_option),
        Kind::Objects => check_items(value, pointer, wrong, |item, at, wrong| {
            expect(item.is_object(), "object", at, wrong);
        }),
        Kind::Bool => expect(value.is_boolean(), "boolean", pointer, wrong),
        Kind::Int => expect(is_int32(value), "integer", pointer, wrong),
        Kind::Str => expect(value.is_string(), "string", pointer, wrong),
        Kind::Object => {
            let fine = value.is_object() && !is_deep(value, DEEPEST);
            expect(fine, "object", pointer, wrong);
        }
        Kind::Any => expect(!is_deep(value, DEEPEST), "shallower value", pointer, wrong),
    }
}

fn check_text(value: &Value, pointer: &str, wrong: &mut Vec<WrongType>) {
    let Some(languages) = value.as_object() else {
        return expect(false, "object", pointer, wrong);
    };
    for (language, text) in languages {
        let fine = text.is_string() || text.is_null();
        expect(fine, "string", &format!("{pointer}/{}", escape(language)), wrong);
    }
}

fn check_items(
    value: &Value,
    pointer: &str,
    wrong: &mut Vec<WrongType>,
    check: impl Fn(&Value, &str, &mut Vec<WrongType>),
) {
    let Some(items) = value.as_array() else {
        return expect(false, "array", pointer, wrong);
    };
    for (index, item) in items.iter().enumerate() {
        check(item, &format!("{pointer}/{index}"), wrong);
    }
}

fn check_option(item: &Value, at: &str, wrong: &mut Vec<WrongType>) {
    const OPTION: &[Property] = &[
        Property::new("id", Kind::Str).nullable(),
        Property::new("disabled", Kind::Bool).nullable(),
        Property::new("tags", Kind::Strs).nullable(),
        Property::new("display_text", Kind::Text),
        Property::new("_delete", Kind::Bool),
        Property::new("_order", Kind::Int),
    ];
    match item.as_object() {
        Some(option) => collect_wrong_types(OPTION, option, at, wrong),
        None => expect(false, "object", at, wrong),
    }
}

fn expect(fine: bool, expected: &'static str, pointer: &str, wrong: &mut Vec<WrongType>) {
    if !fine {
        wrong.push(WrongType { pointer: pointer.to_owned(), expected });
    }
}

fn is_int32(value: &Value) -> bool {
    value.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
}

fn is_deep(value: &Value, left: usize) -> bool {
    let mut inner: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => return false,
    };
    left == 0 || inner.any(|one| is_deep(one, left - 1))
}

/// A member name inside a JSON pointer.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// What a change is allowed to touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everything that the API may write.
    Full,
    /// Texts, order and visibility.
    Restricted,
    /// Everything there is: a snapshot.
    Snapshot,
}

/// Merges what was sent into the attributes: texts by language, options by id, the rest whole.
pub fn merge(
    stored: &Attributes,
    sent: &Map<String, Value>,
    table: &[Property],
    reach: Reach,
) -> Attributes {
    let mut merged = stored.clone();
    for property in table.iter().filter(|one| reaches(one, reach)) {
        let Some(value) = sent.get(property.name) else { continue };
        let value = match property.kind {
            _ if value.is_null() => Value::Null,
            Kind::Text => merge_texts(stored.get(property.name), value),
            Kind::Options => merge_options(stored.objects(property.name), value),
            _ => value.clone(),
        };
        merged.set(property.name, value);
    }
    merged
}

fn reaches(property: &Property, reach: Reach) -> bool {
    match reach {
        Reach::Full => property.writable,
        Reach::Restricted => property.writable && property.restricted,
        Reach::Snapshot => true,
    }
}

/// Merges option lists by id: a sent entry replaces the stored one as a whole, new ones come
/// first, unsent ones stay, `_delete` removes. `_order` puts entries where the sender wants them.
pub fn merge_options(stored: &[Value], sent: &Value) -> Value {
    let sent = sent.as_array().map_or(&[][..], Vec::as_slice);
    let find = |list: &[Value], id: &Value| list.iter().position(|one| one.get("id") == Some(id));
    let id = |one: &Value| one.get("id").cloned().unwrap_or_default();
    let removed = |one: &Value| one.get("_delete") == Some(&Value::Bool(true));
    let new = sent.iter().filter(|one| !removed(one) && find(stored, &id(one)).is_none());
    let kept = stored.iter().filter_map(|one| match find(sent, &id(one)) {
        Some(position) if removed(&sent[position]) => None,
        Some(position) => Some(&sent[position]),
        None => Some(one),
    });
    let mut merged: Vec<&Value> = new.chain(kept).collect();
    // What names no place keeps its own behind what does.
    merged.sort_by_key(|one| one.get("_order").and_then(Value::as_i64).unwrap_or(i64::MAX));
    merged.into_iter().map(whole_option).collect()
}

/// An option without null members and markers.
pub fn whole_option(option: &Value) -> Value {
    let mut option = option.clone();
    if let Some(members) = option.as_object_mut() {
        members.shift_remove("_delete");
        members.shift_remove("_order");
        members.retain(|_, value| !value.is_null());
        if let Some(texts) = members.get_mut("display_text").and_then(Value::as_object_mut) {
            texts.retain(|_, text| !text.is_null());
        }
    }
    option
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TABLE: &[Property] = &[
        Property::new("name", Kind::Text),
        Property::new("order", Kind::Int),
        Property::new("values", Kind::Options),
        Property::new("conditions", Kind::Object).nullable(),
    ];

    fn wrong(sent: Value) -> Vec<String> {
        match check_types(TABLE, sent.as_object().unwrap()) {
            Err(Refusal::WrongTypes(wrong)) => wrong.into_iter().map(|one| one.pointer).collect(),
            _ => vec![],
        }
    }

    #[test]
    fn every_wrong_type_is_named() {
        let sent = json!({"name": {"en": 5}, "order": "1", "values": [{"id": 7}, 3], "conditions": null, "zzz": 1});
        assert_eq!(wrong(sent), ["/name/en", "/order", "/values/0/id", "/values/1"]);
        assert_eq!(wrong(json!({"name": null, "order": 3_000_000_000_i64})), ["/name", "/order"]);
    }

    #[test]
    fn deep_trees_are_refused() {
        let mut tree = json!({"eq": {"a": 1}});
        for _ in 0..40 {
            tree = json!({"and": [tree]});
        }
        assert_eq!(wrong(json!({"conditions": tree})), ["/conditions"]);
    }

    #[test]
    fn options_merge_by_id() {
        let stored =
            [json!({"id": "a", "display_text": {"en": "A", "fr": "A!"}}), json!({"id": "b"})];
        let sent = json!([{"id": "c"}, {"id": "a", "display_text": {"en": "AA"}}, {"id": "b", "_delete": true}]);
        let merged = merge_options(&stored, &sent);
        assert_eq!(merged, json!([{"id": "c"}, {"id": "a", "display_text": {"en": "AA"}}]));
    }

    #[test]
    fn options_stand_where_the_sender_says() {
        let stored = [json!({"id": "a"}), json!({"id": "b"}), json!({"id": "unsent"})];
        let sent =
            json!([{"id": "b", "_order": 0}, {"id": "new", "_order": 1}, {"id": "a", "_order": 2}]);
        let merged = merge_options(&stored, &sent);
        assert_eq!(merged, json!([{"id": "b"}, {"id": "new"}, {"id": "a"}, {"id": "unsent"}]));
    }
}

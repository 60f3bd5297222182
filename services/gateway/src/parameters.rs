//! Query strings and form bodies: `a[b][0]=x` as pairs, and as the JSON that they stand for.

use kit_proto::common::v1::Parameter;
use serde_json::{Map, Value};

use crate::path::decode;

/// More parameters than any client sends.
const MAX_PARAMETERS: usize = 4_000;
const MAX_DEPTH: usize = 32;

/// The decoded pairs of a query string or form, in order; nothing when they can't be read.
pub fn parse(text: &str) -> Option<Vec<Parameter>> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).take(MAX_PARAMETERS + 1);
    let parameters: Vec<Parameter> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some(Parameter { name: decode(name, true)?, value: decode(value, true)? })
        })
        .collect::<Option<_>>()?;
    (parameters.len() <= MAX_PARAMETERS).then_some(parameters)
}

/// The value of the first parameter of that name.
pub fn first<'a>(parameters: &'a [Parameter], name: &str) -> Option<&'a str> {
    parameters.iter().find(|one| one.name == name).map(|one| one.value.as_str())
}

/// The JSON that bracket keys stand for; values stay strings. Nothing when keys nest too deep.
pub fn to_json(parameters: &[Parameter]) -> Option<Value> {
    let mut root = Map::new();
    for parameter in parameters {
        let keys = keys(&parameter.name);
        if keys.len() > MAX_DEPTH {
            return None;
        }
        let (head, rest) = keys.split_first()?;
        insert(root.entry(*head).or_insert(Value::Null), rest, &parameter.value);
    }
    let entries = root.into_iter().map(|(key, entry)| (key, indexed_to_lists(entry)));
    Some(Value::Object(entries.collect()))
}

/// `data[tags][]` is `data`, `tags` and an empty key, which means "one more".
fn keys(name: &str) -> Vec<&str> {
    let Some((head, rest)) = name.split_once('[') else { return vec![name] };
    let mut keys = vec![head];
    keys.extend(rest.strip_suffix(']').unwrap_or(rest).split("]["));
    keys
}

fn insert(node: &mut Value, keys: &[&str], value: &str) {
    let Some((key, rest)) = keys.split_first() else {
        *node = Value::String(value.to_owned());
        return;
    };
    if key.is_empty() {
        insert_one_more(node, rest, value);
        return;
    }
    if !node.is_object() {
        *node = Value::Object(Map::new());
    }
    if let Value::Object(map) = node {
        insert(map.entry(*key).or_insert(Value::Null), rest, value);
    }
}

/// `list[][name]` continues the last entry until it has that key already.
fn insert_one_more(node: &mut Value, rest: &[&str], value: &str) {
    if !node.is_array() {
        *node = Value::Array(Vec::new());
    }
    let Value::Array(list) = node else { return };
    let continues = match (list.last(), rest.first()) {
        (Some(Value::Object(entry)), Some(key)) => rest.len() > 1 || !entry.contains_key(*key),
        _ => false,
    };
    if !continues {
        list.push(Value::Null);
    }
    if let Some(last) = list.last_mut() {
        insert(last, rest, value);
    }
}

/// Maps whose keys are all numbers are lists.
fn indexed_to_lists(value: Value) -> Value {
    match value {
        Value::Object(map) if is_indexed(&map) => {
            let mut entries: Vec<(u32, Value)> = map
                .into_iter()
                .map(|(key, entry)| (key.parse().unwrap_or(u32::MAX), indexed_to_lists(entry)))
                .collect();
            entries.sort_by_key(|(index, _)| *index);
            Value::Array(entries.into_iter().map(|(_, entry)| entry).collect())
        }
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(k, entry)| (k, indexed_to_lists(entry))).collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(indexed_to_lists).collect()),
        scalar => scalar,
    }
}

fn is_indexed(map: &Map<String, Value>) -> bool {
    let numeric = |key: &String| key.len() <= 6 && key.bytes().all(|byte| byte.is_ascii_digit());
    !map.is_empty() && map.keys().all(|key| !key.is_empty() && numeric(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Value {
        to_json(&parse(text).unwrap()).unwrap()
    }

    #[test]
    fn bracket_keys_become_json() {
        assert_eq!(
            read("data[name]=Ann&data[tags][]=a&data[tags][]=b&record_action=close"),
            json!({"data": {"name": "Ann", "tags": ["a", "b"]}, "record_action": "close"})
        );
        assert_eq!(read("ids[0]=x&ids[1]=y"), json!({"ids": ["x", "y"]}));
        assert_eq!(
            read("data[rows][][a]=1&data[rows][][b]=2&data[rows][][a]=3"),
            json!({"data": {"rows": [{"a": "1", "b": "2"}, {"a": "3"}]}})
        );
        assert_eq!(read("data[x]=%D8%B3+y"), json!({"data": {"x": "س y"}}));
    }

    #[test]
    fn odd_keys_do_no_harm() {
        assert_eq!(read("a[b=1&a]=2&=3&[]=4").as_object().map(Map::len), Some(3));
        assert_eq!(read("a=1&a[b]=2"), json!({"a": {"b": "2"}}));
        let deep = format!("a{}=1", "[x]".repeat(100));
        assert_eq!(to_json(&parse(&deep).unwrap()), None);
        assert_eq!(parse("a=%FF"), None);
        assert_eq!(parse(&"a&".repeat(5_000)), None);
    }
}

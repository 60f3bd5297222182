//! Values that the tenant's auto-populate rules make: a name, a code.
//!
//! A rule lists chains such as `name_first` or `created_by_user.location.location_code`. A chain
//! of one word is a field of the record; what begins with `created_by_user` is answered by the
//! shell from its directory.

use std::collections::BTreeMap;

use kit_records::values::{parse_date, parse_time};
use kit_records::{Catalog, Record};
use serde_json::Value;

/// The chains of a rule that the directory has to answer.
pub fn chains<'a>(catalog: &'a Catalog, field_key: &str) -> Vec<&'a str> {
    let rule = rule(catalog, field_key);
    rule.map_or_else(Vec::new, |rule| formats(rule).filter(|chain| chain.contains('.')).collect())
}

/// What the rule for `field_key` makes of a record; nothing where it yields no text.
pub fn auto_populated(
    catalog: &Catalog,
    field_key: &str,
    values: &Record,
    directory: &BTreeMap<String, String>,
) -> Option<String> {
    let rule = rule(catalog, field_key)?;
    let parts: Vec<String> = formats(rule)
        .filter_map(|chain| match directory.get(chain) {
            Some(answer) => Some(answer.clone()),
            None => values.get(chain).and_then(printed),
        })
        .filter(|part| !part.trim().is_empty())
        .collect();
    let text = parts.join(rule.get("separator").and_then(Value::as_str).unwrap_or_default());
    (!text.trim().is_empty()).then_some(text)
}

/// The id that people read: the case code, the tenant's separator, the short id.
pub fn display_id(catalog: &Catalog, code: Option<&str>, short_id: &str) -> String {
    let separator = catalog.settings.get("case_code_separator").and_then(Value::as_str);
    match code {
        Some(code) => format!("{code}{}{short_id}", separator.unwrap_or_default()),
        None => short_id.to_owned(),
    }
}

fn rule<'a>(catalog: &'a Catalog, field_key: &str) -> Option<&'a Value> {
    let rules = catalog.settings.get("auto_populate_list")?.as_array()?;
    rules.iter().find(|rule| {
        rule.get("field_key").and_then(Value::as_str) == Some(field_key)
            && rule.get("auto_populated") != Some(&Value::Bool(false))
    })
}

fn formats(rule: &Value) -> impl Iterator<Item = &str> {
    let list = rule.get("format").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(Value::as_str)
}

/// A value as part of a code: dates without dashes.
fn printed(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if parse_date(text).is_some() || parse_time(text).is_some() => {
            Some(text[..10].replace('-', ""))
        }
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

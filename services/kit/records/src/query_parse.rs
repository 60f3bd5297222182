//! Reads query strings as Primero's clients write them; see `query` for what comes out.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::query::{Facts, Filter, ListQuery, Order, Projection, Scalar, Search, SearchKind, Test};
use crate::values::{format_time, parse_date, parse_time};
use crate::violation::{Code, Violation};

/// Rows of a page when none are asked for, and at most.
const PER: (u64, u64) = (20, 1_000);

/// Names that steer the list and are never filters.
const CONTROLS: &[&str] = &[
    "query",
    "id_search",
    "phonetic",
    "phone_number",
    "fields",
    "order",
    "order_by",
    "page",
    "per",
    "locale",
    "format",
];

/// A parameter's name taken apart: `not[age][0]` is `not`, `["age", "0"]`.
struct Key<'a> {
    head: &'a str,
    rest: Vec<&'a str>,
}

fn key(name: &str) -> Key<'_> {
    let (head, tail) = name.find('[').map_or((name, ""), |at| name.split_at(at));
    let rest = tail.split('[').skip(1).map(|part| part.trim_end_matches(']')).collect();
    Key { head, rest }
}

/// Values of one filter in the order they were sent.
#[derive(Default)]
struct Gathered {
    plain: BTreeMap<String, Vec<String>>,
    negated: BTreeMap<String, Vec<String>>,
    either: BTreeMap<String, Vec<String>>,
}

pub fn parse(
    pairs: &[(String, String)],
    is_filter: &dyn Fn(&str) -> bool,
) -> Result<ListQuery, Vec<Violation>> {
    let mut wrong = Vec::new();
    let page = number(pairs, "page", 1, &mut wrong);
    let per = number(pairs, "per", PER.0, &mut wrong).min(PER.1);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let filters = filters(&gather(pairs), is_filter);
    Ok(ListQuery {
        filters,
        search: search(pairs),
        fields: projection(pairs),
        order: order(pairs),
        page,
        per,
    })
}

fn last<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().rev().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
}

fn number(pairs: &[(String, String)], name: &str, default: u64, wrong: &mut Vec<Violation>) -> u64 {
    let Some(sent) = last(pairs, name).filter(|sent| !sent.trim().is_empty()) else {
        return default;
    };
    match sent.trim().parse::<u32>() {
        Ok(number) if number > 0 => number.into(),
        _ => {
            let violation = Violation::new(format!("/{name}"), Code::InvalidParameter);
            wrong.push(violation.with("min", 1));
            default
        }
    }
}

fn search(pairs: &[(String, String)]) -> Option<Search> {
    let text = last(pairs, "query")?.trim();
    if text.is_empty() {
        return None;
    }
    let on = |name: &str| last(pairs, name) == Some("true");
    let kind = if on("phonetic") {
        SearchKind::Name
    } else if on("phone_number") {
        SearchKind::Phone
    } else {
        SearchKind::Identifier
    };
    let wide = on("phonetic") || on("phone_number") || on("id_search");
    Some(Search { text: text.to_owned(), kind, wide })
}

fn projection(pairs: &[(String, String)]) -> Projection {
    let named: Vec<String> = pairs
        .iter()
        .filter(|(name, _)| key(name).head == "fields")
        .flat_map(|(_, value)| value.split(','))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    match named.as_slice() {
        [] => Projection::All,
        [one] if one == "short" => Projection::Short,
        _ => Projection::Named(named),
    }
}

fn order(pairs: &[(String, String)]) -> Option<Order> {
    let field = last(pairs, "order_by").filter(|field| !field.is_empty())?;
    let descending = last(pairs, "order").is_some_and(|order| order.eq_ignore_ascii_case("desc"));
    Some(Order { field: field.to_owned(), descending })
}

fn gather(pairs: &[(String, String)]) -> Gathered {
    let mut all = Gathered::default();
    for (name, value) in pairs {
        let Key { head, rest } = key(name);
        // `or[0][sex]` and `or[sex]` mean the same: any of them.
        let named = rest.iter().find(|part| !part.is_empty() && part.parse::<u32>().is_err());
        let (group, field) = match (head, named) {
            ("not", Some(field)) => (&mut all.negated, *field),
            ("or", Some(field)) => (&mut all.either, *field),
            ("not" | "or", None) => continue,
            _ if CONTROLS.contains(&head) => continue,
            _ => (&mut all.plain, head),
        };
        let values = group.entry(field.to_owned()).or_default();
        values.extend(value.split(',').map(|part| part.trim().to_owned()));
    }
    all
}

fn filters(all: &Gathered, is_filter: &dyn Fn(&str) -> bool) -> Vec<Filter> {
    let read = |group: &BTreeMap<String, Vec<String>>| -> Vec<Filter> {
        group.iter().filter_map(|(name, values)| filter(name, values, is_filter)).collect()
    };
    let mut filters = read(&all.plain);
    filters.extend(read(&all.negated).into_iter().map(|one| Filter::Not(Box::new(one))));
    let either = read(&all.either);
    if !either.is_empty() {
        filters.push(Filter::Any(either));
    }
    filters
}

fn filter(name: &str, values: &[String], is_filter: &dyn Fn(&str) -> bool) -> Option<Filter> {
    if name == "assign" {
        return Some(Filter::EverAssigned(values.to_vec()));
    }
    if let Some(place) = name.strip_prefix("loc:") {
        return place_filter(place, values, is_filter);
    }
    if !is_filter(name) {
        return None;
    }
    let tests = values.iter().map(|value| test(value)).collect();
    Some(Filter::Field { field: name.to_owned(), tests })
}

fn place_filter(name: &str, values: &[String], is_filter: &dyn Fn(&str) -> bool) -> Option<Filter> {
    let codes = values.iter().map(|code| code.to_uppercase()).collect();
    if is_filter(name) {
        return Some(Filter::Place { field: name.to_owned(), min_level: None, codes });
    }
    let level = name.bytes().last().filter(|byte| (b'0'..=b'5').contains(byte))?;
    let field = &name[..name.len() - 1];
    let min_level = Some(level - b'0');
    is_filter(field).then(|| Filter::Place { field: field.to_owned(), min_level, codes })
}

fn test(value: &str) -> Test {
    if let Some((from, to)) = value.split_once("..")
        && let Some(from) = bound(from)
    {
        let upper = bound(to);
        if upper.is_some() || to.is_empty() {
            return Test::Range { from, to: upper };
        }
    }
    Test::Equals(scalar(value))
}

fn bound(text: &str) -> Option<Scalar> {
    match scalar(text.trim()) {
        Scalar::Bool(_) | Scalar::Text(_) => None,
        typed => Some(typed),
    }
}

fn scalar(text: &str) -> Scalar {
    match text {
        "true" => return Scalar::Bool(true),
        "false" => return Scalar::Bool(false),
        _ => {}
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() < 16 {
        let value = text.parse().unwrap_or_default();
        return Scalar::Integer { value, text: text.to_owned() };
    }
    if parse_date(text).is_some() {
        return Scalar::Date(text.to_owned());
    }
    match parse_time(text) {
        Some(moment) => Scalar::Time(format_time(moment)),
        None => Scalar::Text(text.to_owned()),
    }
}

/// Whether a single value meets a test.
pub fn meets_one(test: &Test, value: &Value) -> bool {
    match test {
        Test::Equals(wanted) => equals(wanted, value),
        Test::Range { from, to } => {
            at_least(value, from) && to.as_ref().is_none_or(|to| at_most(value, to))
        }
    }
}

fn equals(wanted: &Scalar, value: &Value) -> bool {
    match (wanted, value) {
        (Scalar::Bool(false), Value::Null) => true,
        (Scalar::Bool(wanted), Value::Bool(value)) => wanted == value,
        (Scalar::Bool(wanted), Value::String(value)) => wanted.to_string() == *value,
        (Scalar::Integer { value: wanted, .. }, Value::Number(value)) => {
            value.as_i64() == Some(*wanted)
        }
        (Scalar::Integer { text, .. } | Scalar::Text(text), Value::String(value)) => text == value,
        // A day means any moment of it.
        (Scalar::Date(day), Value::String(value)) => {
            value.get(..10) == Some(day) && is_moment(value)
        }
        (Scalar::Time(wanted), Value::String(value)) => wanted == value,
        _ => false,
    }
}

fn is_moment(value: &str) -> bool {
    value.len() == 10 || parse_time(value).is_some()
}

fn at_least(value: &Value, from: &Scalar) -> bool {
    match (from, value) {
        (Scalar::Integer { value: from, .. }, Value::Number(value)) => {
            value.as_i64().is_some_and(|n| n >= *from)
        }
        (Scalar::Date(from) | Scalar::Time(from), Value::String(value)) => {
            value.as_str() >= from.as_str()
        }
        _ => false,
    }
}

fn at_most(value: &Value, to: &Scalar) -> bool {
    match (to, value) {
        (Scalar::Integer { value: to, .. }, Value::Number(value)) => {
            value.as_i64().is_some_and(|n| n <= *to)
        }
        // The last day is included to its end.
        (Scalar::Date(to), Value::String(value)) => {
            value.get(..10).is_some_and(|day| day <= to.as_str())
        }
        (Scalar::Time(to), Value::String(value)) => {
            if value.len() == 10 {
                to.get(..10).is_some_and(|day| value.as_str() <= day)
            } else {
                value <= to
            }
        }
        _ => false,
    }
}

/// Whether a place, or one of several, is one of `codes` or below one of them.
pub fn in_place(
    value: Option<&Value>,
    min_level: Option<u8>,
    codes: &[String],
    facts: &dyn Facts,
) -> bool {
    let places: Vec<&str> = match value {
        Some(Value::String(code)) => vec![code],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => return false,
    };
    places.iter().any(|place| {
        let path = facts.place_path(place);
        // Level 0 is the country: a place at level n has n + 1 steps.
        let deep = min_level.is_none_or(|level| path.len() > level.into());
        let below = path.iter().enumerate().any(|(at, step)| {
            let given_deep = min_level.is_none_or(|level| at >= level.into());
            given_deep && codes.iter().any(|code| code.eq_ignore_ascii_case(step))
        });
        deep && below
    })
}

//! The vectors of `vectors/expressions.json`.

use kit_records::expression::{Expression, shows};
use serde::Deserialize;
use serde_json::Value;

use crate::fixture::record;

#[derive(Deserialize)]
struct Vectors {
    values: Vec<OfValue>,
    shown: Vec<OfCondition>,
}

#[derive(Deserialize)]
struct OfValue {
    name: String,
    expression: Value,
    data: Value,
    value: Value,
}

#[derive(Deserialize)]
struct OfCondition {
    name: String,
    condition: Value,
    data: Value,
    shown: bool,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../vectors/expressions.json")).unwrap()
}

#[test]
fn expressions_have_the_expected_values() {
    let vectors = vectors();
    assert!(vectors.values.len() >= 200);
    for one in vectors.values {
        let value = Expression::parse(&one.expression).unwrap().value(&record(&one.data));
        assert_eq!(value, one.value, "{}: {} on {}", one.name, one.expression, one.data);
    }
}

#[test]
fn conditions_show_and_hide() {
    for one in vectors().shown {
        let shown = shows(&one.condition, &record(&one.data));
        assert_eq!(shown, one.shown, "{}: {} on {}", one.name, one.condition, one.data);
    }
}

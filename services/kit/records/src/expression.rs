//! Expressions: the functional trees of skip logic, option conditions and calculations.
//!
//! ```json
//! {"and": [{"eq": {"sex": "female"}}, {"not": {"lt": {"age": 12}}}]}
//! {"avg": {"data": ["score_1", "score_2"], "extra": {"decimalPlaces": 1}}}
//! ```
//!
//! * A bare `{field: value}` means `eq`; several fields must all hold.
//! * `eq`: a missing value equals `false` and null; lists hold the same elements; dates and dates
//!   with time compare as moments, a date being its first moment in UTC; 5 equals 5.0.
//! * `gt ge lt le` compare numbers with numbers and dates with dates; anything else fails.
//! * `in`: the value is listed; where the value is a list itself, it holds every listed element.
//! * `sum` ignores what is no number. `avg` counts numbers only, is null without any, and rounds
//!   down unless `decimalPlaces` says where to round (half away from zero).

use serde_json::{Number, Value};

use crate::Record;
use crate::values::{parse_date, parse_time};

/// Levels of nesting that an expression may have.
const DEPTH: usize = 24;
/// Decimal places that make sense for a double.
const PLACES: u64 = 9;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Compare { operator: Comparator, field: String, value: Operand },
    Sum { operands: Vec<Operand>, places: Option<u8> },
    Avg { operands: Vec<Operand>, places: Option<u8> },
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    Eq,
    Gt,
    Ge,
    Lt,
    Le,
    In,
}

/// What an operator works on.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    Literal(Value),
    Field(String),
    Nested(Box<Expression>),
}

/// Why a tree is no expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("an expression is an object with an operator")]
    NotAnObject,
    #[error("this operator takes a list")]
    NotAList,
    #[error("the expression is nested too deeply")]
    TooDeep,
    #[error("decimalPlaces is a number from 0 to 9")]
    Places,
}

impl Expression {
    /// Reads a tree.
    pub fn parse(tree: &Value) -> Result<Self, Malformed> {
        parse(tree, DEPTH)
    }

    /// The value for a record or a subform's entry.
    pub fn value(&self, data: &Record) -> Value {
        match self {
            Self::And(all) => all.iter().all(|one| one.holds(data)).into(),
            Self::Or(any) => any.iter().any(|one| one.holds(data)).into(),
            Self::Not(inner) => (!inner.holds(data)).into(),
            Self::Compare { operator, field, value } => {
                compare(*operator, data.get(field).unwrap_or(&Value::Null), &value.value(data))
                    .into()
            }
            Self::Sum { operands, places } => {
                let sum: f64 = numbers(operands, data).iter().sum();
                number(places.map_or(sum, |places| round(sum, places)))
            }
            Self::Avg { operands, places } => average(&numbers(operands, data), *places),
        }
    }

    /// Whether the expression holds for a record or a subform's entry.
    pub fn holds(&self, data: &Record) -> bool {
        match self.value(data) {
            Value::Bool(truth) => truth,
            Value::Null => false,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::String(text) => !text.is_empty(),
            Value::Array(_) | Value::Object(_) => true,
        }
    }
}

/// Whether a display condition shows what it stands on. None, a switched-off or an unreadable
/// condition shows it: hiding a field by mistake would lose what people want to say.
pub fn shows(condition: &Value, data: &Record) -> bool {
    let off = condition.get("disabled") == Some(&Value::Bool(true));
    let none = condition.as_object().is_none_or(serde_json::Map::is_empty);
    off || none || Expression::parse(condition).map_or(true, |condition| condition.holds(data))
}

fn parse(tree: &Value, depth: usize) -> Result<Expression, Malformed> {
    let object = tree.as_object().ok_or(Malformed::NotAnObject)?;
    let depth = depth.checked_sub(1).ok_or(Malformed::TooDeep)?;
    let parts = object.iter().filter(|(key, _)| *key != "disabled" && *key != "extra");
    let extra = object.get("extra");
    let mut all = parts
        .map(|(key, value)| operation(key, value, extra, depth))
        .collect::<Result<Vec<_>, _>>()?;
    match all.len() {
        0 => Err(Malformed::NotAnObject),
        1 => Ok(all.remove(0)),
        _ => Ok(Expression::And(all)),
    }
}

fn operation(
    key: &str,
    value: &Value,
    extra: Option<&Value>,
    depth: usize,
) -> Result<Expression, Malformed> {
    let all = || -> Result<Vec<Expression>, Malformed> {
        let list = value.as_array().ok_or(Malformed::NotAList)?;
        list.iter().map(|one| parse(one, depth)).collect()
    };
    Ok(match key {
        "and" => Expression::And(all()?),
        "or" => Expression::Or(all()?),
        "not" => {
            let inner = value.as_array().and_then(|list| list.first()).unwrap_or(value);
            Expression::Not(Box::new(parse(inner, depth)?))
        }
        "eq" => comparison(Comparator::Eq, value, depth)?,
        "gt" => comparison(Comparator::Gt, value, depth)?,
        "ge" => comparison(Comparator::Ge, value, depth)?,
        "lt" => comparison(Comparator::Lt, value, depth)?,
        "le" => comparison(Comparator::Le, value, depth)?,
        "in" => comparison(Comparator::In, value, depth)?,
        "sum" => {
            let (operands, places) = arithmetic(value, extra, depth)?;
            Expression::Sum { operands, places }
        }
        "avg" => {
            let (operands, places) = arithmetic(value, extra, depth)?;
            Expression::Avg { operands, places }
        }
        field => Expression::Compare {
            operator: Comparator::Eq,
            field: field.to_owned(),
            value: operand(value, depth),
        },
    })
}

fn comparison(operator: Comparator, value: &Value, depth: usize) -> Result<Expression, Malformed> {
    let fields =
        value.as_object().filter(|fields| !fields.is_empty()).ok_or(Malformed::NotAnObject)?;
    let mut all: Vec<Expression> = fields
        .iter()
        .map(|(field, value)| Expression::Compare {
            operator,
            field: field.clone(),
            value: operand(value, depth),
        })
        .collect();
    Ok(if all.len() == 1 { all.remove(0) } else { Expression::And(all) })
}

/// The compared value: an expression where it reads as one of arithmetic, else itself.
fn operand(value: &Value, depth: usize) -> Operand {
    let is_arithmetic = value.get("sum").is_some() || value.get("avg").is_some();
    match is_arithmetic.then(|| parse(value, depth)) {
        Some(Ok(nested)) => Operand::Nested(Box::new(nested)),
        _ => Operand::Literal(value.clone()),
    }
}

type Arithmetic = (Vec<Operand>, Option<u8>);

fn arithmetic(value: &Value, extra: Option<&Value>, depth: usize) -> Result<Arithmetic, Malformed> {
    let extra = value.get("extra").or(extra);
    let list = value.get("data").unwrap_or(value).as_array().ok_or(Malformed::NotAList)?;
    let operands = list.iter().map(|one| match one {
        Value::String(field) => Ok(Operand::Field(field.clone())),
        Value::Object(_) => parse(one, depth).map(|one| Operand::Nested(Box::new(one))),
        other => Ok(Operand::Literal(other.clone())),
    });
    let places = match extra.and_then(|extra| extra.get("decimalPlaces")) {
        None | Some(Value::Null) => None,
        Some(places) => {
            let places = places.as_u64().filter(|places| *places <= PLACES);
            Some(places.and_then(|places| u8::try_from(places).ok()).ok_or(Malformed::Places)?)
        }
    };
    Ok((operands.collect::<Result<_, _>>()?, places))
}

impl Operand {
    fn value(&self, data: &Record) -> Value {
        match self {
            Self::Literal(value) => value.clone(),
            Self::Field(field) => data.get(field).cloned().unwrap_or(Value::Null),
            Self::Nested(expression) => expression.value(data),
        }
    }
}

fn numbers(operands: &[Operand], data: &Record) -> Vec<f64> {
    operands.iter().filter_map(|operand| operand.value(data).as_f64()).collect()
}

fn average(numbers: &[f64], places: Option<u8>) -> Value {
    if numbers.is_empty() {
        return Value::Null;
    }
    let sum: f64 = numbers.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "a handful of operands")]
    let count = numbers.len() as f64;
    number(match places {
        None => (sum / count).floor(),
        // Scaled before it is divided, so that an exact half stays one.
        Some(places) => {
            let scale = 10_f64.powi(places.into());
            (sum * scale / count).round() / scale
        }
    })
}

fn round(value: f64, places: u8) -> f64 {
    let scale = 10_f64.powi(places.into());
    (value * scale).round() / scale
}

/// A JSON number, an integer where it is whole.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
        return Value::from(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn compare(operator: Comparator, have: &Value, want: &Value) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let order = || order(have, want);
    match operator {
        Comparator::Eq => equal(have, want),
        Comparator::In => is_in(have, want),
        Comparator::Gt => order() == Some(Greater),
        Comparator::Ge => matches!(order(), Some(Greater | Equal)),
        Comparator::Lt => order() == Some(Less),
        Comparator::Le => matches!(order(), Some(Less | Equal)),
    }
}

fn equal(have: &Value, want: &Value) -> bool {
    match (have, want) {
        (Value::Null, Value::Bool(false)) | (Value::Bool(false), Value::Null) => true,
        (Value::Array(have), Value::Array(want)) => {
            have.len() == want.len() && contains_all(have, want) && contains_all(want, have)
        }
        _ => have == want || order(have, want) == Some(std::cmp::Ordering::Equal),
    }
}

fn is_in(have: &Value, listed: &Value) -> bool {
    let Some(listed) = listed.as_array() else { return equal(have, listed) };
    match have {
        Value::Null => false,
        Value::Array(have) => contains_all(have, listed),
        one => listed.iter().any(|want| equal(one, want)),
    }
}

fn contains_all(have: &[Value], wanted: &[Value]) -> bool {
    wanted.iter().all(|want| have.iter().any(|one| equal(one, want)))
}

/// The order of two numbers or two moments; nothing else has one.
fn order(have: &Value, want: &Value) -> Option<std::cmp::Ordering> {
    match (have, want) {
        (Value::Number(have), Value::Number(want)) => have.as_f64()?.partial_cmp(&want.as_f64()?),
        (Value::String(have), Value::String(want)) => moment(have)?.partial_cmp(&moment(want)?),
        _ => None,
    }
}

fn moment(text: &str) -> Option<jiff::Timestamp> {
    match parse_date(text) {
        Some(date) => Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp()),
        None => parse_time(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn malformed_trees_are_told_apart() {
        for (tree, why) in [
            (json!(null), Malformed::NotAnObject),
            (json!({}), Malformed::NotAnObject),
            (json!({"eq": {}}), Malformed::NotAnObject),
            (json!({"and": {"a": 1}}), Malformed::NotAList),
            (json!({"sum": "a"}), Malformed::NotAList),
            (json!({"avg": {"data": ["a"], "extra": {"decimalPlaces": 99}}}), Malformed::Places),
        ] {
            assert_eq!(Expression::parse(&tree), Err(why), "{tree}");
        }
        let deep = (0..40).fold(json!({"a": 1}), |inner, _| json!({"not": inner}));
        assert_eq!(Expression::parse(&deep), Err(Malformed::TooDeep));
    }

    #[test]
    fn what_has_no_readable_condition_is_shown() {
        let data = Record::new();
        for shown in
            [json!(null), json!({}), json!({"and": 1}), json!({"disabled": true, "eq": {"a": 1}})]
        {
            assert!(shows(&shown, &data), "{shown}");
        }
        assert!(!shows(&json!({"disabled": false, "eq": {"a": 1}}), &data));
    }
}

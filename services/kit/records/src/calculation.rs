//! Values that follow from other values: calculated fields, tally totals, subform summaries.

use serde_json::{Map, Value};

use crate::expression::Expression;
use crate::patch::{UNIQUE_ID, apply, reduce};
use crate::values::is_blank;
use crate::{Field, FieldType, Form, Record, Rules};

/// Calculated fields may build on each other; this many steps deep.
const ROUNDS: usize = 4;

/// What differs from `record`, as a patch.
pub fn calculated(rules: &Rules<'_>, record: &Record) -> Record {
    let (mut state, mut all) = (record.clone(), Record::new());
    for _ in 0..ROUNDS {
        let next = round(rules, &state);
        if next.is_empty() {
            break;
        }
        apply(&mut state, &next);
        apply(&mut all, &next);
    }
    // A value may go astray for a round and come back.
    reduce(record, &all)
}

fn round(rules: &Rules<'_>, state: &Record) -> Record {
    let mut patch = Record::new();
    for form in rules.forms() {
        for field in &form.fields {
            if !patch.contains_key(&field.name)
                && let Some(value) = of_field(rules, form, field, state)
            {
                patch.insert(field.name.clone(), value);
            }
        }
    }
    patch
}

/// The new value of one field of a record or an entry, where it differs.
fn of_field(rules: &Rules<'_>, form: &Form, field: &Field, data: &Record) -> Option<Value> {
    let present = data.get(&field.name).unwrap_or(&Value::Null);
    if !is_blank(&field.subform_summary) {
        return differing(present, summary(&field.subform_summary, data)?);
    }
    match field.field_type {
        FieldType::Calculated => {
            let tree = field.calculation.get("expression").unwrap_or(&field.calculation);
            differing(present, Expression::parse(tree).ok()?.value(data))
        }
        FieldType::TallyField if field.autosum_total => total(present),
        FieldType::NumericField if field.autosum_total => {
            differing(present, group_total(form, field, data)?)
        }
        FieldType::Subform => entries(rules, rules.index.subform(field)?, present),
        _ => None,
    }
}

fn differing(present: &Value, value: Value) -> Option<Value> {
    (present != &value).then_some(value)
}

fn entries(rules: &Rules<'_>, form: &Form, present: &Value) -> Option<Value> {
    let changed: Vec<Value> = present
        .as_array()?
        .iter()
        .filter_map(Value::as_object)
        .filter_map(|entry| {
            let id = entry.get(UNIQUE_ID)?;
            let of =
                |field: &Field| Some((field.name.clone(), of_field(rules, form, field, entry)?));
            let mut patch: Map<String, Value> = form.fields.iter().filter_map(of).collect();
            if patch.is_empty() {
                return None;
            }
            patch.insert(UNIQUE_ID.into(), id.clone());
            Some(Value::Object(patch))
        })
        .collect();
    (!changed.is_empty()).then_some(Value::Array(changed))
}

/// The sum of a tally's own counts; none when nothing is counted.
fn total(present: &Value) -> Option<Value> {
    let counts = present.as_object()?;
    let filled: Vec<i64> = counts
        .iter()
        .filter(|(key, _)| *key != "total")
        .filter_map(|(_, count)| count.as_i64())
        .collect();
    let sum = if filled.is_empty() { Value::Null } else { filled.iter().sum::<i64>().into() };
    let stored = counts.get("total").unwrap_or(&Value::Null);
    (stored != &sum).then(|| Value::Object(Map::from_iter([("total".to_owned(), sum)])))
}

/// The sum of a form's numbers of one group, in the group's field for the total.
fn group_total(form: &Form, total: &Field, data: &Record) -> Option<Value> {
    let group = total.autosum_group.as_deref().filter(|group| !group.is_empty())?;
    let counted = form.fields.iter().filter(|field| {
        field.field_type == FieldType::NumericField
            && !field.autosum_total
            && field.autosum_group.as_deref() == Some(group)
    });
    let filled: Vec<i64> =
        counted.filter_map(|field| data.get(&field.name).and_then(Value::as_i64)).collect();
    Some(if filled.is_empty() { Value::Null } else { filled.iter().sum::<i64>().into() })
}

/// The value of the first or last entry by some field's order; entries without it do not count.
fn summary(rule: &Value, data: &Record) -> Option<Value> {
    let subform = rule.get("subform_field_name")?.as_str()?;
    let (pick, last) = match (rule.get("first"), rule.get("last")) {
        (Some(first), _) if !first.is_null() => (first, false),
        (_, Some(last)) if !last.is_null() => (last, true),
        _ => return None,
    };
    let field = pick.get("field_name")?.as_str()?;
    let order_by = pick.get("order_by").and_then(Value::as_str).unwrap_or(field);
    let descending = pick.get("order").and_then(Value::as_str) == Some("desc");
    let mut rows: Vec<&Record> = data
        .get(subform)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .filter(|row| row.get(order_by).is_some_and(|value| !is_blank(value)))
        .collect();
    rows.sort_by(|left, right| order(&left[order_by], &right[order_by]));
    if descending {
        rows.reverse();
    }
    let row = if last { rows.last() } else { rows.first() };
    Some(row.and_then(|row| row.get(field)).cloned().unwrap_or(Value::Null))
}

fn order(left: &Value, right: &Value) -> std::cmp::Ordering {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(std::cmp::Ordering::Equal)
        }
        (Value::String(left), Value::String(right)) => left.cmp(right),
        _ => std::cmp::Ordering::Equal,
    }
}

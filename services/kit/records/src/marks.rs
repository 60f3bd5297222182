//! Marks: what a record's coded values are found by, one short text per field and value, so that
//! equality, lists of values and short ranges of numbers are a look at a set.
//!
//! Dates and times have none: they are compared where the facets lie.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::query::{Scalar, Test};
use crate::values::{parse_date, parse_time};
use crate::{CatalogIndex, FieldType, Record, RecordType, split};

/// The longest range of whole numbers that is asked for one by one.
const SPAN: i64 = 200;

/// The marks of a record's facets.
pub fn of(facets: &Record) -> BTreeSet<String> {
    let mut marks = BTreeSet::new();
    // Ids have an index of their own.
    for (field, value) in facets.iter().filter(|(field, _)| *field != "id") {
        match value {
            Value::Array(items) => marks.extend(items.iter().filter_map(|one| mark(field, one))),
            one => marks.extend(mark(field, one)),
        }
    }
    marks
}

/// The marks of which a record has at least one exactly if it meets one of the tests; none where
/// marks do not tell.
pub fn wanted(
    index: &CatalogIndex,
    record_type: RecordType,
    field: &str,
    tests: &[Test],
) -> Option<BTreeSet<String>> {
    if split::held(index, record_type, field) != split::Held::Facet {
        return None;
    }
    let mut marks = BTreeSet::new();
    for test in tests {
        match test {
            Test::Equals(Scalar::Bool(true)) => {
                marks.insert(text_mark(field, "true"));
            }
            Test::Equals(Scalar::Bool(false)) if field == "record_state" => {
                marks.insert(text_mark(field, "false"));
            }
            Test::Equals(Scalar::Integer { value, text }) => {
                marks.insert(number_mark(field, *value));
                marks.insert(text_mark(field, text));
            }
            Test::Equals(Scalar::Text(text)) => {
                marks.insert(text_mark(field, text));
            }
            Test::Range { from, to: Some(to) } => {
                marks.extend(range(index, record_type, field, from, to)?);
            }
            // What is not filled has no mark, and moments are compared.
            Test::Equals(Scalar::Bool(false) | Scalar::Date(_) | Scalar::Time(_))
            | Test::Range { to: None, .. } => return None,
        }
    }
    Some(marks)
}

fn range(
    index: &CatalogIndex,
    record_type: RecordType,
    field: &str,
    from: &Scalar,
    to: &Scalar,
) -> Option<BTreeSet<String>> {
    let (Scalar::Integer { value: from, .. }, Scalar::Integer { value: to, .. }) = (from, to)
    else {
        return None;
    };
    let definitions = index.definitions(record_type, field);
    let whole = |at: &crate::FieldRef| index.field_at(*at).field_type == FieldType::NumericField;
    let is_number = !definitions.is_empty() && definitions.iter().all(whole);
    (is_number && to.saturating_sub(*from) <= SPAN)
        .then(|| (*from..=*to).map(|number| number_mark(field, number)).collect())
}

fn mark(field: &str, value: &Value) -> Option<String> {
    match value {
        Value::Bool(one) => Some(text_mark(field, if *one { "true" } else { "false" })),
        Value::Number(number) => number.as_i64().map(|number| number_mark(field, number)),
        Value::String(text) if parse_date(text).is_none() && parse_time(text).is_none() => {
            Some(text_mark(field, text))
        }
        _ => None,
    }
}

fn text_mark(field: &str, text: &str) -> String {
    format!("{field}={text}")
}

fn number_mark(field: &str, number: i64) -> String {
    format!("{field}#{number}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::{Catalog, query};

    fn index() -> CatalogIndex {
        let field = |name: &str, kind: &str| json!({"name": name, "type": kind, "visible": true});
        let mut sex = field("sex", "select_box");
        sex["option_strings_text"] = json!([{"id": "female"}, {"id": "male"}, {"id": "5"}]);
        let catalog = json!({"forms": [{"id": 1, "unique_id": "f", "parent_form": "case",
            "fields": [field("age", "numeric_field"), field("name", "text_field"), sex,
                field("consent", "tick_box"), field("born", "date_field")]}]});
        let catalog: Catalog = serde_json::from_value(catalog).unwrap();
        CatalogIndex::new(Arc::new(catalog))
    }

    fn tests(name: &str, value: &str) -> Vec<Test> {
        let pairs = [(name.to_owned(), value.to_owned())];
        let query::Filter::Field { tests, .. } =
            query::parse(&pairs, &|_| true).unwrap().filters.remove(0)
        else {
            panic!("a field's filter");
        };
        tests
    }

    /// What marks say of a record, which must be what the filter itself says.
    fn told(name: &str, value: &str, facets: &serde_json::Value) -> Option<bool> {
        let index = index();
        let wanted = wanted(&index, RecordType::Case, name, &tests(name, value))?;
        let facets = facets.as_object().unwrap();
        let by_marks = !of(facets).is_disjoint(&wanted);
        let held = facets.get(name).unwrap_or(&Value::Null);
        let by_values = tests(name, value).iter().any(|test| query::meets(test, held));
        assert_eq!(by_marks, by_values, "{name}={value} on {facets:?}");
        Some(by_marks)
    }

    #[test]
    fn marks_say_what_the_filter_says() {
        let facets = json!({"age": 7, "sex": ["female", "5"], "consent": true});
        for (name, value, wanted) in [
            ("age", "7", true),
            ("age", "07", true),
            ("age", "8", false),
            ("age", "5..7", true),
            ("age", "8..12", false),
            ("sex", "female", true),
            ("sex", "male,female", true),
            ("sex", "male", false),
            ("sex", "5", true),
            ("consent", "true", true),
        ] {
            assert_eq!(told(name, value, &facets), Some(wanted), "{name}={value}");
        }
    }

    #[test]
    fn what_marks_do_not_tell_is_asked_of_the_values() {
        let facets = json!({"age": 7, "born": "2020-01-01"});
        for (name, value) in [
            ("consent", "false"),
            ("born", "2020-01-01"),
            ("born", "2019-01-01..2021-01-01"),
            ("age", "5.."),
            ("age", "1..100000"),
            ("sex", "1..5"),
            ("name", "Rana"),
        ] {
            assert_eq!(told(name, value, &facets), None, "{name}={value}");
        }
        assert!(of(facets.as_object().unwrap()).contains("age#7"));
        assert_eq!(of(facets.as_object().unwrap()).len(), 1);
    }
}

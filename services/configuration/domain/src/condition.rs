//! The shape of display conditions: trees of comparisons joined by `and`, `or`, `not`.

use serde_json::Value;

/// Whether a value can be evaluated as a condition. `{}` is no condition, which always holds.
pub fn is_condition(value: &Value) -> bool {
    let Some(members) = value.as_object() else { return value.is_null() };
    members.iter().all(|(operator, operand)| match operator.as_str() {
        "and" | "or" => operand.as_array().is_some_and(|all| all.iter().all(is_condition)),
        "not" => {
            is_condition(operand)
                || operand.as_array().is_some_and(|all| all.iter().all(is_condition))
        }
        "eq" | "gt" | "ge" | "lt" | "le" | "in" => operand.is_object() || operand.is_array(),
        // A bare `{field: value}` is a comparison for equality.
        _ => !operator.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn trees_of_comparisons_are_conditions() {
        assert!(is_condition(&json!({})));
        assert!(is_condition(&json!({"and": [{"eq": {"sex": "female"}}, {"not": {"age": 3}}]})));
        assert!(!is_condition(&json!({"and": {"eq": {"sex": "female"}}})));
        assert!(!is_condition(&json!({"or": ["sex"]})));
        assert!(!is_condition(&json!({"eq": true})));
    }
}

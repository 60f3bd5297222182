//! UNHCR needs codes, mapped from protection concerns where the tenant wants it.

use kit_records::Record;
use serde_json::Value;

use crate::Context;

/// Sets `unhcr_needs_codes` from `protection_concerns` if the system settings say so.
pub fn map(context: &Context, record: &mut Record) {
    let Some(rule) = context.index.settings.get("unhcr_needs_codes_mapping") else { return };
    if rule.get("autocalculate") != Some(&Value::Bool(true)) {
        return;
    }
    let Some(mapping) = rule.get("mapping").and_then(Value::as_object) else { return };
    let concerns = record.get("protection_concerns").and_then(Value::as_array);
    let mut codes: Vec<Value> = Vec::new();
    for concern in concerns.into_iter().flatten().filter_map(Value::as_str) {
        if let Some(code) = mapping.get(concern).filter(|code| !codes.contains(code)) {
            codes.push(code.clone());
        }
    }
    if !codes.is_empty() || record.contains_key("unhcr_needs_codes") {
        record.insert("unhcr_needs_codes".into(), Value::Array(codes));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{context, record};

    #[test]
    fn concerns_become_codes_each_once() {
        let mut values = record(
            json!({"protection_concerns": ["unaccompanied", "other", "separated", "orphan"]}),
        );
        map(&context(), &mut values);
        assert_eq!(values["unhcr_needs_codes"], json!(["sc-uc", "sc-sc"]));
        values.insert("protection_concerns".into(), json!([]));
        map(&context(), &mut values);
        assert_eq!(values["unhcr_needs_codes"], json!([]));
    }

    #[test]
    fn a_record_without_concerns_gets_no_field() {
        let mut values = record(json!({"protection_concerns": []}));
        map(&context(), &mut values);
        assert!(!values.contains_key("unhcr_needs_codes"));
    }
}

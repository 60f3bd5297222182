//! Whether the services of a case have been implemented.

use kit_records::Record;
use serde_json::{Value, json};

use crate::fields::{entries, is_filled};

/// Marks each service as implemented once it has the day of it, and as not implemented from the
/// moment that its type is known.
pub fn mark_implemented(values: &mut Record) {
    let services = values.get_mut("services_section").and_then(Value::as_array_mut);
    for service in services.into_iter().flatten().filter_map(Value::as_object_mut) {
        let mark = if is_filled(service, "service_implemented_day_time") {
            "implemented"
        } else if is_filled(service, "service_type") {
            "not_implemented"
        } else {
            continue;
        };
        service.insert("service_implemented".into(), json!(mark));
    }
}

/// Whether there are services and all of them have been implemented.
pub fn all_implemented(values: &Record) -> bool {
    let mut services = entries(values, "services_section").peekable();
    services.peek().is_some()
        && services.all(|one| one.get("service_implemented") == Some(&json!("implemented")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    #[test]
    fn the_day_it_was_done_decides_over_what_was_entered() {
        let mut values = record(json!({"services_section": [
            {"unique_id": "a", "service_type": "health", "service_implemented_day_time": "2026-01-02T10:00:00.000Z"},
            {"unique_id": "b", "service_type": "health", "service_implemented": "implemented"},
            {"unique_id": "c", "service_implemented": "implemented"},
            {"unique_id": "d"},
        ]}));
        mark_implemented(&mut values);
        let marks: Vec<_> = entries(&values, "services_section")
            .map(|one| one.get("service_implemented").and_then(Value::as_str))
            .collect();
        assert_eq!(
            marks,
            [Some("implemented"), Some("not_implemented"), Some("implemented"), None]
        );
    }

    #[test]
    fn no_services_are_not_implemented_services() {
        assert!(!all_implemented(&record(json!({"services_section": []}))));
        assert!(!all_implemented(&record(json!({}))));
        let done = json!({"services_section": [{"service_implemented": "implemented"}]});
        assert!(all_implemented(&record(done)));
    }
}

//! Dashboards of grave violations: open incidents by what was done, where, and how far that is
//! verified.

use std::collections::BTreeMap;

use kit_records::RecordType;
use kit_records::system;
use serde_json::{Map, Value, json};

use super::ask::Span;
use super::dashboards::{Desk, number};
use super::tally::BETWEEN;
use super::told::place_field;

/// A number of each value, and of each value of another field below it.
type Nested<'a> = BTreeMap<(&'a str, &'a str), i64>;

impl Desk {
    /// By violation and how far it is verified.
    pub fn violations(&self) -> Value {
        let found = self.counted("incident.violation", Span::Ever);
        let by: Nested<'_> =
            found.into_iter().filter_map(|(key, n)| Some((parts_of(key)?, n))).collect();
        nested(&by, |kind, status| {
            let key = format!("{kind}_{status}");
            self.open().is("violation_with_verification_status", &key)
        })
    }

    /// By place, at the level of the caller's reports, and violation.
    pub fn regions(&self) -> Value {
        let mut by = Nested::new();
        for (key, records) in self.counted("incident.category_place", Span::Ever) {
            let Some((place, category)) = key.split_once(BETWEEN) else { continue };
            if let Some(above) = self.places.get(place) {
                *by.entry((above, category)).or_default() += records;
            }
        }
        let place = format!("loc:{}", place_field(&self.catalog, RecordType::Incident));
        nested(&by, |above, category| {
            self.open().is("violation_category", category).is(&place, above)
        })
    }
}

/// The violation and the status of `killing_verified`.
fn parts_of(key: &str) -> Option<(&str, &str)> {
    system::VIOLATIONS.into_iter().find_map(|kind| {
        let status = key.strip_prefix(kind)?.strip_prefix('_')?;
        Some((kind, status))
    })
}

fn nested(by: &Nested<'_>, query: impl Fn(&str, &str) -> super::query::Query) -> Value {
    let mut all: Map<String, Value> = Map::new();
    for ((one, other), records) in by {
        let told = number(*records, &query(one, other));
        all.entry(*one).or_insert_with(|| json!({}))[*other] = told;
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_is_told_from_its_status() {
        let wanted = Some(("attack_on_schools", "report_pending_verification"));
        assert_eq!(parts_of("attack_on_schools_report_pending_verification"), wanted);
        assert_eq!(parts_of("attack_on_bridges_verified"), None);
    }
}

//! Grave violations against children, as the monitoring and reporting of them knows them.
//!
//! Violations are entries on the incident, in a list named by their type. Sources, perpetrators
//! and victims belong to any number of them, by `violations_ids`; a response to one. An entry that
//! belongs to none is not kept.

mod facts;

use std::collections::BTreeSet;

use jiff::civil::Date;
use kit_dossier::fields::{entries, text};
use kit_records::Record;
use kit_records::patch::entry_id;
use serde_json::{Value, json};

use crate::dates::{day, end_of_quarter};

pub use facts::{COMPUTED, derived};

/// The types of violation, each a list on the incident.
pub const TYPES: [&str; 10] = kit_records::system::VIOLATIONS;
/// What belongs to violations.
pub const ASSOCIATED: [&str; 5] =
    ["sources", "perpetrators", "individual_victims", "group_victims", "responses"];
/// All lists that [`settle`] may change.
pub const LISTS: [&str; 15] = {
    let mut lists = [""; 15];
    let mut at = 0;
    while at < 15 {
        lists[at] = if at < 10 { TYPES[at] } else { ASSOCIATED[at - 10] };
        at += 1;
    }
    lists
};

/// The field in which an associated entry names its violations.
const BELONGS_TO: &str = "violations_ids";

/// Whether a type of violation is a grave one.
pub fn is_grave(kind: &str) -> bool {
    TYPES.contains(&kind) && !matches!(kind, "military_use" | "deprivation_liberty")
}

/// Whether a type is counted by its victims, and not by how often it happened.
pub fn is_counted_by_victims(kind: &str) -> bool {
    matches!(kind, "killing" | "maiming" | "recruitment" | "sexual_violence" | "abduction")
}

/// Completes the values after a change: says which violations were verified late, and lets go of
/// what belongs to none of them.
pub fn settle(values: &mut Record) {
    let due = verification_due(values);
    for kind in TYPES {
        let list = values.get_mut(kind).and_then(Value::as_array_mut);
        for violation in list.into_iter().flatten().filter_map(Value::as_object_mut) {
            let late = is_late(violation, due);
            violation.insert("is_late_verification".into(), json!(late));
        }
    }
    let living: BTreeSet<String> = TYPES
        .iter()
        .flat_map(|kind| values.get(*kind).and_then(Value::as_array).into_iter().flatten())
        .filter_map(|violation| entry_id(violation).map(str::to_owned))
        .collect();
    for name in ASSOCIATED {
        if let Some(list) = values.get_mut(name).and_then(Value::as_array_mut) {
            list.retain_mut(|entry| belongs(entry, &living));
        }
    }
}

/// Drops violations that are gone from what an entry belongs to; says whether any is left.
fn belongs(entry: &mut Value, living: &BTreeSet<String>) -> bool {
    let is_living = |id: &Value| id.as_str().is_some_and(|id| living.contains(id));
    match entry.get_mut(BELONGS_TO) {
        Some(Value::Array(ids)) => {
            ids.retain(is_living);
            !ids.is_empty()
        }
        Some(id) => is_living(id),
        None => false,
    }
}

/// The last day on which a verification is in time: the end of the quarter in which it happened.
/// While something goes on, no verification is late.
fn verification_due(values: &Record) -> Option<Date> {
    let happened = if values.get("is_incident_date_range").is_some_and(is_true) {
        day(values, "incident_date_end")
    } else {
        day(values, "incident_date")
    };
    happened.filter(|_| day(values, "incident_date").is_some()).map(end_of_quarter)
}

fn is_late(violation: &Record, due: Option<Date>) -> bool {
    let verified = day(violation, "ctfmr_verified_date")
        .filter(|_| text(violation, "ctfmr_verified") == Some("verified"));
    matches!((verified, due), (Some(verified), Some(due)) if verified > due)
}

fn is_true(value: &Value) -> bool {
    value == &Value::Bool(true) || value.as_str() == Some("true")
}

/// All violations, each with its type.
fn all(values: &Record) -> impl Iterator<Item = (&'static str, &Record)> {
    TYPES.into_iter().flat_map(|kind| entries(values, kind).map(move |one| (kind, one)))
}

#[cfg(test)]
mod tests {
    use kit_dossier::given::record;

    use super::*;

    const ONE: &str = "0d8a7a9e-6f5f-4a4e-9b1e-2f6f4f7f9a01";
    const TWO: &str = "0d8a7a9e-6f5f-4a4e-9b1e-2f6f4f7f9a02";

    fn settled(values: Value) -> Record {
        let mut values = record(values);
        settle(&mut values);
        values
    }

    #[test]
    fn sources_and_victims_belong_to_many_and_to_at_least_one() {
        let values = settled(json!({
            "killing": [{"unique_id": ONE}], "abduction": [{"unique_id": TWO}],
            "sources": [
                {"unique_id": "a", "violations_ids": [ONE, TWO]},
                {"unique_id": "b", "violations_ids": ["gone"]},
                {"unique_id": "c"},
            ],
            "individual_victims": [{"unique_id": "d", "violations_ids": [TWO, "gone"]}],
            "responses": [
                {"unique_id": "e", "violations_ids": ONE}, {"unique_id": "f", "violations_ids": []},
            ],
        }));
        assert_eq!(values["sources"], json!([{"unique_id": "a", "violations_ids": [ONE, TWO]}]));
        let victims = json!([{"unique_id": "d", "violations_ids": [TWO]}]);
        assert_eq!(values["individual_victims"], victims);
        assert_eq!(values["responses"], json!([{"unique_id": "e", "violations_ids": ONE}]));
    }

    fn late(incident: Value, verified: &str) -> bool {
        let mut values = record(incident);
        let violation = json!({
            "unique_id": ONE, "ctfmr_verified": "verified", "ctfmr_verified_date": verified,
        });
        values.insert("killing".into(), json!([violation]));
        settle(&mut values);
        values["killing"][0]["is_late_verification"] == true
    }

    #[test]
    fn a_verification_is_late_after_the_quarter_of_the_incident() {
        let incident = json!({"incident_date": "2026-02-10"});
        assert!(!late(incident.clone(), "2026-03-31"));
        assert!(late(incident, "2026-04-01"));
        assert!(!late(json!({}), "2026-04-01"), "without a date nothing is late");
    }

    #[test]
    fn of_what_took_long_the_end_counts() {
        let ended = json!({
            "incident_date": "2026-01-10", "incident_date_end": "2026-05-01",
            "is_incident_date_range": true,
        });
        assert!(!late(ended.clone(), "2026-06-30"));
        assert!(late(ended, "2026-07-01"));
        let going_on = json!({"incident_date": "2024-01-10", "is_incident_date_range": true});
        assert!(!late(going_on, "2026-07-01"));
    }

    #[test]
    fn only_what_is_verified_is_verified_late() {
        let values = settled(json!({
            "incident_date": "2026-02-10",
            "maiming": [{"unique_id": ONE, "ctfmr_verified": "not_mrm", "ctfmr_verified_date": "2026-09-01"}],
        }));
        assert_eq!(values["maiming"][0]["is_late_verification"], false);
    }

    #[test]
    fn eight_types_are_grave_and_five_are_counted_by_victims() {
        assert_eq!(TYPES.into_iter().filter(|kind| is_grave(kind)).count(), 8);
        assert_eq!(TYPES.into_iter().filter(|kind| is_counted_by_victims(kind)).count(), 5);
        assert_eq!(LISTS[..10], TYPES);
        assert_eq!(LISTS[10..], ASSOCIATED);
    }
}

//! What violations, victims and perpetrators say, collected on the incident for filters.

use kit_dossier::fields::{entries, is_filled};
use kit_records::Record;
use serde_json::{Value, json};

use super::{BELONGS_TO, all, is_true};

/// The collected field, the list of entries and their field.
const COLLECTED: [(&str, &str, &str); 8] = [
    ("individual_age", "individual_victims", "individual_age"),
    ("individual_sex", "individual_victims", "individual_sex"),
    (
        "victim_deprived_liberty_security_reasons",
        "individual_victims",
        "victim_deprived_liberty_security_reasons",
    ),
    ("reasons_deprivation_liberty", "individual_victims", "reasons_deprivation_liberty"),
    ("victim_facilty_victims_held", "individual_victims", "facilty_victims_held"),
    (
        "torture_punishment_while_deprivated_liberty",
        "individual_victims",
        "torture_punishment_while_deprivated_liberty",
    ),
    ("armed_force_group_party_names", "perpetrators", "armed_force_group_party_name"),
    ("perpetrator_category", "perpetrators", "perpetrator_category"),
];

/// The collected field and the field of each violation.
const OF_VIOLATIONS: [(&str, &str); 10] = [
    ("verification_status", "ctfmr_verified"),
    ("ctfmr_verified_date", "ctfmr_verified_date"),
    ("verified_ghn_reported", "verified_ghn_reported"),
    ("weapon_type", "weapon_type"),
    ("facility_impact", "facility_impact"),
    ("facility_attack_type", "facility_attack_type"),
    ("child_role", "child_role"),
    ("abduction_purpose_single", "abduction_purpose_single"),
    ("military_use_type", "military_use_type"),
    ("types_of_aid_disrupted_denial", "types_of_aid_disrupted_denial"),
];

/// The collected field that names type and value, and the field of each violation.
const WITH_TYPE: [(&str, &str); 4] = [
    ("violation_with_verification_status", "ctfmr_verified"),
    ("violation_with_weapon_type", "weapon_type"),
    ("violation_with_facility_impact", "facility_impact"),
    ("violation_with_facility_attack_type", "facility_attack_type"),
];

/// Every field that is collected here.
pub const COMPUTED: [&str; 26] = {
    let mut names = [""; 26];
    let mut at = 0;
    while at < 22 {
        names[at] = if at < 8 {
            COLLECTED[at].0
        } else if at < 18 {
            OF_VIOLATIONS[at - 8].0
        } else {
            WITH_TYPE[at - 18].0
        };
        at += 1;
    }
    names[22] = "individual_violations";
    names[23] = "late_verified_violations";
    names[24] = "has_late_verified_violations";
    names[25] = "child_types";
    names
};

/// The tally's keys that count children.
const CHILDREN: [&str; 3] = ["boys", "girls", "unknown"];

/// The collected fields; none of an incident without violations.
pub fn derived(values: &Record) -> Record {
    let mut fields = Record::new();
    if all(values).next().is_none() {
        return fields;
    }
    for (name, list, field) in COLLECTED {
        put(&mut fields, name, entries(values, list).flat_map(|one| each(one, field)));
    }
    for (name, field) in OF_VIOLATIONS {
        put(&mut fields, name, all(values).flat_map(|(_, one)| each(one, field)));
    }
    for (name, field) in WITH_TYPE {
        let typed = all(values).flat_map(|(kind, one)| {
            let codes = each(one, field).into_iter();
            codes.filter_map(move |code| Some(json!(format!("{kind}_{}", code.as_str()?))))
        });
        put(&mut fields, name, typed);
    }
    put(&mut fields, "individual_violations", of_individuals(values));
    let late = all(values).filter(|(_, one)| one.get("is_late_verification").is_some_and(is_true));
    let late: Vec<Value> = late.map(|(kind, _)| json!(kind)).collect();
    fields.insert("has_late_verified_violations".into(), json!(!late.is_empty()));
    put(&mut fields, "late_verified_violations", late);
    put(&mut fields, "child_types", child_types(values));
    fields
}

/// Types of the violations whose victims are known one by one.
fn of_individuals(values: &Record) -> Vec<Value> {
    let named: Vec<Value> =
        entries(values, "individual_victims").flat_map(|victim| each(victim, BELONGS_TO)).collect();
    let is_named = |one: &Record| one.get("unique_id").is_some_and(|id| named.contains(id));
    all(values).filter(|(_, one)| is_named(one)).map(|(kind, _)| json!(kind)).collect()
}

/// Which children were counted at all.
fn child_types(values: &Record) -> Vec<Value> {
    let counted = |key: &str| {
        all(values).any(|(_, one)| {
            let tally = one.get("violation_tally").and_then(|tally| tally.get(key));
            tally.and_then(Value::as_i64).is_some_and(|count| count > 0)
        })
    };
    CHILDREN.into_iter().filter(|key| counted(key)).map(|key| json!(key)).collect()
}

/// The values of a field, of which a list has several.
fn each(entry: &Record, field: &str) -> Vec<Value> {
    match entry.get(field) {
        Some(Value::Array(several)) => several.clone(),
        Some(value) if is_filled(entry, field) => vec![value.clone()],
        _ => Vec::new(),
    }
}

/// Each value once, if there is any.
fn put(fields: &mut Record, name: &str, values: impl IntoIterator<Item = Value>) {
    let mut once: Vec<Value> = Vec::new();
    for value in values {
        if !once.contains(&value) {
            once.push(value);
        }
    }
    if !once.is_empty() {
        fields.insert(name.to_owned(), Value::Array(once));
    }
}

#[cfg(test)]
mod tests {
    use kit_dossier::given::record;

    use super::*;

    #[test]
    fn an_incident_without_violations_collects_nothing() {
        assert_eq!(derived(&record(json!({"individual_victims": [{}]}))), Record::new());
    }

    #[test]
    fn what_filters_ask_for_is_collected_once() {
        let values = record(json!({
            "killing": [
                {"unique_id": "k1", "ctfmr_verified": "verified", "weapon_type": "airstrike",
                 "is_late_verification": true, "violation_tally": {"boys": 2, "girls": 0, "total": 2}},
                {"unique_id": "k2", "ctfmr_verified": "verified", "weapon_type": ["airstrike", "other"]},
            ],
            "attack_on_schools": [{"unique_id": "s", "ctfmr_verified": "not_mrm",
                "facility_impact": "total_destruction", "violation_tally": {"unknown": 1}}],
            "individual_victims": [{"individual_sex": "male", "violations_ids": ["k1"]}],
            "perpetrators": [{"armed_force_group_party_name": "armed_force_1", "violations_ids": ["k2"]}],
        }));
        assert_eq!(
            Value::Object(derived(&values)),
            json!({
                "individual_sex": ["male"],
                "armed_force_group_party_names": ["armed_force_1"],
                "verification_status": ["verified", "not_mrm"],
                "weapon_type": ["airstrike", "other"],
                "facility_impact": ["total_destruction"],
                "violation_with_verification_status": ["killing_verified", "attack_on_schools_not_mrm"],
                "violation_with_weapon_type": ["killing_airstrike", "killing_other"],
                "violation_with_facility_impact": ["attack_on_schools_total_destruction"],
                "individual_violations": ["killing"],
                "late_verified_violations": ["killing"],
                "has_late_verified_violations": true,
                "child_types": ["boys", "unknown"],
            })
        );
    }

    #[test]
    fn every_collected_field_is_named_once() {
        let names: std::collections::BTreeSet<&str> = COMPUTED.into_iter().collect();
        assert_eq!(names.len(), COMPUTED.len());
        assert!(!names.contains(""));
    }
}

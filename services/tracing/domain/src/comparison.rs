//! A case and a trace side by side, field by field, as the reference shows them; and what a
//! proposal rests on.

use kit_dossier::fields::entries;
use kit_matching::Line;
use kit_records::Record;
use kit_records::values::is_blank;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::trace::Basis;

/// Fields of the child.
const CHILD: [&str; 20] = [
    "name",
    "name_nickname",
    "name_other",
    "sex",
    "age",
    "date_of_birth",
    "nationality",
    "ethnicity",
    "religion",
    "language",
    "location_last",
    "telephone_last",
    "location_birth",
    "location_current",
    "address_current",
    "date_of_separation",
    "separation_cause",
    "separation_cause_other",
    "location_before_separation",
    "location_separation",
];

/// Fields of the inquirer, and of each relative of the child.
const INQUIRER: [&str; 11] = [
    "relation",
    "relation_name",
    "relation_nickname",
    "relation_language",
    "relation_religion",
    "relation_ethnicity",
    "relation_nationality",
    "relation_other_family",
    "relation_telephone",
    "relation_location_current",
    "relation_address_current",
];

/// What a request calls the things that a case says of the child itself.
const CORRESPONDING: [&str; 4] = ["nationality", "ethnicity", "religion", "language"];

/// One side, as far as it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    pub shown: &'a Record,
    /// Whether what is not there is blank; else it is only not shown.
    pub is_whole: bool,
}

impl Side<'_> {
    fn tells(&self, field: &str) -> bool {
        self.is_whole || self.shown.contains_key(field)
    }
}

/// `comparison` of the reference: of what both sides show, and of nothing else. `trace` is the
/// request's fields with those of the trace before them.
pub fn compared(case: Side<'_>, trace: Side<'_>) -> Value {
    let told = |field: &&&str| case.tells(field) && trace.tells(field);
    let (case, trace) = (case.shown, trace.shown);
    let of_child = CHILD.iter().filter(told).map(|field| {
        let also = format!("relation_{field}");
        let theirs = match trace.get(*field) {
            None if CORRESPONDING.contains(field) => trace.get(&also),
            found => found,
        };
        line(field, case.get(*field), theirs)
    });
    let of_member = |member: &Record| -> Value {
        INQUIRER
            .iter()
            .filter(told)
            .map(|field| line(field, member.get(*field), trace.get(*field)))
            .collect()
    };
    let family: Value = entries(case, "family_details_section").map(of_member).collect();
    json!({"case_to_trace": of_child.collect::<Value>(), "family_to_inquirer": family})
}

fn line(field: &str, case: Option<&Value>, trace: Option<&Value>) -> Value {
    let filled = |value: Option<&Value>| value.filter(|value| !is_blank(value)).cloned();
    let (case, trace) = (filled(case), filled(trace));
    let verdict = match (&case, &trace) {
        (None, None) => "blank",
        (Some(case), Some(trace)) if agree(case, trace) => "match",
        _ => "mismatch",
    };
    json!({"field_name": field, "match": verdict, "case_value": case, "trace_value": trace})
}

/// Equal, or every word of the case's value is one of the trace's.
fn agree(case: &Value, trace: &Value) -> bool {
    if case == trace {
        return true;
    }
    let (case, trace) = (words(case), words(trace));
    !case.is_empty() && case.iter().all(|word| trace.contains(word))
}

fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.split_whitespace().map(str::to_lowercase).collect(),
        Value::Array(values) => values.iter().flat_map(words).collect(),
        other => vec![other.to_string()],
    }
}

/// What a proposal rests on: what was found in each field, in the order of the fields. Weights
/// and how rare a name is change with others' records, and do not count.
pub fn basis(lines: &[Line]) -> Basis {
    let mut told: Vec<String> = lines
        .iter()
        .map(|line| {
            let mut reason = serde_json::to_value(line.reason).unwrap_or_default();
            if let Some(reason) = reason.as_object_mut() {
                reason.shift_remove("one_in");
            }
            format!("{:?}{reason}", line.field)
        })
        .collect();
    told.sort_unstable();
    let sum = Sha256::digest(told.join("\n").as_bytes());
    // As many bits as a number in JSON carries.
    sum.iter().take(6).fold(0, |basis, byte| basis << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use kit_dossier::given::record;
    use kit_matching::{Field, Reason};

    use super::*;

    #[test]
    fn each_field_is_a_match_a_mismatch_or_blank() {
        let case = record(json!({
            "name": "Salma Haddad", "age": 6, "sex": "female", "nationality": ["syria"],
            "family_details_section": [{"relation": "father", "relation_name": "Karim Haddad"}],
        }));
        let trace = record(json!({
            "name": "salma karim haddad", "age": 7, "relation_nationality": ["syria"],
            "relation": "father", "relation_name": "Omar",
        }));
        let whole = |shown| Side { shown, is_whole: true };
        let part = Side { shown: &case, is_whole: false };
        let lines = compared(part, whole(&trace))["case_to_trace"].as_array().unwrap().len();
        assert_eq!(lines, 4, "what is not shown is neither equal nor different");
        let compared = compared(whole(&case), whole(&trace));
        let verdict = |field: &str| {
            let lines = compared["case_to_trace"].as_array().unwrap();
            lines.iter().find(|line| line["field_name"] == field).unwrap()["match"].clone()
        };
        assert_eq!(verdict("name"), "match");
        assert_eq!(verdict("age"), "mismatch");
        assert_eq!(verdict("sex"), "mismatch");
        assert_eq!(verdict("nationality"), "match");
        assert_eq!(verdict("religion"), "blank");
        let father = &compared["family_to_inquirer"][0];
        assert_eq!(
            (&father[0]["match"], &father[1]["match"]),
            (&json!("match"), &json!("mismatch"))
        );
    }

    #[test]
    fn a_basis_is_what_was_found_and_not_how_rare_it_is() {
        let line = |one_in, weight| Line {
            field: Field::Phone,
            reason: Reason::SameValue { one_in },
            weight,
        };
        assert_eq!(basis(&[line(1, 2.0)]), basis(&[line(9, 3.0)]));
        let other = Line { reason: Reason::OtherValue, ..line(1, 2.0) };
        assert_ne!(basis(&[line(1, 2.0)]), basis(&[other]));
        assert!(basis(&[line(1, 2.0)]) < 1 << 53);
    }
}

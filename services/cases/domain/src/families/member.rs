//! A member of a family as a case, and a case as a member of a family.

use kit_records::Record;
use serde_json::{Value, json};

/// What a member's entry and a case call the same thing.
const SAME: [(&str, &str); 18] = [
    ("relation_nickname", "name_nickname"),
    ("relation_sex", "sex"),
    ("relation_age", "age"),
    ("relation_date_of_birth", "date_of_birth"),
    ("relation_age_estimated", "estimated"),
    ("relation_national_id", "national_id_no"),
    ("relation_other_id", "other_id_no"),
    ("relation_ethnicity", "ethnicity"),
    ("relation_sub_ethnicity1", "sub_ethnicity_1"),
    ("relation_sub_ethnicity2", "sub_ethnicity_2"),
    ("relation_language", "language"),
    ("relation_religion", "religion"),
    ("relation_address_current", "address_current"),
    ("relation_landmark_current", "landmark_current"),
    ("relation_location_current", "location_current"),
    ("relation_address_is_permanent", "address_is_permanent"),
    ("relation_telephone", "telephone_current"),
    ("relation_name", "name"),
];

/// The fields of a new case for a member of a family: theirs, the name in its parts as well, and
/// what they share with the family's other cases stays in the family.
pub fn case_of(member: &Record) -> Record {
    let filled = |name: &str| member.get(name).filter(|value| !value.is_null()).cloned();
    let mut case: Record = SAME
        .into_iter()
        .filter_map(|(of_member, of_case)| Some((of_case.to_owned(), filled(of_member)?)))
        .collect();
    let name = member.get("relation_name").and_then(Value::as_str).unwrap_or_default();
    case.extend(parts(name).into_iter().map(|(field, part)| (field.to_owned(), json!(part))));
    case
}

/// A case's child as a member of its family.
pub fn member_of(case: &Record, unique_id: &str) -> Record {
    let filled = |name: &str| case.get(name).filter(|value| !value.is_null()).cloned();
    let mut member: Record = SAME
        .into_iter()
        .filter_map(|(of_member, of_case)| Some((of_member.to_owned(), filled(of_case)?)))
        .collect();
    member.insert("unique_id".into(), json!(unique_id));
    member
}

/// First name, names between, last name.
fn parts(name: &str) -> Vec<(&'static str, String)> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let mut parts = Vec::new();
    if let Some(first) = words.first() {
        parts.push(("name_first", (*first).to_owned()));
    }
    if words.len() > 2 {
        parts.push(("name_middle", words[1..words.len() - 1].join(" ")));
    }
    if let Some(last) = words.last().filter(|_| words.len() > 1) {
        parts.push(("name_last", (*last).to_owned()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(value: Value) -> Record {
        let Value::Object(record) = value else { panic!("no object") };
        record
    }

    #[test]
    fn a_member_becomes_a_case_with_a_name_in_parts() {
        let member = record(json!({"relation_name": "Lina Abu Said", "relation_age": 10,
            "relation_sex": null, "family_relationship": "head"}));
        let case = record(json!({"name": "Lina Abu Said", "name_first": "Lina",
            "name_middle": "Abu", "name_last": "Said", "age": 10}));
        assert_eq!(case_of(&member), case);
        assert_eq!(parts("Lina"), [("name_first", "Lina".to_owned())]);
        assert_eq!(parts("  "), []);
    }

    #[test]
    fn there_and_back_is_the_same_person() {
        let case = record(json!({"name": "Sami", "age": 8, "sex": "male", "status": "open"}));
        let member = member_of(&case, "m1");
        assert_eq!(member["relation_age"], 8);
        let back = case_of(&member);
        for name in ["name", "age", "sex"] {
            assert_eq!(back[name], case[name], "{name}");
        }
        assert!(!back.contains_key("status"));
    }
}

//! One person, told by a case and by its family: which side keeps what.

use kit_records::Record;
use serde_json::{Value, json};

/// The relatives, as a case tells of them.
pub const DETAILS: &str = "family_details_section";
/// The same people, as their family does.
pub const MEMBERS: &str = "family_members";
/// Fields of the family that are shown and changed through its cases.
pub const SHARED: [&str; 3] = ["family_number", "family_size", "family_notes"];

/// What of an entry holds from the child's side only.
const OF_CASE: [&str; 9] = [
    "relation",
    "relation_is_caregiver",
    "relation_lives_with_child",
    "relation_child_lived_with_pre_separation",
    "relation_child_is_in_contact",
    "relation_child_is_separated_from",
    "relation_other_family",
    "child_consent_relation_contact",
    "no_consent_provide_details",
];
/// What of an entry holds from the family's side only, and no case changes.
const OF_FAMILY: [&str; 6] = [
    "family_relationship",
    "family_relation_is_caregiver",
    "family_relationship_notes",
    "family_relationship_notes_additional",
    "case_id",
    "case_id_display",
];
/// What names the case of a member.
pub const LINKS: [&str; 2] = ["case_id", "case_id_display"];
const ID: &str = "unique_id";
const DESTROY: &str = "_destroy";
/// Told to readers, kept by nobody.
const TOLD: &str = "can_read_record";

/// Details as a case sends them, divided: what the case keeps, and what goes to the family's
/// members. Entries have their ids already.
pub fn divided(details: &Value) -> (Vec<Value>, Vec<Value>) {
    let entries = details.as_array().into_iter().flatten().filter_map(Value::as_object);
    let pick = |entry: &Record, keep: &dyn Fn(&str) -> bool| -> Value {
        let kept = entry.iter().filter(|(name, _)| keep(name));
        Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
    };
    let own = |name: &str| name == ID || name == DESTROY;
    let of_case = |name: &str| own(name) || OF_CASE.contains(&name);
    let of_both = |name: &str| {
        own(name) || !(OF_CASE.contains(&name) || OF_FAMILY.contains(&name) || name == TOLD)
    };
    entries.map(|entry| (pick(entry, &of_case), pick(entry, &of_both))).unzip()
}

/// The details that a case shows: the family's members but itself, each with what the case keeps
/// of them.
pub fn shown_details(members: &Value, itself: Option<&str>, kept: &Value) -> Vec<Value> {
    let of_case = |id: Option<&str>| {
        let kept = kept.as_array().into_iter().flatten();
        kept.filter_map(Value::as_object).find(|one| id.is_some() && id_of(one) == id)
    };
    let members = members.as_array().into_iter().flatten().filter_map(Value::as_object);
    let others = members.filter(|member| itself.is_none() || id_of(member) != itself);
    others
        .map(|member| {
            let mut shown: Record = member.clone();
            shown.retain(|name, _| !OF_FAMILY[..4].contains(&name.as_str()));
            let own = of_case(id_of(member)).into_iter().flatten();
            shown.extend(
                own.filter(|(name, _)| OF_CASE.contains(&name.as_str()))
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
            json!(shown)
        })
        .collect()
}

/// The id of an entry.
pub fn id_of(entry: &Record) -> Option<&str> {
    entry.get(ID).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_side_keeps_never_reaches_the_other() {
        let details = json!([{"unique_id": "m1", "relation": "mother", "relation_name": "Lina",
            "family_relationship": "head", "case_id": "forged", "can_read_record": true}]);
        let (kept, members) = divided(&details);
        assert_eq!(kept, [json!({"unique_id": "m1", "relation": "mother"})]);
        assert_eq!(members, [json!({"unique_id": "m1", "relation_name": "Lina"})]);
    }

    #[test]
    fn a_case_shows_the_family_but_itself() {
        let members = json!([
            {"unique_id": "m1", "relation_name": "Lina", "family_relationship": "head"},
            {"unique_id": "m2", "relation_name": "Itself", "case_id": "c"},
            {"unique_id": "m3", "relation_name": "Sami", "case_id": "d", "relation": "not theirs"}
        ]);
        let kept = json!([{"unique_id": "m1", "relation": "mother", "relation_name": "old"}]);
        let shown = shown_details(&members, Some("m2"), &kept);
        assert_eq!(
            shown[0],
            json!({"unique_id": "m1", "relation_name": "Lina", "relation": "mother"})
        );
        assert_eq!(shown[1]["case_id"], "d");
        assert_eq!(shown.len(), 2);
        assert_eq!(shown_details(&members, None, &json!(null)).len(), 3);
    }

    #[test]
    fn what_comes_back_as_it_was_shown_divides_into_what_was_kept() {
        let members = json!([{"unique_id": "m1", "relation_name": "Lina", "relation_age": 40}]);
        let kept = json!([{"unique_id": "m1", "relation": "mother"}]);
        let shown = Value::Array(shown_details(&members, None, &kept));
        assert_eq!(
            divided(&shown),
            (kept.as_array().unwrap().clone(), members.as_array().unwrap().clone())
        );
    }
}

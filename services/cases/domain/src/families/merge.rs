//! What a merge of two cases means for their families.

use std::collections::BTreeSet;

use kit_dossier::fields::{is_filled, text};
use kit_records::Record;
use kit_records::patch::entry_id;
use serde_json::{Value, json};
use uuid::Uuid;

use super::link::{FAMILY, MEMBER, join, member, stay};
use super::sharing::{DETAILS, MEMBERS, SHARED};
use crate::Case;

/// What a merge changes besides what every merge does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kinship {
    /// Of the case that is kept.
    pub case: Record,
    /// Fields of the other case that say nothing outside of its family.
    pub without: BTreeSet<String>,
    /// Of a family.
    pub family: Option<(Uuid, Record)>,
}

/// The family that a case is a member of.
pub fn family_of(case: &Case) -> Option<Uuid> {
    text(&case.values, FAMILY).and_then(|id| id.parse().ok())
}

/// What becomes of the families. `family` is that of the kept case or, if it has none, the other's.
pub fn merged(kept: &Case, retired: &Case, family: Option<(Uuid, &Record)>) -> Kinship {
    match (family_of(kept), family_of(retired), family) {
        (None, Some(_), Some(family)) => takes_the_place(kept, retired, family),
        (Some(_), None, Some(family)) => brings_relatives(kept, retired, family),
        (Some(own), Some(other), _) if own != other => apart(),
        _ => Kinship::default(),
    }
}

/// The kept case becomes the member that the other was.
fn takes_the_place(kept: &Case, retired: &Case, (id, family): (Uuid, &Record)) -> Kinship {
    let own = text(&retired.values, MEMBER).unwrap_or_default();
    let mut freed = family.clone();
    let members = freed.get_mut(MEMBERS).and_then(Value::as_array_mut);
    for one in members.into_iter().flatten().filter(|one| entry_id(one) == Some(own)) {
        if one["case_id"] == json!(retired.id) {
            one["case_id"] = Value::Null;
        }
    }
    let body = Record::from_iter([(FAMILY.to_owned(), json!(id)), (MEMBER.to_owned(), json!(own))]);
    match join(kept, (id, &freed), &body) {
        Ok(plan) => {
            Kinship { case: plan.case, without: BTreeSet::new(), family: Some((id, plan.family)) }
        }
        // The entry is gone, or somebody else's by now.
        Err(_) => apart(),
    }
}

/// The kept case is a member already: the other's relatives become members, too.
fn brings_relatives(kept: &Case, retired: &Case, (id, family): (Uuid, &Record)) -> Kinship {
    let told = |name: &&str| is_filled(&retired.values, name);
    let lacking = SHARED.into_iter().filter(|name| !is_filled(family, name));
    let names: Vec<&str> = lacking.chain([DETAILS]).filter(told).collect();
    let body = names.iter().map(|name| ((*name).to_owned(), retired.values[*name].clone()));
    let plan = stay(kept, family, &body.collect());
    Kinship {
        case: plan.case,
        without: SHARED.into_iter().chain([DETAILS]).map(str::to_owned).collect(),
        family: Some((id, plan.family)).filter(|(_, change)| !change.is_empty()),
    }
}

/// Each stays with its own family.
fn apart() -> Kinship {
    let without = SHARED.into_iter().chain([DETAILS]).map(str::to_owned).collect();
    Kinship { without, ..Kinship::default() }
}

/// What the end of a merge changes of the family of the case that stands for itself again, or of
/// the kept one's, which its relatives had joined.
pub fn parted(kept: &Case, retired: &Case, family: (Uuid, &Record)) -> Record {
    let (id, family) = family;
    if family_of(retired) == Some(id) {
        let own = text(&retired.values, MEMBER).unwrap_or_default();
        let holder = member(family, own).map(|one| text(one, "case_id"));
        let kept = kept.id.to_string();
        let is_free = holder.is_some_and(|holder| holder.is_none_or(|holder| holder == kept));
        let itself = json!([{"unique_id": own, "case_id": retired.id,
            "case_id_display": retired.display_id}]);
        return is_free.then(|| (MEMBERS.to_owned(), itself)).into_iter().collect();
    }
    let brought = retired.values.get(DETAILS).and_then(Value::as_array).into_iter().flatten();
    let brought = brought
        .filter_map(entry_id)
        .filter(|one| member(family, one).is_some_and(|member| text(member, "case_id").is_none()));
    let gone: Vec<Value> = brought.map(|one| json!({"unique_id": one, "_destroy": true})).collect();
    Some(gone)
        .filter(|gone| !gone.is_empty())
        .map(|gone| (MEMBERS.to_owned(), Value::Array(gone)))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use kit_dossier::fields::patched;

    use super::*;

    const HOME: Uuid = Uuid::from_u128(7);

    fn case(id: u128, values: Value) -> Case {
        let Value::Object(values) = values else { panic!("no object") };
        Case { id: Uuid::from_u128(id), display_id: format!("C-{id}"), values, ..Case::default() }
    }

    fn family(retired: &Case) -> Record {
        let members = json!([{"unique_id": "m1", "relation_name": "Lina", "case_id": retired.id},
            {"unique_id": "m2", "relation_name": "Sami"}]);
        Record::from_iter([(MEMBERS.to_owned(), members)])
    }

    #[test]
    fn the_kept_case_takes_the_place_in_the_family_and_gives_it_back() {
        let kept = case(
            1,
            json!({"family_details_section": [
            {"unique_id": "d1", "relation": "mother", "relation_name": "Huda"}]}),
        );
        let retired = case(2, json!({"family_id": HOME, "family_member_id": "m1"}));
        let before = family(&retired);
        let kin = merged(&kept, &retired, Some((HOME, &before)));
        assert_eq!((&kin.case[FAMILY], &kin.case[MEMBER]), (&json!(HOME), &json!("m1")));
        let after = patched(&before, &kin.family.unwrap().1);
        assert_eq!(member(&after, "m1").unwrap()["case_id"], json!(kept.id));
        assert_eq!(member(&after, "d1").unwrap()["relation_name"], "Huda");
        let parted = patched(&after, &parted(&kept, &retired, (HOME, &after)));
        assert_eq!(member(&parted, "m1").unwrap()["case_id"], json!(retired.id));
    }

    #[test]
    fn relatives_of_the_other_join_the_family_and_leave_it() {
        let kept = case(1, json!({"family_id": HOME, "family_member_id": "m2"}));
        let retired = case(
            2,
            json!({"family_size": 5, "family_details_section": [
            {"unique_id": "d9", "relation": "aunt", "relation_name": "Rana"}]}),
        );
        let before = family(&case(3, json!({})));
        let kin = merged(&kept, &retired, Some((HOME, &before)));
        assert!(kin.without.contains(DETAILS) && !kin.case.contains_key("family_size"));
        let after = patched(&before, &kin.family.unwrap().1);
        assert_eq!(member(&after, "d9").unwrap()["relation_name"], "Rana");
        assert_eq!(after["family_size"], 5);
        let parted = patched(&after, &parted(&kept, &retired, (HOME, &after)));
        assert!(member(&parted, "d9").is_none() && member(&parted, "m1").is_some());
    }

    #[test]
    fn members_of_two_families_stay_where_they_are() {
        let kept = case(1, json!({"family_id": HOME, "family_member_id": "m2"}));
        let other = Uuid::from_u128(8);
        let retired = case(2, json!({"family_id": other, "family_member_id": "m1"}));
        let kin = merged(&kept, &retired, Some((HOME, &Record::new())));
        assert_eq!((kin.case, kin.family), (Record::new(), None));
    }
}

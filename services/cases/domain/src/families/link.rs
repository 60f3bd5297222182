//! What a write of a case means for the families that it leaves, joins or stays in. Each plan is a
//! change of the case and a change of the family, stored together.

use kit_dossier::fields::{patched, text};
use kit_records::Record;
use serde_json::{Value, json};
use uuid::Uuid;

use super::sharing::{DETAILS, MEMBERS, SHARED, divided, id_of, shown_details};
use super::{member_of, sharing};
use crate::Case;

/// The field of a case that names its family.
pub const FAMILY: &str = "family_id";
/// And the one that names its own entry among the members.
pub const MEMBER: &str = "family_member_id";

/// Where a write of a case leaves its families.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Link {
    pub leaves: Option<Uuid>,
    pub joins: Option<Uuid>,
    pub stays: Option<Uuid>,
}

/// A change of a case and of one family.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    pub case: Record,
    pub family: Record,
}

/// Why a case cannot join a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkRefusal {
    /// The family has no such member.
    NoSuchMember,
    /// The member has a case already, and it is another one.
    MemberTaken,
}

impl Link {
    /// What a body makes of the link of a case with these values.
    pub fn of(values: &Record, body: &Record) -> Self {
        let id = |record: &Record| text(record, FAMILY).and_then(|id| id.parse::<Uuid>().ok());
        let now = id(values);
        if !body.contains_key(FAMILY) {
            return Self { stays: now, ..Self::default() };
        }
        let wanted = id(body);
        if wanted == now {
            return Self { stays: now, ..Self::default() };
        }
        Self { leaves: now, joins: wanted, stays: None }
    }

    /// Whether a body may touch what a case shares with its family at all.
    pub fn is_touched_by(body: &Record) -> bool {
        let names = [FAMILY, MEMBER, DETAILS, "owned_by"];
        names.iter().chain(&SHARED).any(|name| body.contains_key(*name))
    }
}

/// The case becomes a member of the family: what it told of its relatives goes there.
pub fn join(case: &Case, family: (Uuid, &Record), body: &Record) -> Result<Plan, LinkRefusal> {
    let (family_id, family) = family;
    let own = own_member(case, family_id, family, body)?;
    let details = patched(&only(&case.values, DETAILS), &only(body, DETAILS));
    let details = details.get(DETAILS).cloned().unwrap_or_default();
    let (kept, mut members) = divided(&details);
    members.retain(|member| id_of_value(member) != Some(own.as_str()));
    let mut itself = match member(family, &own) {
        Some(_) => Record::from_iter([("unique_id".to_owned(), json!(own))]),
        None => member_of(&patched(&case.values, body), &own),
    };
    itself.insert("case_id".into(), json!(case.id));
    itself.insert("case_id_display".into(), json!(case.display_id));
    members.push(Value::Object(itself));
    let mut plan = Plan { case: unshared(body), family: Record::new() };
    for name in SHARED {
        let told = body.get(name).or_else(|| case.values.get(name)).filter(|it| !it.is_null());
        if let Some(value) = told.filter(|_| is_blank(family.get(name)) || body.contains_key(name))
        {
            plan.family.insert(name.into(), value.clone());
        }
        if case.values.get(name).is_some_and(|value| !value.is_null()) {
            plan.case.insert(name.into(), Value::Null);
        }
    }
    plan.family.insert(MEMBERS.into(), Value::Array(members));
    plan.case.insert(FAMILY.into(), json!(family_id));
    plan.case.insert(MEMBER.into(), json!(own));
    let emptied = emptied(&details, &kept);
    if !emptied.is_empty() {
        plan.case.insert(DETAILS.into(), Value::Array(emptied));
    }
    Ok(plan)
}

/// The case is a member no more. What it showed of its relatives it tells by itself from now on.
pub fn leave(case: &Case, family: &Record, body: &Record) -> Plan {
    let own = text(&case.values, MEMBER);
    let kept = case.values.get(DETAILS).cloned().unwrap_or_default();
    let members = family.get(MEMBERS).cloned().unwrap_or_default();
    let mut plan = Plan { case: body.clone(), family: Record::new() };
    plan.case.insert(FAMILY.into(), Value::Null);
    plan.case.insert(MEMBER.into(), Value::Null);
    if !body.contains_key(DETAILS) {
        let told: Vec<Value> = shown_details(&members, own, &kept)
            .into_iter()
            .map(|mut entry| {
                entry.as_object_mut().into_iter().for_each(|entry| {
                    entry.retain(|name, _| !sharing::LINKS.contains(&name.as_str()));
                });
                entry
            })
            .collect();
        plan.case.insert(DETAILS.into(), Value::Array(told));
    }
    for name in SHARED {
        if let (false, Some(value)) = (body.contains_key(name), family.get(name)) {
            plan.case.insert(name.into(), value.clone());
        }
    }
    if let Some(own) = own.filter(|own| member(family, own).is_some()) {
        let gone = json!([{"unique_id": own, "case_id": null, "case_id_display": null}]);
        plan.family.insert(MEMBERS.into(), gone);
    }
    plan
}

/// The case stays a member: what is shared is changed in the family.
pub fn stay(case: &Case, family: &Record, body: &Record) -> Plan {
    let own = text(&case.values, MEMBER).unwrap_or_default();
    let mut plan = Plan { case: unshared(body), family: Record::new() };
    for name in SHARED {
        if let Some(value) = body.get(name) {
            plan.family.insert(name.into(), value.clone());
        }
    }
    // It is this member or none: to be another is to leave and to join.
    plan.case.shift_remove(FAMILY);
    plan.case.shift_remove(MEMBER);
    if let Some(details) = body.get(DETAILS) {
        let (kept, mut members) = divided(details);
        // Nobody is struck off a family's list from the case of a relative while they have one.
        let is_kept = |one: &Value| {
            let id = id_of_value(one).unwrap_or_default();
            id != own && !(is_destroyed(one) && has_case(family, id))
        };
        members.retain(is_kept);
        plan.case.insert(DETAILS.into(), Value::Array(kept));
        if !members.is_empty() {
            plan.family.insert(MEMBERS.into(), Value::Array(members));
        }
    }
    plan
}

/// The cases that a family's members have.
pub fn cases_of(family: &Record) -> Vec<Uuid> {
    let members = family.get(MEMBERS).and_then(Value::as_array).into_iter().flatten();
    let case = |member: &Value| member.get("case_id").and_then(Value::as_str)?.parse().ok();
    members.filter_map(case).collect()
}

/// A family's member by id.
pub fn member<'a>(family: &'a Record, id: &str) -> Option<&'a Record> {
    let members = family.get(MEMBERS).and_then(Value::as_array)?.iter();
    members.filter_map(Value::as_object).find(|one| id_of(one) == Some(id))
}

/// The entry that the case is, or is to be, among the members.
fn own_member(
    case: &Case,
    family_id: Uuid,
    family: &Record,
    body: &Record,
) -> Result<String, LinkRefusal> {
    let mine = case.id.to_string();
    let Some(asked) = text(body, MEMBER) else {
        let found = family.get(MEMBERS).and_then(Value::as_array).into_iter().flatten();
        let found =
            found.filter_map(Value::as_object).find(|one| text(one, "case_id") == Some(&mine));
        let fresh = || Uuid::new_v5(&case.id, family_id.as_bytes()).to_string();
        return Ok(found.and_then(id_of).map_or_else(fresh, str::to_owned));
    };
    let member = member(family, asked).ok_or(LinkRefusal::NoSuchMember)?;
    match text(member, "case_id") {
        Some(other) if other != mine => Err(LinkRefusal::MemberTaken),
        _ => Ok(asked.to_owned()),
    }
}

/// A body without what lives in the family.
fn unshared(body: &Record) -> Record {
    let mut own = body.clone();
    own.retain(|name, _| name != DETAILS && !SHARED.contains(&name.as_str()));
    own
}

/// Entries as the case keeps them, and nothing else of what they told.
fn emptied(details: &Value, kept: &[Value]) -> Vec<Value> {
    let told = details.as_array().into_iter().flatten().filter_map(Value::as_object);
    told.zip(kept)
        .map(|(told, kept)| {
            let mut entry: Record =
                told.iter().map(|(name, _)| (name.clone(), Value::Null)).collect();
            entry.extend(kept.as_object().cloned().unwrap_or_default());
            Value::Object(entry)
        })
        .collect()
}

fn only(record: &Record, name: &str) -> Record {
    record.get(name).map(|value| (name.to_owned(), value.clone())).into_iter().collect()
}

fn id_of_value(entry: &Value) -> Option<&str> {
    entry.as_object().and_then(id_of)
}

fn is_destroyed(entry: &Value) -> bool {
    entry.get("_destroy").is_some_and(|it| *it == json!(true))
}

fn has_case(family: &Record, id: &str) -> bool {
    member(family, id).is_some_and(|one| text(one, "case_id").is_some())
}

fn is_blank(value: Option<&Value>) -> bool {
    value.is_none_or(kit_records::values::is_blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAMILY_ID: Uuid = Uuid::from_u128(7);

    fn record(value: Value) -> Record {
        let Value::Object(record) = value else { panic!("no object") };
        record
    }

    fn case(values: Value) -> Case {
        let id = Uuid::from_u128(3);
        Case { id, display_id: "C-3".into(), values: record(values), ..Case::default() }
    }

    fn family() -> Record {
        record(json!({"family_size": 4, "family_members": [
            {"unique_id": "m1", "relation_name": "Lina"},
            {"unique_id": "m2", "relation_name": "Sami", "case_id": Uuid::from_u128(9)}]}))
    }

    #[test]
    fn a_case_that_joins_brings_its_relatives_and_itself() {
        let case = case(json!({"name": "Omar", "family_number": "F1", "family_size": 2,
            "family_details_section": [
                {"unique_id": "d1", "relation": "mother", "relation_name": "Huda"}]}));
        let plan =
            join(&case, (FAMILY_ID, &family()), &record(json!({"family_id": FAMILY_ID}))).unwrap();
        let own = plan.case["family_member_id"].as_str().unwrap();
        assert_eq!(plan.family["family_number"], "F1");
        assert!(!plan.family.contains_key("family_size"), "the family knew");
        let members = plan.family["family_members"].as_array().unwrap();
        assert_eq!(members[0], json!({"unique_id": "d1", "relation_name": "Huda"}));
        assert_eq!(
            members[1],
            json!({"relation_name": "Omar", "unique_id": own,
            "case_id": case.id, "case_id_display": "C-3"})
        );
        let kept = json!([{"unique_id": "d1", "relation": "mother", "relation_name": null}]);
        assert_eq!(plan.case["family_details_section"], kept);
        assert_eq!(
            (&plan.case["family_size"], &plan.case["family_number"]),
            (&json!(null), &json!(null))
        );
    }

    #[test]
    fn a_member_has_one_case() {
        let case = case(json!({}));
        let asked = |member: &str| {
            let body = record(json!({"family_id": FAMILY_ID, "family_member_id": member}));
            join(&case, (FAMILY_ID, &family()), &body)
        };
        assert_eq!(asked("m9").unwrap_err(), LinkRefusal::NoSuchMember);
        assert_eq!(asked("m2").unwrap_err(), LinkRefusal::MemberTaken);
        let plan = asked("m1").unwrap();
        assert_eq!(
            plan.family["family_members"],
            json!([{"unique_id": "m1",
            "case_id": case.id, "case_id_display": "C-3"}])
        );
    }

    #[test]
    fn to_leave_takes_along_what_was_shown() {
        let mut family = family();
        family["family_members"][0]["case_id"] = json!(Uuid::from_u128(3));
        let case = case(json!({"family_id": FAMILY_ID, "family_member_id": "m1",
            "family_details_section": [{"unique_id": "m2", "relation": "brother"}]}));
        let plan = leave(&case, &family, &record(json!({"family_id": null})));
        assert_eq!(
            plan.case["family_details_section"],
            json!([{"unique_id": "m2", "relation_name": "Sami", "relation": "brother"}])
        );
        assert_eq!(plan.case["family_size"], 4);
        assert_eq!(
            plan.family["family_members"],
            json!([{"unique_id": "m1", "case_id": null, "case_id_display": null}])
        );
    }

    #[test]
    fn what_is_shared_is_changed_in_the_family() {
        let case = case(json!({"family_id": FAMILY_ID, "family_member_id": "m1"}));
        let body = record(json!({"age": 9, "family_size": 5, "family_member_id": "m2",
            "family_details_section": [
                {"unique_id": "m2", "relation": "brother", "relation_age": 8},
                {"unique_id": "m1", "relation_name": "Not by myself"}]}));
        let plan = stay(&case, &family(), &body);
        assert_eq!(
            plan.family,
            record(json!({"family_size": 5,
            "family_members": [{"unique_id": "m2", "relation_age": 8}]}))
        );
        assert_eq!(
            plan.case["family_details_section"][0],
            json!({"unique_id": "m2", "relation": "brother"})
        );
        assert!(plan.case.contains_key("age") && !plan.case.contains_key("family_member_id"));
        let strike =
            record(json!({"family_details_section": [{"unique_id": "m2", "_destroy": true}]}));
        assert!(stay(&case, &family(), &strike).family.is_empty(), "a member with a case stays");
    }

    #[test]
    fn a_body_says_where_the_case_goes() {
        let linked = record(json!({"family_id": FAMILY_ID}));
        let of = |body: Value| Link::of(&linked, &record(body));
        assert_eq!(of(json!({"age": 3})), Link { stays: Some(FAMILY_ID), ..Link::default() });
        assert_eq!(of(json!({"family_id": FAMILY_ID})).stays, Some(FAMILY_ID));
        assert_eq!(
            of(json!({"family_id": null})),
            Link { leaves: Some(FAMILY_ID), ..Link::default() }
        );
        let other = Uuid::from_u128(8);
        let moved = Link { leaves: Some(FAMILY_ID), joins: Some(other), stays: None };
        assert_eq!(of(json!({"family_id": other})), moved);
        assert!(!Link::is_touched_by(&record(json!({"age": 3}))));
    }
}

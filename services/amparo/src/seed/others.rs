//! Records beside the cases of the seed: what happened to some of the children, families in which
//! some live, and entries of the register that some cases name.

use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::seed::acts::day_of;
use crate::seed::child::Body;
use crate::seed::dice::Dice;
use crate::seed::names::Language;
use crate::seed::requests::told;
use crate::seed::story::{Step, Story, World};
use crate::seed::texts::{phrases, some};

/// One case in so many has each.
const FAMILY_IN: u64 = 20;
const REGISTRY_IN: u64 = 50;
const INCIDENT_IN: u64 = 10;

/// How many there shall be at most; as many as cases give where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub families: u64,
    pub registry: u64,
    pub incidents: u64,
}

/// A record that somebody registered.
#[derive(Debug, Clone, PartialEq)]
pub struct Filed {
    pub record_type: &'static str,
    pub id: Uuid,
    pub at: Timestamp,
    pub by: String,
    pub body: Body,
}

/// What comes beside the n-th case; the case itself says that it belongs to a family or names an
/// entry of the register.
pub fn beside(world: &World, wanted: Wanted, number: u64, story: &mut Story) -> Vec<Filed> {
    let is_due = |one_in: u64, at: u64, most: u64| number % one_in == at && number / one_in < most;
    let mut filed = Vec::new();
    if is_due(FAMILY_IN, 3, wanted.families) {
        filed.extend(family(story));
    }
    if is_due(REGISTRY_IN, 7, wanted.registry) {
        filed.extend(registered(world, number, story));
    }
    if is_due(INCIDENT_IN, 1, wanted.incidents) {
        filed.extend(incident(world, number, story));
    }
    filed
}

/// The family of a child. Who its people are is said there and not in the case any more.
fn family(story: &mut Story) -> Option<Filed> {
    let child = told(story);
    let (id, own) = (named(story, "family"), named(story, "member"));
    let step = story.steps.iter_mut().find(|step| has_people(step))?;
    let relatives = step.body.get("family_details_section")?.as_array()?.clone();
    let name = |field: &str| child.get(field).and_then(Value::as_str).unwrap_or_default();
    let itself = json!({
        "unique_id": own,
        "relation_name": format!("{} {}", name("name_first"), name("name_last")),
        "relation_sex": child.get("sex"),
        "relation_age": child.get("age"),
        "family_relationship": "child",
        "case_id": story.id,
    });
    let members: Vec<Value> = std::iter::once(itself).chain(relatives.iter().map(member)).collect();
    let size = step.body.remove("family_size");
    let kept = |one: &Value| json!({"unique_id": one["unique_id"], "relation": one["relation"]});
    let kept: Vec<Value> = relatives.iter().map(kept).collect();
    step.body.insert("family_details_section".into(), kept.into());
    step.body.insert("family_id".into(), json!(id));
    step.body.insert("family_member_id".into(), json!(own));
    let body = json!({
        "module_id": "primeromodule-cp",
        "family_registration_date": day_of(step.at),
        "family_name": name("name_last"),
        "family_size": size,
        "family_location_current": child.get("location_current"),
        "family_members": members,
    });
    Some(Filed { record_type: "family", id, at: step.at, by: step.by.clone(), body: filled(body) })
}

fn has_people(step: &Step) -> bool {
    step.body
        .get("family_details_section")
        .and_then(Value::as_array)
        .is_some_and(|all| !all.is_empty())
}

/// A relative as the family tells of them.
fn member(relative: &Value) -> Value {
    let mut member = json!({
        "family_relationship": relative["relation"],
        "family_relation_is_caregiver": relative["relation_is_caregiver"],
    });
    let same = ["unique_id", "relation_name", "relation_sex", "relation_age", "relation_telephone"];
    for field in same {
        member[field] = relative[field].clone();
    }
    Value::Object(filled(member))
}

/// Somebody whom the organisation keeps a register of, named by a case.
fn registered(world: &World, number: u64, story: &mut Story) -> Option<Filed> {
    let child = told(story);
    let id = named(story, "registry record");
    let mut dice = Dice::new(world.seed ^ 0x4e61, number);
    let first = story.steps.first_mut()?;
    first.body.insert("registry_record_id".into(), json!(id));
    let kind = dice.weighted(&[(3, "foster_care"), (2, "individual"), (1, "farmer")]);
    let relative = child.get("family_details_section").and_then(|all| all.get(0));
    let body = json!({
        "module_id": "primeromodule-cp",
        "registration_date": day_of(first.at),
        "registry_type": kind,
        "registry_no": format!("R{}", dice.digits(6)),
        "name": relative.map_or_else(|| child.get("name_last").cloned(), |one| one.get("relation_name").cloned()),
        "location_current": child.get("location_current"),
    });
    let body = filled(body);
    Some(Filed { record_type: "registry_record", id, at: first.at, by: first.by.clone(), body })
}

/// What happened to a child.
fn incident(world: &World, number: u64, story: &Story) -> Option<Filed> {
    let child = told(story);
    let mut dice = Dice::new(world.seed ^ 0x1c1d, number);
    let last = story.steps.last()?;
    let owner = child.get("owned_by").cloned().unwrap_or_else(|| json!(last.by));
    let day = day_of(last.at);
    let body = json!({
        "module_id": "primeromodule-cp",
        "owned_by": owner,
        "incident_case_id": story.id,
        "age": child.get("age"),
        "sex": child.get("sex"),
        "date_of_first_report": day,
        "incident_date": day.saturating_sub(dice.between(0, 40).days()),
        "cp_incident_violence_type": dice.weighted(&[
            (6, "physical"), (5, "emotional"), (2, "sexual"), (5, "neglect"), (4, "exploitation"),
            (1, "forced_marriage"), (1, "abduction"),
        ]),
        "incident_location": child.get("location_current"),
        "cp_incident_location_type": dice.weighted(&[(5, "home"), (3, "school"), (3, "street"), (2, "workplace")]),
        "cp_incident_timeofday": dice.weighted(&[(2, "morning"), (3, "afternoon"), (3, "evening"), (2, "unknown")]),
        "cp_incident_perpetrator_relationship": dice.weighted(&[(3, "relative"), (2, "parent"), (2, "peer"), (2, "stranger")]),
        "incident_description": some(&mut dice, phrases(Language::English).concerns),
    });
    let id = named(story, "incident");
    Some(Filed {
        record_type: "incident",
        id,
        at: last.at,
        by: last.by.clone(),
        body: filled(body),
    })
}

fn named(story: &Story, what: &str) -> Uuid {
    Uuid::new_v5(&story.id, what.as_bytes())
}

/// The members that say something.
fn filled(body: Value) -> Body {
    let Value::Object(body) = body else { return Body::new() };
    body.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::story::tell;

    fn all(wanted: Wanted) -> Vec<(Story, Vec<Filed>)> {
        let world = World {
            seed: 1,
            until: "2026-06-30T00:00:00Z".parse().unwrap(),
            workers: vec!["ann".into(), "bob".into()],
            places: vec!["AMR010101".into()],
        };
        let told = |number| {
            let mut story = tell(&world, number);
            let filed = beside(&world, wanted, number, &mut story);
            (story, filed)
        };
        (0..200).map(told).collect()
    }

    #[test]
    fn a_family_and_its_case_say_the_same_of_each_other() {
        let all = all(Wanted { families: 100, registry: 0, incidents: 0 });
        let families: Vec<_> = all.iter().filter(|(_, filed)| !filed.is_empty()).collect();
        assert_eq!(families.len(), 10);
        for (story, filed) in families {
            let case = told(story);
            assert_eq!(case["family_id"], json!(filed[0].id));
            let own = &filed[0].body["family_members"][0];
            assert_eq!(case["family_member_id"], own["unique_id"]);
            assert_eq!(own["case_id"], json!(story.id));
            assert!(case["family_details_section"][0].get("relation_name").is_none());
        }
    }

    #[test]
    fn no_more_come_than_are_wanted() {
        let all = all(Wanted { families: 2, registry: 1, incidents: 3 });
        let count = |kind| {
            all.iter().flat_map(|(_, filed)| filed).filter(|one| one.record_type == kind).count()
        };
        assert_eq!(["family", "registry_record", "incident"].map(count), [2, 1, 3]);
    }
}

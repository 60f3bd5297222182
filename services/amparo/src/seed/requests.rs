//! Tracing requests that look for children of the seed: some families ask, and what they say is
//! what people remember, not what a register holds.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::seed::child::Body;
use crate::seed::story::{Story, World};

/// One family that asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub id: Uuid,
    pub at: Timestamp,
    pub by: String,
    pub body: Body,
}

/// Of those who might, one family in so many asks.
const ONE_IN: u64 = 3;

/// The request of the family of the n-th child, if somebody looks for it.
pub fn ask(world: &World, number: u64, story: &Story) -> Option<Asked> {
    let child = told(story);
    let is_sought = child.get("consent_for_tracing") == Some(&json!("true"))
        && child.get("record_state") != Some(&json!(false))
        && number.is_multiple_of(ONE_IN);
    if !is_sought {
        return None;
    }
    let members = child.get("family_details_section")?.as_array()?;
    let parents =
        members.iter().filter(|one| one["relation"] == "mother" || one["relation"] == "father");
    let parent = parents
        .max_by_key(|one| (one["relation_telephone"].is_string(), one["relation"] == "father"))?;
    let last = story.steps.last()?;
    let at = world.workers.iter().position(|name| *name == last.by).unwrap_or_default();
    Some(Asked {
        id: Uuid::new_v5(&story.id, b"tracing request"),
        at: last.at,
        by: world.workers[(at + 1) % world.workers.len()].clone(),
        body: request(story.id, &child, parent),
    })
}

/// What the case says in the end.
pub fn told(story: &Story) -> Body {
    let mut child = Body::new();
    for step in &story.steps {
        child.extend(step.body.clone());
    }
    child
}

fn request(child_id: Uuid, child: &Body, parent: &Value) -> Body {
    let name = |field: &str| child.get(field).and_then(Value::as_str).unwrap_or_default();
    let entry = json!({
        "unique_id": Uuid::new_v5(&child_id, b"trace"),
        "name": format!("{} {}", name("name_first"), name("name_last")),
        "sex": child.get("sex"),
        "age": child.get("age"),
        "relation": parent["relation"],
    });
    let body = json!({
        "module_id": "primeromodule-cp",
        "relation_name": parent["relation_name"],
        "relation_telephone": parent["relation_telephone"],
        "relation_nationality": child.get("nationality"),
        "relation_language": child.get("language"),
        "date_of_separation": child.get("date_of_separation"),
        "separation_cause": child.get("separation_cause"),
        "location_last": child.get("location_current"),
        "tracing_request_subform_section": [entry],
    });
    let Value::Object(body) = body else { return Body::new() };
    body.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::story::tell;

    #[test]
    fn some_families_ask_for_children_who_may_be_found_and_always_for_the_same() {
        let world = World {
            seed: 1,
            until: "2026-06-30T00:00:00Z".parse().unwrap(),
            workers: vec!["ann".into(), "bob".into()],
            places: vec!["AMR010101".into()],
        };
        let ask_for = |number| ask(&world, number, &tell(&world, number));
        let asked: Vec<Asked> = (0..300).filter_map(ask_for).collect();
        assert!(asked.len() > 10, "{}", asked.len());
        assert_eq!(asked, (0..300).filter_map(ask_for).collect::<Vec<_>>());
        for one in &asked {
            assert!(one.body["relation_name"].is_string());
            assert!(one.body["tracing_request_subform_section"][0]["name"].is_string());
        }
    }
}

//! `AddPlace`: a new place in the tree.

use kit_decider::Command;
use serde_json::{Map, Value};

use crate::attributes::text_of;
use crate::place::{LEVELS, PLACE, is_code};
use crate::schema::check_types;
use crate::text::english;
use crate::{Place, PlaceEvent, Problem, Refusal};

/// Adds a place below its parent. A parent that is not known makes it a country.
#[derive(Debug, Clone)]
pub struct AddPlace {
    pub id: i64,
    /// The body as sent.
    pub data: Map<String, Value>,
    /// Codes from the top down to the parent; empty without one.
    pub parent: Vec<String>,
    pub code_taken: bool,
}

impl Command for AddPlace {
    type Of = Place;
    type Refusal = Refusal;

    fn decide(self, place: &Place) -> Result<Vec<PlaceEvent>, Refusal> {
        if place.exists {
            return Err(Refusal::Taken);
        }
        check_types(PLACE, &self.data)?;
        let text = |name: &str| self.data.get(name).and_then(Value::as_str).unwrap_or_default();
        let code = text("code").trim();
        let placename = self.data.get("placename").map(text_of).unwrap_or_default();
        Refusal::unless_empty(self.problems(code, english(&placename).is_some()))?;
        let mut hierarchy = self.parent.clone();
        hierarchy.push(code.to_owned());
        Ok(vec![PlaceEvent::Added {
            id: self.id,
            hierarchy,
            place_type: text("type").to_owned(),
            placename,
            disabled: self.data.get("disabled") == Some(&Value::Bool(true)),
        }])
    }
}

impl AddPlace {
    fn problems(&self, code: &str, has_name: bool) -> Vec<Problem> {
        let problem = |detail, message: &str, pointer, code| {
            Problem::new(detail, format!("errors.models.location.{message}"), pointer, code)
        };
        let code = match code {
            "" => Some(problem("location_code", "code_present", "/code", "required")),
            code if !is_code(code) => {
                Some(problem("location_code", "code_format", "/code", "invalid"))
            }
            _ if self.code_taken => {
                Some(problem("location_code", "unique_location_code", "/code", "taken"))
            }
            _ => None,
        };
        let name =
            (!has_name).then(|| problem("placename", "name_present", "/placename/en", "required"));
        let deep = (self.parent.len() >= LEVELS)
            .then(|| problem("parent_code", "admin_level", "/parent_code", "out_of_range"));
        code.into_iter().chain(name).chain(deep).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn add(data: Value, parent: &[&str], code_taken: bool) -> Result<Vec<PlaceEvent>, Refusal> {
        let parent = parent.iter().map(|one| (*one).to_owned()).collect();
        let data = data.as_object().unwrap().clone();
        AddPlace { id: 9, data, parent, code_taken }.decide(&Place::default())
    }

    fn detail(result: Result<Vec<PlaceEvent>, Refusal>) -> String {
        match result {
            Err(Refusal::Invalid(problems)) => problems[0].detail.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_child_takes_its_path_from_the_parent() {
        let events = add(
            json!({"code": "IQ01", "type": "province", "placename": {"en": "North"}}),
            &["IQ"],
            false,
        );
        let added = PlaceEvent::Added {
            id: 9,
            hierarchy: vec!["IQ".into(), "IQ01".into()],
            place_type: "province".into(),
            placename: [("en".to_owned(), "North".to_owned())].into(),
            disabled: false,
        };
        assert_eq!(events, Ok(vec![added]));
    }

    #[test]
    fn code_and_english_name_are_needed() {
        assert_eq!(detail(add(json!({"placename": {"en": "A"}}), &[], false)), "location_code");
        assert_eq!(
            detail(add(json!({"code": "A", "placename": {"en": "A"}}), &[], true)),
            "location_code"
        );
        assert_eq!(
            detail(add(json!({"code": "../a", "placename": {"en": "A"}}), &[], false)),
            "location_code"
        );
        assert_eq!(
            detail(add(json!({"code": "A", "placename": {"fr": "A"}}), &[], false)),
            "placename"
        );
        let deep = ["a", "b", "c", "d", "e", "f"];
        assert_eq!(
            detail(add(json!({"code": "A", "placename": {"en": "A"}}), &deep, false)),
            "parent_code"
        );
    }
}

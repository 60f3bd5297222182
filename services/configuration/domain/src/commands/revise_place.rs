//! `RevisePlace`: name, type and state of a place.

use kit_decider::Command;
use serde_json::{Map, Value};

use crate::attributes::text_of;
use crate::place::PLACE;
use crate::schema::check_types;
use crate::text::english;
use crate::{Place, PlaceEvent, Refusal, merge_texts};

/// Changes a place. Its code, parent and level stay.
#[derive(Debug, Clone)]
pub struct RevisePlace {
    /// The body as sent.
    pub data: Map<String, Value>,
}

impl Command for RevisePlace {
    type Of = Place;
    type Refusal = Refusal;

    fn decide(self, place: &Place) -> Result<Vec<PlaceEvent>, Refusal> {
        if !place.exists {
            return Err(Refusal::NotFound);
        }
        check_types(PLACE, &self.data)?;
        let placename = match self.data.get("placename") {
            Some(sent) => {
                let stored = serde_json::to_value(&place.placename).unwrap_or_default();
                text_of(&merge_texts(Some(&stored), sent))
            }
            None => place.placename.clone(),
        };
        if english(&placename).is_none() {
            let message = "errors.models.location.name_present";
            return Err(Refusal::one("placename", message, "/placename/en", "required"));
        }
        let place_type = self.data.get("type").and_then(Value::as_str).unwrap_or(&place.place_type);
        let disabled = self.data.get("disabled").and_then(Value::as_bool).unwrap_or(place.disabled);
        Ok(place.events_to(&placename, place_type, disabled))
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;
    use serde_json::json;

    use super::*;

    fn revise(data: Value) -> Result<Vec<PlaceEvent>, Refusal> {
        let place: Place = fold(&[PlaceEvent::Added {
            id: 9,
            hierarchy: vec!["IQ".into()],
            place_type: "country".into(),
            placename: [("en".to_owned(), "Iraq".to_owned())].into(),
            disabled: false,
        }]);
        RevisePlace { data: data.as_object().unwrap().clone() }.decide(&place)
    }

    #[test]
    fn names_merge_and_the_code_stays() {
        let placename =
            [("en".to_owned(), "Iraq".to_owned()), ("fr".to_owned(), "Irak".to_owned())];
        let renamed = PlaceEvent::Renamed { placename: placename.into() };
        let data = json!({"code": "XX", "parent_code": "YY", "placename": {"fr": "Irak"}, "disabled": true});
        assert_eq!(revise(data), Ok(vec![renamed, PlaceEvent::Disabled {}]));
        assert_eq!(revise(json!({"type": "country"})), Ok(vec![]));
        assert!(revise(json!({"placename": {"en": ""}})).is_err());
    }
}

//! `ReviseLookup`: the name and values of an option list.

use kit_decider::Command;
use serde_json::{Map, Value};

use super::create_lookup::check_lookup_types;
use crate::lookup::{LOOKUP, check_lookup};
use crate::schema::{Reach, merge};
use crate::{Lookup, LookupEvent, Refusal};

/// Changes a lookup; values merge by id. Its unique id stays, since fields name it.
#[derive(Debug, Clone)]
pub struct ReviseLookup {
    /// The body as sent.
    pub data: Map<String, Value>,
    pub reach: Reach,
}

impl Command for ReviseLookup {
    type Of = Lookup;
    type Refusal = Refusal;

    fn decide(self, lookup: &Lookup) -> Result<Vec<LookupEvent>, Refusal> {
        if !lookup.exists {
            return Err(Refusal::NotFound);
        }
        check_lookup_types(&self.data)?;
        let mut attributes = merge(&lookup.attributes, &self.data, LOOKUP, self.reach);
        attributes.set("unique_id", Value::from(lookup.unique_id()));
        let mut problems = Vec::new();
        check_lookup(&attributes, &mut problems);
        Refusal::unless_empty(problems)?;
        let changes = lookup.attributes.changes_to(&attributes);
        let revised = (!changes.is_empty()).then_some(LookupEvent::Revised { changes });
        Ok(revised.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;
    use serde_json::json;

    use super::*;
    use crate::Attributes;

    fn gender() -> Lookup {
        let attributes: Attributes = serde_json::from_value(json!({
            "unique_id": "lookup-gender", "name": {"en": "Gender"},
            "values": [{"id": "f", "display_text": {"en": "F", "fr": "F"}}, {"id": "m", "display_text": {"en": "M"}}]
        }))
        .unwrap();
        fold(&[LookupEvent::Created { id: 1, attributes }])
    }

    fn revise(data: Value) -> Result<Vec<LookupEvent>, Refusal> {
        let data = data.as_object().unwrap().clone();
        ReviseLookup { data, reach: Reach::Restricted }.decide(&gender())
    }

    #[test]
    fn values_merge_by_id() {
        let x = json!({"id": "x", "display_text": {"en": "X"}});
        let f = json!({"id": "f", "display_text": {"en": "Female"}});
        let events = revise(json!({"values": [f, x, {"id": "m", "_delete": true}]})).unwrap();
        let changes = serde_json::from_value(json!({"values": [x, f]})).unwrap();
        assert_eq!(events, [LookupEvent::Revised { changes }]);
    }

    #[test]
    fn a_translation_is_added_and_ids_stay() {
        let events = revise(json!({"unique_id": "other", "name": {"fr": "Genre"}})).unwrap();
        let changes =
            serde_json::from_value(json!({"name": {"en": "Gender", "fr": "Genre"}})).unwrap();
        assert_eq!(events, [LookupEvent::Revised { changes }]);
        assert_eq!(revise(json!({"name": {"en": "Gender"}})), Ok(vec![]));
    }

    #[test]
    fn a_sent_value_needs_english() {
        assert!(revise(json!({"values": [{"id": "f", "display_text": {"fr": "F"}}]})).is_err());
    }
}

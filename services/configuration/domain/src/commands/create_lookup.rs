//! `CreateLookup`: a new option list.

use kit_decider::Command;
use serde_json::{Map, Value};

use crate::lookup::{LOOKUP, check_lookup};
use crate::schema::{Kind, Property, Reach, check_types, collect_wrong_types, merge, whole_option};
use crate::text::parameterize;
use crate::{Attributes, Lookup, LookupEvent, Refusal};

/// Makes a lookup. A taken unique id is a conflict.
#[derive(Debug, Clone)]
pub struct CreateLookup {
    pub id: i64,
    /// The body as sent.
    pub data: Map<String, Value>,
    /// Unique ids that are in use.
    pub taken: Vec<String>,
    /// Random characters, for a name without plain letters.
    pub suffix: String,
}

impl Command for CreateLookup {
    type Of = Lookup;
    type Refusal = Refusal;

    fn decide(self, lookup: &Lookup) -> Result<Vec<LookupEvent>, Refusal> {
        check_lookup_types(&self.data)?;
        let mut attributes = merge(&Attributes::default(), &self.data, LOOKUP, Reach::Full);
        if let Some(values) = self.data.get("values") {
            attributes.set("values", whole_values(values));
        }
        if attributes.str("unique_id").is_empty() {
            attributes.set("unique_id", Value::from(self.made_id(&attributes)));
        }
        let mut problems = Vec::new();
        check_lookup(&attributes, &mut problems);
        Refusal::unless_empty(problems)?;
        if lookup.exists || self.taken.iter().any(|one| one == attributes.str("unique_id")) {
            return Err(Refusal::Taken);
        }
        Ok(vec![LookupEvent::Created { id: self.id, attributes }])
    }
}

impl CreateLookup {
    fn made_id(&self, attributes: &Attributes) -> String {
        let name = attributes.text("name");
        match parameterize(name.get("en").map(String::as_str).unwrap_or_default(), '-').as_str() {
            "" => format!("lookup-{}", self.suffix),
            name => format!("lookup-{name}"),
        }
    }
}

/// Values of a new lookup: all of them, so that a doubled id is seen.
fn whole_values(values: &Value) -> Value {
    values.as_array().into_iter().flatten().map(whole_option).collect()
}

/// Checks the types of a lookup's body.
pub fn check_lookup_types(data: &Map<String, Value>) -> Result<(), Refusal> {
    check_types(LOOKUP, data)?;
    let mut wrong = Vec::new();
    collect_wrong_types(&[Property::new("id", Kind::Int)], data, "", &mut wrong);
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::WrongTypes(wrong)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn create(data: Value) -> Result<Vec<LookupEvent>, Refusal> {
        let data = data.as_object().unwrap().clone();
        let taken = vec!["lookup-gender".to_owned()];
        CreateLookup { id: 3, data, taken, suffix: "abc".into() }.decide(&Lookup::default())
    }

    fn details(data: Value) -> Vec<(String, String)> {
        let Err(Refusal::Invalid(problems)) = create(data) else { panic!() };
        problems.into_iter().map(|one| (one.detail, one.pointer)).collect()
    }

    #[test]
    fn an_id_is_made_from_the_english_name() {
        let events = create(json!({"name": {"en": "Yes / No"}})).unwrap();
        let LookupEvent::Created { attributes, .. } = &events[0] else { panic!() };
        assert_eq!(attributes.str("unique_id"), "lookup-yes-no");
        assert_eq!(create(json!({"name": {"en": "Gender"}})), Err(Refusal::Taken));
    }

    #[test]
    fn names_and_values_need_english_and_ids_their_own() {
        let text = json!({"en": "A"});
        let values = json!([{"id": "a", "display_text": text}, {"id": "a", "display_text": text},
            {"display_text": text}, {"id": "b", "display_text": {"fr": "B"}}]);
        let found =
            details(json!({"name": {"fr": "Genre"}, "unique_id": "../x", "values": values}));
        let pointers: Vec<_> = found.iter().map(|(_, pointer)| pointer.as_str()).collect();
        let expected =
            ["/name/en", "/unique_id", "/values/1/id", "/values/2/id", "/values/3/display_text/en"];
        assert_eq!(pointers, expected);
        assert_eq!(found[2].0, "lookup_values");
    }
}

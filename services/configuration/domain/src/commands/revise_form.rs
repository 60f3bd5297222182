//! `ReviseForm`: properties and the complete list of fields of a form.

use kit_decider::Command;
use serde_json::{Map, Value};

use super::create_form::check_form_types;
use crate::form::{FORM, FORM_ID, References, check_form, revised_fields};
use crate::schema::{Reach, merge};
use crate::{Attributes, Form, FormEvent, Problem, Refusal};

/// Changes a form. The record type stays; `fields`, when sent, is the complete new list.
#[derive(Debug, Clone)]
pub struct ReviseForm {
    /// The body as sent.
    pub data: Map<String, Value>,
    pub references: References,
    /// Unique ids that other forms have.
    pub taken: Vec<String>,
    pub reach: Reach,
}

impl Command for ReviseForm {
    type Of = Form;
    type Refusal = Refusal;

    fn decide(self, form: &Form) -> Result<Vec<FormEvent>, Refusal> {
        if !form.exists {
            return Err(Refusal::NotFound);
        }
        check_form_types(&self.data)?;
        let mut problems = Vec::new();
        let attributes = self.attributes(form, &mut problems);
        let fields = match self.data.get("fields").and_then(Value::as_array) {
            Some(sent) => revised_fields(form, sent, &self.references, self.reach, &mut problems),
            None => form.fields.clone(),
        };
        check_form(&attributes, &fields, &mut problems);
        Refusal::unless_empty(problems)?;
        Ok(form.events_to(&attributes, &fields))
    }
}

impl ReviseForm {
    fn attributes(&self, form: &Form, problems: &mut Vec<Problem>) -> Attributes {
        let mut attributes = merge(&form.attributes, &self.data, FORM, self.reach);
        if self.reach != Reach::Restricted && attributes.str("parent_form") != form.parent_form() {
            let message = "errors.models.form_section.parent_form";
            problems.push(Problem::new("parent_form", message, "/parent_form", "fixed"));
        }
        if attributes.strs("module_ids").is_empty() {
            let stored = form.attributes.get("module_ids").cloned().unwrap_or_default();
            attributes.set("module_ids", stored);
        }
        if attributes.str("unique_id").trim().is_empty() {
            attributes.set("unique_id", Value::from(form.unique_id()));
        }
        if self.taken.iter().any(|one| one == attributes.str("unique_id")) {
            problems.push(Problem::new("unique_id", FORM_ID, "/unique_id", "taken"));
        }
        attributes
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;
    use serde_json::json;

    use super::*;
    use crate::Field;

    fn attributes(value: Value) -> Attributes {
        serde_json::from_value(value).unwrap()
    }

    fn field(id: i64, name: &str, kind: &str) -> Field {
        let label = json!({"name": name, "type": kind, "display_name": {"en": name, "fr": name}, "order": id});
        Field { id, attributes: attributes(label) }
    }

    fn made() -> Vec<FormEvent> {
        vec![FormEvent::Created {
            id: 1,
            attributes: attributes(json!({"unique_id": "x", "name": {"en": "X", "fr": "Ix"},
                "parent_form": "case", "module_ids": ["cp"]})),
            fields: vec![field(0, "one", "text_field"), field(1, "two", "numeric_field")],
        }]
    }

    fn revise(data: Value, reach: Reach) -> Result<Vec<FormEvent>, Refusal> {
        let references = References {
            forms: [].into(),
            fields: [(90, field(90, "far", "tick_box"))].into(),
            new_ids: vec![50, 51],
        };
        let data = data.as_object().unwrap().clone();
        ReviseForm { data, references, taken: vec!["y".into()], reach }.decide(&fold(&made()))
    }

    #[test]
    fn nothing_new_makes_no_events() {
        assert_eq!(revise(json!({"name": {"en": "X"}}), Reach::Full), Ok(vec![]));
    }

    #[test]
    fn a_type_never_changes() {
        let one = json!({"name": "one", "type": "numeric_field", "multi_select": true, "display_name": {"en": "Eins"}});
        let events =
            revise(json!({"fields": [one, {"name": "two", "order": 1}]}), Reach::Full).unwrap();
        let mut expected = field(0, "one", "text_field");
        expected.attributes.set("display_name", json!({"en": "Eins", "fr": "one"}));
        assert_eq!(events, [FormEvent::FieldPut { field: expected }]);
    }

    #[test]
    fn what_is_not_in_the_list_goes_and_an_id_copies() {
        let copy = json!({"name": "near", "id": 90});
        let events =
            revise(json!({"fields": [{"name": "two", "order": 1}, copy]}), Reach::Full).unwrap();
        let mut near = field(50, "near", "tick_box");
        near.attributes.set("display_name", json!({"en": "far", "fr": "far"}));
        near.attributes.set("order", json!(1));
        let gone = FormEvent::FieldRemoved { name: "one".into() };
        assert_eq!(events, [gone, FormEvent::FieldPut { field: near }]);
    }

    #[test]
    fn restyling_keeps_fields_and_ids() {
        let data = json!({"unique_id": "z", "name": {"en": "Z"}, "is_nested": true,
            "fields": [{"name": "one", "required": true, "visible": false, "order": 0}, {"name": "new", "type": "tick_box"}]});
        let events = revise(data, Reach::Restricted).unwrap();
        let mut hidden = field(0, "one", "text_field");
        hidden.attributes.set("visible", json!(false));
        let renamed = attributes(json!({"name": {"en": "Z", "fr": "Ix"}}));
        assert_eq!(
            events,
            [FormEvent::Revised { changes: renamed }, FormEvent::FieldPut { field: hidden }]
        );
    }

    #[test]
    fn the_record_type_is_fixed_and_modules_are_not_emptied() {
        let refusal = revise(json!({"parent_form": "incident"}), Reach::Full).unwrap_err();
        let Refusal::Invalid(problems) = refusal else { panic!() };
        assert_eq!(problems[0].detail, "parent_form");
        assert_eq!(revise(json!({"module_ids": []}), Reach::Full), Ok(vec![]));
        assert!(revise(json!({"unique_id": "y"}), Reach::Full).is_err());
    }
}

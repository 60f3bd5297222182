//! `CreateForm`: a new form with its fields.

use kit_decider::Command;
use serde_json::{Map, Value};

use crate::form::{FIELD, FIELD_EXTRAS, FORM, FORM_ID, References, check_form, revised_fields};
use crate::schema::{Kind, Property, Reach, collect_wrong_types, merge};
use crate::text::parameterize;
use crate::{Attributes, Form, FormEvent, Problem, Refusal};

/// Makes a form. Refused when its unique id is taken or a rule is broken.
#[derive(Debug, Clone)]
pub struct CreateForm {
    pub id: i64,
    /// The body as sent.
    pub data: Map<String, Value>,
    pub references: References,
    /// Unique ids that are in use.
    pub taken: Vec<String>,
    /// Seven random characters, for a unique id made from the name.
    pub suffix: String,
}

impl Command for CreateForm {
    type Of = Form;
    type Refusal = Refusal;

    fn decide(self, form: &Form) -> Result<Vec<FormEvent>, Refusal> {
        if form.exists {
            return Err(Refusal::Taken);
        }
        check_form_types(&self.data)?;
        let mut attributes = merge(&Attributes::default(), &self.data, FORM, Reach::Full);
        fill_in(&mut attributes, &self.suffix);
        let mut problems = Vec::new();
        let sent = self.data.get("fields").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let fields = revised_fields(form, sent, &self.references, Reach::Full, &mut problems);
        check_form(&attributes, &fields, &mut problems);
        if self.taken.iter().any(|one| one == attributes.str("unique_id")) {
            problems.push(Problem::new("unique_id", FORM_ID, "/unique_id", "taken"));
        }
        Refusal::unless_empty(problems)?;
        Ok(vec![FormEvent::Created { id: self.id, attributes, fields }])
    }
}

fn fill_in(attributes: &mut Attributes, suffix: &str) {
    if attributes.str("unique_id").trim().is_empty() {
        let name = attributes.text("name");
        let name = parameterize(name.get("en").map(String::as_str).unwrap_or_default(), '-');
        attributes.set("unique_id", Value::from(format!("formsection-{name}-{suffix}")));
    }
    if attributes.get("parent_form").is_none() {
        attributes.set("parent_form", Value::from("case"));
    }
}

/// Checks the types of a form's body, its fields included.
pub fn check_form_types(data: &Map<String, Value>) -> Result<(), Refusal> {
    const EXTRAS: &[Property] =
        &[Property::new("id", Kind::Int), Property::new("fields", Kind::Objects)];
    let mut wrong = Vec::new();
    collect_wrong_types(FORM, data, "", &mut wrong);
    collect_wrong_types(EXTRAS, data, "", &mut wrong);
    let fields = data.get("fields").and_then(Value::as_array).into_iter().flatten();
    for (position, field) in fields.enumerate() {
        let Some(field) = field.as_object() else { continue };
        let at = format!("/fields/{position}");
        collect_wrong_types(FIELD, field, &at, &mut wrong);
        collect_wrong_types(FIELD_EXTRAS, field, &at, &mut wrong);
    }
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::WrongTypes(wrong)) }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;
    use serde_json::json;

    use super::*;

    fn create(data: Value) -> CreateForm {
        CreateForm {
            id: 31,
            data: data.as_object().unwrap().clone(),
            references: References {
                forms: [(7, "contacts_section".to_owned())].into(),
                fields: [].into(),
                new_ids: (300..320).collect(),
            },
            taken: vec!["basic".into()],
            suffix: "abc1234".into(),
        }
    }

    fn created(data: Value) -> Form {
        fold(&create(data).decide(&Form::default()).unwrap())
    }

    fn details(data: Value) -> Vec<String> {
        match create(data).decide(&Form::default()) {
            Err(Refusal::Invalid(problems)) => problems.into_iter().map(|one| one.detail).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn fields_are_ordered_by_position_unless_they_say_otherwise() {
        let form = created(json!({
            "unique_id": "y", "name": {"en": "Form Y"}, "parent_form": "case",
            "fields": [
                {"name": "a", "type": "separator", "display_name": {"en": "A"}},
                {"name": "b", "type": "separator", "display_name": {"en": "B"}, "order": 777},
                {"name": "c", "type": "separator", "display_name": {"en": "C"}}
            ]
        }));
        let orders: Vec<_> =
            form.fields.iter().map(|one| (one.id, one.attributes.int("order"))).collect();
        assert_eq!(orders, [(300, 0), (301, 777), (302, 2)]);
    }

    #[test]
    fn a_missing_unique_id_is_made_from_the_name() {
        let form = created(json!({"name": {"en": "Home visit (2)"}}));
        assert_eq!(form.unique_id(), "formsection-home-visit-2-abc1234");
        assert_eq!(form.parent_form(), "case");
    }

    #[test]
    fn a_subform_is_named_by_its_number() {
        let field = json!({"name": "contacts", "type": "subform", "display_name": {"en": "C"},
            "subform_section_id": 7, "subform_sort_by": "age"});
        let form = created(json!({"name": {"en": "C"}, "fields": [field]}));
        assert_eq!(form.fields[0].subform(), Some("contacts_section"));
        let display = form.fields[0].attributes.get("subform_section_configuration");
        assert_eq!(display, Some(&json!({"subform_sort_by": "age"})));
        let field = json!({"name": "x", "type": "subform", "display_name": {"en": "C"}, "subform_section_id": 8});
        assert_eq!(
            details(json!({"name": {"en": "C"}, "fields": [field]})),
            ["fields.subform_section_id"]
        );
    }

    #[test]
    fn broken_rules_are_named() {
        assert_eq!(details(json!({"unique_id": "x"})), ["name_en"]);
        assert_eq!(details(json!({"name": {"fr": "Santé"}})), ["name_en"]);
        assert_eq!(details(json!({"name": {"en": "50% off"}})), ["name"]);
        assert_eq!(details(json!({"name": {"en": "   "}})), ["name"]);
        assert_eq!(details(json!({"name": {"en": "A"}, "unique_id": "basic"})), ["unique_id"]);
        assert_eq!(details(json!({"name": {"en": "A"}, "parent_form": "../etc"})), ["parent_form"]);
        let twice = json!({"name": "a", "type": "tick_box", "display_name": {"en": "A"}});
        assert_eq!(details(json!({"name": {"en": "A"}, "fields": [twice, twice]})), ["fields"]);
        let field = json!({"name": "9a", "type": "poem", "display_name": {"en": "A!"}});
        assert_eq!(
            details(json!({"name": {"en": "A"}, "fields": [field]})),
            ["fields.name", "fields.type", "fields.display_name"]
        );
    }

    #[test]
    fn wrong_types_come_first() {
        let data = json!({"name": "A", "visible": "yes", "fields": [{"order": "x"}, 5]});
        let Err(Refusal::WrongTypes(wrong)) = create(data).decide(&Form::default()) else {
            panic!()
        };
        let pointers: Vec<_> = wrong.into_iter().map(|one| one.pointer).collect();
        assert_eq!(pointers, ["/name", "/visible", "/fields/1", "/fields/0/order"]);
    }

    #[test]
    fn core_forms_are_not_made_through_the_api() {
        let form = created(json!({"name": {"en": "A"}, "core_form": true, "editable": false}));
        assert!(!form.is_fixed());
    }
}

//! A form with its fields: one stream `form-<number>`.

mod field;
mod properties;
mod rules;

use kit_decider::Aggregate;
use kit_records::Text;
use serde::{Deserialize, Serialize};

use crate::Attributes;

pub use field::Field;
pub use properties::{FIELD, FIELD_EXTRAS, FORM};
pub use rules::{FORM_ID, References, check_form, revised_fields};

/// The record types that a form can belong to.
pub const RECORD_TYPES: [&str; 5] =
    ["case", "incident", "tracing_request", "family", "registry_record"];

/// What can have happened to a form. These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FormEvent {
    Created {
        id: i64,
        attributes: Attributes,
        fields: Vec<Field>,
    },
    /// Changed attributes; null took one away.
    Revised {
        changes: Attributes,
    },
    /// A field was added or changed, whole as it is now.
    FieldPut {
        field: Field,
    },
    FieldRemoved {
        name: String,
    },
    /// The names of all fields in their new sequence.
    FieldsArranged {
        names: Vec<String>,
    },
    Removed {},
}

/// A form as its history adds up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Form {
    pub id: i64,
    pub attributes: Attributes,
    pub fields: Vec<Field>,
    pub exists: bool,
}

impl Aggregate for Form {
    const CATEGORY: &'static str = "form";
    type Event = FormEvent;

    fn evolve(&mut self, event: &FormEvent) {
        match event {
            FormEvent::Created { id, attributes, fields } => {
                *self = Self {
                    id: *id,
                    attributes: attributes.clone(),
                    fields: fields.clone(),
                    exists: true,
                };
            }
            FormEvent::Revised { changes } => self.attributes.apply(changes),
            FormEvent::FieldPut { field } => self.put(field),
            FormEvent::FieldRemoved { name } => self.fields.retain(|one| one.name() != name),
            FormEvent::FieldsArranged { names } => {
                let place = |field: &Field| names.iter().position(|name| name == field.name());
                self.fields.sort_by_key(|field| place(field).unwrap_or(usize::MAX));
            }
            FormEvent::Removed {} => self.exists = false,
        }
    }
}

impl Form {
    fn put(&mut self, field: &Field) {
        match self.fields.iter_mut().find(|one| one.name() == field.name()) {
            Some(stored) => *stored = field.clone(),
            None => self.fields.push(field.clone()),
        }
    }

    pub fn unique_id(&self) -> &str {
        self.attributes.str("unique_id")
    }

    pub fn name(&self) -> Text {
        self.attributes.text("name")
    }

    /// The record type; forms of old snapshots may name others than [`RECORD_TYPES`].
    pub fn parent_form(&self) -> &str {
        self.attributes.str("parent_form")
    }

    pub fn is_nested(&self) -> bool {
        self.attributes.flag("is_nested", false)
    }

    pub fn module_ids(&self) -> Vec<String> {
        self.attributes.strs("module_ids")
    }

    /// Core and fixed forms are never removed.
    pub fn is_fixed(&self) -> bool {
        self.attributes.flag("core_form", false) || !self.attributes.flag("editable", true)
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|one| one.name() == name)
    }

    /// Fields as they are shown, by `order` and else in sequence.
    pub fn ordered_fields(&self) -> Vec<&Field> {
        let mut fields: Vec<&Field> = self.fields.iter().collect();
        fields.sort_by_key(|one| one.attributes.int("order"));
        fields
    }

    /// Unique ids of the subforms that its fields show.
    pub fn subforms(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter_map(Field::subform)
    }

    /// The events that lead from this form to attributes and fields as given.
    pub fn events_to(&self, attributes: &Attributes, fields: &[Field]) -> Vec<FormEvent> {
        let changes = self.attributes.changes_to(attributes);
        let revised = (!changes.is_empty()).then_some(FormEvent::Revised { changes });
        let is_kept = |old: &&Field| fields.iter().any(|new| new.name() == old.name());
        let gone = self.fields.iter().filter(|old| !is_kept(old));
        let gone = gone.map(|old| FormEvent::FieldRemoved { name: old.name().to_owned() });
        let put = fields.iter().filter(|new| self.field(new.name()) != Some(new));
        let put = put.map(|field| FormEvent::FieldPut { field: field.clone() });
        let kept = self.fields.iter().filter(is_kept).map(Field::name);
        let added = fields.iter().map(Field::name).filter(|name| self.field(name).is_none());
        let arranged = kept.chain(added).ne(fields.iter().map(Field::name)).then(|| {
            FormEvent::FieldsArranged {
                names: fields.iter().map(|one| one.name().to_owned()).collect(),
            }
        });
        revised.into_iter().chain(gone).chain(put).chain(arranged).collect()
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_sequence_of_fields_is_kept() {
        let field = |id: i64, name: &str| {
            let attributes = serde_json::from_value(json!({ "name": name })).unwrap();
            Field { id, attributes }
        };
        let attributes = Attributes::default();
        let fields = vec![field(1, "a"), field(2, "b"), field(3, "c")];
        let mut history =
            vec![FormEvent::Created { id: 1, attributes: attributes.clone(), fields }];
        let wanted = [field(4, "d"), field(3, "c"), field(1, "a")];
        let events = fold::<Form>(&history).events_to(&attributes, &wanted);
        assert_eq!(events.len(), 3);
        history.extend(events);
        let form: Form = fold(&history);
        assert_eq!(form.fields, wanted);
        assert_eq!(form.events_to(&attributes, &wanted), []);
    }
}

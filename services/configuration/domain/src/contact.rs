//! Whom to ask for help: one stream `contact-information`, sealed since it names a person.

use kit_decider::Aggregate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Attributes;
use crate::schema::{Kind, Property};

/// The properties of the contact information.
pub const CONTACT: &[Property] = &[
    Property::new("name", Kind::Str).nullable(),
    Property::new("organization", Kind::Str).nullable(),
    Property::new("phone", Kind::Str).nullable(),
    Property::new("location", Kind::Str).nullable(),
    Property::new("other_information", Kind::Str).nullable(),
    Property::new("support_forum", Kind::Str).nullable(),
    Property::new("email", Kind::Str).nullable(),
    Property::new("position", Kind::Str).nullable(),
];

/// A body that leaves exactly these attributes.
pub fn replacement(wanted: &Attributes) -> Map<String, Value> {
    let each = |property: &Property| {
        let value = wanted.get(property.name).cloned().unwrap_or_default();
        (property.name.to_owned(), value)
    };
    CONTACT.iter().map(each).collect()
}

/// What can have happened to the contact information. These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ContactEvent {
    /// Changed attributes; null took one away.
    Put { changes: Attributes },
}

/// The contact information as its history adds up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    pub attributes: Attributes,
}

impl Aggregate for Contact {
    const CATEGORY: &'static str = "contact";
    type Event = ContactEvent;

    fn evolve(&mut self, event: &ContactEvent) {
        match event {
            ContactEvent::Put { changes } => self.attributes.apply(changes),
        }
    }
}

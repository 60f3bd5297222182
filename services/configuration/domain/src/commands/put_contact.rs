//! `PutContact`: whom to ask for help.

use kit_decider::Command;
use serde_json::{Map, Value};

use crate::contact::CONTACT;
use crate::schema::{Reach, check_types, merge};
use crate::{Contact, ContactEvent, Refusal};

/// Changes what was sent of the contact information.
#[derive(Debug, Clone)]
pub struct PutContact {
    /// The body as sent.
    pub data: Map<String, Value>,
}

impl Command for PutContact {
    type Of = Contact;
    type Refusal = Refusal;

    fn decide(self, contact: &Contact) -> Result<Vec<ContactEvent>, Refusal> {
        check_types(CONTACT, &self.data)?;
        let attributes = merge(&contact.attributes, &self.data, CONTACT, Reach::Full);
        let changes = contact.attributes.changes_to(&attributes);
        let put = (!changes.is_empty()).then_some(ContactEvent::Put { changes });
        Ok(put.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_sent_stays() {
        let changes = serde_json::from_value(json!({"name": "A", "phone": "1"})).unwrap();
        let contact: Contact = fold(&[ContactEvent::Put { changes }]);
        let data = json!({"phone": null, "email": "e", "unknown": 1}).as_object().unwrap().clone();
        let changes = serde_json::from_value(json!({"email": "e", "phone": null})).unwrap();
        let events = PutContact { data }.decide(&contact).unwrap();
        assert_eq!(events, [ContactEvent::Put { changes }]);
    }
}

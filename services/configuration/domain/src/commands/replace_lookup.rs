//! `ReplaceLookup`: an option list becomes what a snapshot says.

use kit_decider::Command;

use crate::{Attributes, Lookup, LookupEvent, Refusal};

/// Makes the lookup, or turns it into the given one.
#[derive(Debug, Clone)]
pub struct ReplaceLookup {
    /// Number for a lookup that does not exist yet.
    pub id: i64,
    pub attributes: Attributes,
}

impl Command for ReplaceLookup {
    type Of = Lookup;
    type Refusal = Refusal;

    fn decide(self, lookup: &Lookup) -> Result<Vec<LookupEvent>, Refusal> {
        if !lookup.exists {
            return Ok(vec![LookupEvent::Created { id: self.id, attributes: self.attributes }]);
        }
        let changes = lookup.attributes.changes_to(&self.attributes);
        let revised = (!changes.is_empty()).then_some(LookupEvent::Revised { changes });
        Ok(revised.into_iter().collect())
    }
}

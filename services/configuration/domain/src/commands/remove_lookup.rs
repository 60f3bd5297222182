//! `RemoveLookup`: takes an option list away.

use kit_decider::Command;

use crate::{Lookup, LookupEvent, Refusal};

/// Removes a lookup. Refused while fields take their options from it.
#[derive(Debug, Clone)]
pub struct RemoveLookup {
    /// Names of the fields that use it.
    pub used_by: Vec<String>,
}

impl Command for RemoveLookup {
    type Of = Lookup;
    type Refusal = Refusal;

    fn decide(self, lookup: &Lookup) -> Result<Vec<LookupEvent>, Refusal> {
        if !lookup.exists {
            return Err(Refusal::NotFound);
        }
        if !self.used_by.is_empty() {
            let message = "errors.models.lookup.being_used";
            return Err(Refusal::one("lookup", message, "", "in_use"));
        }
        Ok(vec![LookupEvent::Removed {}])
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;

    use super::*;

    #[test]
    fn a_lookup_in_use_stays() {
        let lookup: Lookup =
            fold(&[LookupEvent::Created { id: 1, attributes: crate::Attributes::default() }]);
        assert!(RemoveLookup { used_by: vec!["sex".into()] }.decide(&lookup).is_err());
        let removed = RemoveLookup { used_by: vec![] }.decide(&lookup);
        assert_eq!(removed, Ok(vec![LookupEvent::Removed {}]));
    }
}

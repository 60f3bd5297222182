//! A record is attributed to the self-identified user whom it is about.

use kit_decider::Command;

use crate::{Attributed, Dossier, Event, Kind, Named, Refusal, Stamp};

/// Attributes a record to a self-identified user, or to nobody. A user has at most one of a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub to: Option<String>,
    /// What the directory and the other records say of `to`.
    pub user: Named,
}

impl<K: Kind> Command for Attribute<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        if dossier.identified.as_ref().map(|one| &one.by) == self.to.as_ref() {
            return Ok(vec![]);
        }
        match self.user {
            Named::Taken => return Err(Refusal::IdentifiedByTaken),
            Named::Known => {}
            Named::Nobody if self.to.is_none() => {}
            Named::Nobody | Named::Unknown => return Err(Refusal::IdentifiedByUnknown),
        }
        Ok(vec![Event::Attributed(Attributed { stamp: self.stamp, to: self.to })])
    }
}

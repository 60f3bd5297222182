//! A record is given to another user.

use kit_decider::Command;

use crate::{Dossier, Event, Kind, Named, OwnerChanged, Refusal, Stamp};

/// Gives a record to another user, whom the directory must know.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeOwner<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub to: String,
    /// What the directory says of `to`.
    pub owner: Named,
}

impl<K: Kind> Command for ChangeOwner<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        if dossier.owner == self.to {
            return Ok(vec![]);
        }
        if self.owner != Named::Known {
            return Err(Refusal::OwnerUnknown);
        }
        Ok(vec![Event::OwnerChanged(OwnerChanged { stamp: self.stamp, to: self.to })])
    }
}

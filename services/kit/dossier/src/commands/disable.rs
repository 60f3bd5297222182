//! A record leaves the default lists; nothing is removed.

use kit_decider::Command;

use crate::{Disabled, Dossier, Event, Kind, Refusal, Stamp};

/// Hides a record from the default lists.
#[derive(Debug, Clone, PartialEq)]
pub struct Disable<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
}

impl<K: Kind> Command for Disable<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        if !dossier.record_state {
            return Ok(vec![]);
        }
        Ok(vec![Event::Disabled(Disabled { stamp: self.stamp })])
    }
}

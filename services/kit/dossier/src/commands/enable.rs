//! A disabled record comes back to the default lists.

use kit_decider::Command;

use crate::{Dossier, Enabled, Event, Kind, Refusal, Stamp};

/// Brings a disabled record back to the default lists.
#[derive(Debug, Clone, PartialEq)]
pub struct Enable<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
}

impl<K: Kind> Command for Enable<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        if dossier.record_state {
            return Ok(vec![]);
        }
        Ok(vec![Event::Enabled(Enabled { stamp: self.stamp })])
    }
}

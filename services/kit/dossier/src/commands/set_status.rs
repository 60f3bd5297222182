//! A status that neither ends nor resumes the work.

use kit_decider::Command;

use crate::{Dossier, Event, Kind, Refusal, Stamp, StatusSet};

/// Gives a record another status, such as `transferred` or `duplicate`. Closing and reopening have
/// commands of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct SetStatus<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub status: String,
}

impl<K: Kind> Command for SetStatus<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        if dossier.status == self.status {
            return Ok(vec![]);
        }
        Ok(vec![Event::StatusSet(StatusSet { stamp: self.stamp, status: self.status })])
    }
}

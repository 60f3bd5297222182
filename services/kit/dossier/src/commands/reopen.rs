//! A closed record is taken up again.

use kit_decider::Command;

use crate::{Dossier, Event, Kind, Refusal, ReopenCause, Reopened, Stamp};

/// Opens a closed record again and logs who did so, when. What happens by itself (a service is
/// added) opens enabled records only.
#[derive(Debug, Clone, PartialEq)]
pub struct Reopen<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub cause: ReopenCause,
}

impl<K: Kind> Command for Reopen<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        let asked = self.cause == ReopenCause::Asked;
        if !dossier.is_closed() || !(asked || dossier.record_state) {
            return Ok(vec![]);
        }
        Ok(vec![Event::Reopened(Reopened { stamp: self.stamp, cause: self.cause })])
    }
}

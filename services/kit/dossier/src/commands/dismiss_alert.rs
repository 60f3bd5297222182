//! Somebody takes an alert away by hand.

use kit_decider::Command;
use uuid::Uuid;

use crate::alerts::dismissed;
use crate::{Dossier, Event, Kind, Refusal, Stamp};

/// Takes an alert away. One that is not there, or no more, is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DismissAlert<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub id: Uuid,
}

impl<K: Kind> Command for DismissAlert<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.alerts.iter().any(|alert| alert.id == self.id) {
            return Err(Refusal::AlertUnknown(self.id));
        }
        Ok(dismissed(self.stamp, vec![self.id]).into_iter().collect())
    }
}

//! `RemoveSnapshot`: forgets a kept configuration. What is in force stays in force.

use kit_decider::Command;

use crate::{Refusal, Snapshot, SnapshotEvent};

/// Removes a snapshot.
#[derive(Debug, Clone)]
pub struct RemoveSnapshot;

impl Command for RemoveSnapshot {
    type Of = Snapshot;
    type Refusal = Refusal;

    fn decide(self, snapshot: &Snapshot) -> Result<Vec<SnapshotEvent>, Refusal> {
        if !snapshot.exists {
            return Err(Refusal::NotFound);
        }
        Ok(vec![SnapshotEvent::Removed {}])
    }
}

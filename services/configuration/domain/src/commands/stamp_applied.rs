//! `StampApplied`: a snapshot became the configuration, first here, then for everyone.

use kit_decider::Command;

use crate::{Refusal, Snapshot, SnapshotEvent};

/// Notes that the snapshot is the configuration of an epoch.
#[derive(Debug, Clone)]
pub struct StampApplied {
    pub epoch: u64,
    /// Whether identity has followed too.
    pub in_force: bool,
}

impl Command for StampApplied {
    type Of = Snapshot;
    type Refusal = Refusal;

    fn decide(self, snapshot: &Snapshot) -> Result<Vec<SnapshotEvent>, Refusal> {
        if !snapshot.exists {
            return Err(Refusal::NotFound);
        }
        let Self { epoch, in_force } = self;
        Ok(match in_force {
            false if snapshot.applied != Some(epoch) => vec![SnapshotEvent::Applied { epoch }],
            true if snapshot.in_force != Some(epoch) => vec![SnapshotEvent::TookForce { epoch }],
            _ => vec![],
        })
    }
}

//! `RemoveSnapshot`: forgets a kept configuration. What is in force stays in force.

use kit_decider::Command;

use crate::{Refusal, Snapshot, SnapshotEvent};

/// Removes a snapshot. Refused while identity has still to follow it, since that needs its data.
#[derive(Debug, Clone)]
pub struct RemoveSnapshot;

impl Command for RemoveSnapshot {
    type Of = Snapshot;
    type Refusal = Refusal;

    fn decide(self, snapshot: &Snapshot) -> Result<Vec<SnapshotEvent>, Refusal> {
        if !snapshot.exists {
            return Err(Refusal::NotFound);
        }
        if snapshot.applied > snapshot.in_force {
            let message = "errors.models.configuration.being_applied";
            return Err(Refusal::one("applied_on", message, "", "in_use"));
        }
        Ok(vec![SnapshotEvent::Removed {}])
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;
    use serde_json::Map;

    use super::*;

    #[test]
    fn a_snapshot_stays_until_it_is_in_force() {
        let mut history = vec![
            SnapshotEvent::Saved {
                name: None,
                description: None,
                version: "1".into(),
                primero_version: "2".into(),
                data: Map::new(),
            },
            SnapshotEvent::Applied { epoch: 3 },
        ];
        assert!(RemoveSnapshot.decide(&fold(&history)).is_err());
        history.push(SnapshotEvent::TookForce { epoch: 3 });
        let removed = RemoveSnapshot.decide(&fold(&history));
        assert_eq!(removed, Ok(vec![SnapshotEvent::Removed {}]));
    }
}

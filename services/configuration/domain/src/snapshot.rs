//! A configuration kept as a whole: one stream `configuration-<uuid>`, sealed since its
//! contact information names people.

use kit_decider::Aggregate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What can have happened to a snapshot. These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SnapshotEvent {
    Saved {
        name: Option<String>,
        description: Option<String>,
        version: String,
        primero_version: String,
        /// Lists of objects by kind, in the snapshot format.
        data: Map<String, Value>,
    },
    /// The configuration of this epoch is what the snapshot says; identity may still follow.
    Applied {
        epoch: u64,
    },
    /// Identity has followed: the snapshot is in force for everyone.
    TookForce {
        epoch: u64,
    },
    Removed {},
}

/// A snapshot as its history adds up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub name: Option<String>,
    pub description: Option<String>,
    pub version: String,
    pub primero_version: String,
    pub data: Map<String, Value>,
    /// The epoch of the last time it was applied.
    pub applied: Option<u64>,
    /// The epoch of the last time it took force.
    pub in_force: Option<u64>,
    pub exists: bool,
}

impl Aggregate for Snapshot {
    const CATEGORY: &'static str = "configuration";
    type Event = SnapshotEvent;

    fn evolve(&mut self, event: &SnapshotEvent) {
        match event {
            SnapshotEvent::Saved { name, description, version, primero_version, data } => {
                *self = Self {
                    name: name.clone(),
                    description: description.clone(),
                    version: version.clone(),
                    primero_version: primero_version.clone(),
                    data: data.clone(),
                    applied: None,
                    in_force: None,
                    exists: true,
                };
            }
            SnapshotEvent::Applied { epoch } => self.applied = Some(*epoch),
            SnapshotEvent::TookForce { epoch } => self.in_force = Some(*epoch),
            SnapshotEvent::Removed {} => {
                self.exists = false;
                self.data = Map::new();
            }
        }
    }
}

/// Whether a snapshot made by `theirs` can be applied by a system of version `ours`.
pub fn can_apply(theirs: &str, ours: &str) -> bool {
    let parts = |version: &str| -> Vec<u64> {
        version.split(['.', '-']).map_while(|part| part.parse().ok()).collect()
    };
    parts(theirs) <= parts(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_of_a_newer_version_cannot_be_applied() {
        assert!(can_apply("2.15.2.1", "2.15.2.1"));
        assert!(can_apply("2.9", "2.15.2.1"));
        assert!(can_apply("", "2.15.2.1"));
        assert!(!can_apply("2.16.0", "2.15.2.1"));
    }
}

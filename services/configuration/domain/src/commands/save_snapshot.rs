//! `SaveSnapshot`: keeps a whole configuration, the present one or an uploaded one.

use kit_decider::Command;
use serde_json::{Map, Value};

use crate::snapshot_format::NEEDED_KINDS;
use crate::{Refusal, Snapshot, SnapshotEvent};

/// Keeps a snapshot. Every kind of object but reports must be there.
#[derive(Debug, Clone)]
pub struct SaveSnapshot {
    pub name: Option<String>,
    pub description: Option<String>,
    pub version: String,
    pub version_taken: bool,
    pub primero_version: String,
    pub data: Map<String, Value>,
}

impl Command for SaveSnapshot {
    type Of = Snapshot;
    type Refusal = Refusal;

    fn decide(self, snapshot: &Snapshot) -> Result<Vec<SnapshotEvent>, Refusal> {
        if snapshot.exists {
            return Err(Refusal::Taken);
        }
        let filled = |kind: &&str| {
            self.data.get(*kind).and_then(Value::as_array).is_some_and(|all| !all.is_empty())
        };
        if !NEEDED_KINDS.iter().all(filled) {
            return Err(Refusal::one(
                "data",
                "errors.models.configuration.data",
                "/data",
                "required",
            ));
        }
        if self.version_taken {
            let message = "errors.models.configuration.version_uniqueness";
            return Err(Refusal::one("version", message, "/version", "taken"));
        }
        let Self { name, description, version, primero_version, data, .. } = self;
        Ok(vec![SnapshotEvent::Saved { name, description, version, primero_version, data }])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn save(data: Value, version_taken: bool) -> Result<Vec<SnapshotEvent>, Refusal> {
        let data = data.as_object().unwrap().clone();
        let (name, description) = (Some("A".into()), None);
        let (version, primero_version) = ("1".to_owned(), "2.15".to_owned());
        SaveSnapshot { name, description, version, version_taken, primero_version, data }
            .decide(&Snapshot::default())
    }

    #[test]
    fn every_kind_but_reports_is_needed() {
        let whole = json!({"FormSection": [{}], "Lookup": [{}], "Agency": [{}], "Role": [{}],
            "UserGroup": [{}], "ContactInformation": [{}]});
        assert!(save(whole.clone(), false).is_ok());
        assert!(save(whole.clone(), true).is_err());
        let mut less = whole;
        less["Role"] = json!([]);
        assert!(save(less, false).is_err());
        assert!(save(json!({}), false).is_err());
    }
}

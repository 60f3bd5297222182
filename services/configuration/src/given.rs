//! A configuration as whoever keeps the installation gives it: a snapshot, or nothing for the
//! program's own; and what people changed of the one before.

use std::fmt::Write as _;

use configuration_domain::{Contact, SaveSnapshot, Snapshot, SnapshotData, differences};
use kit_serve::Refusal;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::{App, wrong_type};
use crate::apply::organisation_part;
use crate::contact::CONTACT;
use crate::documents::CONTRACT_VERSION;
use crate::refusals::store_refusal;
use crate::standard;
use crate::workspace::Workspace;

/// Names of changed objects that an answer has at most.
const NAMED: usize = 100;
/// The version of the program that runs.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// What is to be installed.
pub struct Given {
    pub name: String,
    pub description: Option<String>,
    pub version: String,
    pub primero_version: String,
    pub data: Map<String, Value>,
    /// Of its data, as hex.
    pub digest: String,
    /// The version of the program, when it is the program's own.
    pub shipped_with: Option<String>,
}

impl Given {
    /// Reads a snapshot; no bytes stand for the program's own.
    pub fn of(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.is_empty() {
            return Self::standard();
        }
        let given: Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|_not_an_object| wrong_type("", "object"))?;
        let data = data_of(&given).ok_or_else(|| wrong_type("/data", "object"))?;
        let text = |name: &str| given.get(name).and_then(Value::as_str).map(str::to_owned);
        let digest = digest(&data);
        Ok(Self {
            name: text("name").unwrap_or_else(|| "Configuration of the installation".to_owned()),
            description: text("description"),
            version: text("version").unwrap_or_else(|| digest[..12].to_owned()),
            primero_version: text("primero_version").unwrap_or_else(|| CONTRACT_VERSION.to_owned()),
            data,
            digest,
            shipped_with: None,
        })
    }

    fn standard() -> Result<Self, Refusal> {
        let data = standard::snapshot_data().map_err(Refusal::internal)?;
        Ok(Self {
            name: "Amparo standard configuration".to_owned(),
            description: None,
            version: format!("amparo-{PROGRAM}"),
            primero_version: CONTRACT_VERSION.to_owned(),
            digest: digest(&data),
            data,
            shipped_with: Some(PROGRAM.to_owned()),
        })
    }

    /// The command that keeps it; `what` describes it where it does not describe itself.
    pub fn save(&self, what: &str) -> SaveSnapshot {
        SaveSnapshot {
            name: Some(self.name.clone()),
            description: Some(self.description.clone().unwrap_or_else(|| what.to_owned())),
            version: self.version.clone(),
            version_taken: false,
            primero_version: self.primero_version.clone(),
            data: self.data.clone(),
        }
    }
}

impl App {
    /// What people changed since a snapshot was applied and would lose by another, by kind and
    /// unique id: objects that are no longer as the one had them and that the other changes.
    pub async fn lost_by(
        &self,
        tenant: Uuid,
        present: &Workspace,
        installed: &Snapshot,
        given: &Map<String, Value>,
    ) -> Result<Vec<String>, Refusal> {
        let mut lost = self.differences(tenant, present, given).await?;
        // Of one that somebody removed nobody can tell what changed since.
        if installed.exists {
            let changed = self.differences(tenant, present, &installed.data).await?;
            lost.retain(|object| changed.contains(object));
        }
        lost.truncate(NAMED);
        Ok(lost)
    }

    /// What applying this would make, change or remove.
    async fn differences(
        &self,
        tenant: Uuid,
        present: &Workspace,
        data: &Map<String, Value>,
    ) -> Result<Vec<String>, Refusal> {
        let contact = self.store.load::<Contact>(tenant, CONTACT).await.map_err(store_refusal)?;
        let read = SnapshotData::read(data);
        let mut found = differences(&present.configuration, &contact.state, &read);
        let epoch = present.configuration.epoch;
        let part = organisation_part(data, Uuid::nil(), epoch, "");
        found.extend(self.organisation.changes(tenant, part).await?);
        Ok(found)
    }
}

/// A file has its data beside name and version; bare data will do.
fn data_of(given: &Map<String, Value>) -> Option<Map<String, Value>> {
    match given.get("data") {
        Some(data) => data.as_object().cloned(),
        None => given.contains_key("FormSection").then(|| given.clone()),
    }
}

/// SHA-256 of data as hex, whatever the order of its keys.
pub fn digest(data: &Map<String, Value>) -> String {
    let mut hash = Sha256::new();
    add_object(&mut hash, data);
    let bytes: [u8; 32] = hash.finalize().into();
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

fn add(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Object(members) => add_object(hash, members),
        Value::Array(items) => {
            hash.update(format!("[{}", items.len()));
            for item in items {
                add(hash, item);
            }
        }
        plain => add_text(hash, &plain.to_string()),
    }
}

fn add_object(hash: &mut Sha256, members: &Map<String, Value>) {
    let mut keys: Vec<&String> = members.keys().collect();
    keys.sort();
    hash.update(format!("{{{}", keys.len()));
    for key in keys {
        add_text(hash, key);
        add(hash, &members[key]);
    }
}

/// With its length, so that no two lists of texts look alike.
fn add_text(hash: &mut Sha256, text: &str) {
    hash.update(format!("{}:", text.len()));
    hash.update(text);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn digest_of(value: &Value) -> String {
        digest(value.as_object().unwrap())
    }

    #[test]
    fn the_order_of_keys_means_nothing_and_that_of_items_does() {
        let one = digest_of(&json!({"a": 1, "b": [{"c": "x", "d": null}, 2]}));
        assert_eq!(one, digest_of(&json!({"b": [{"d": null, "c": "x"}, 2], "a": 1})));
        assert_ne!(one, digest_of(&json!({"a": 1, "b": [2, {"c": "x", "d": null}]})));
        assert_ne!(digest_of(&json!({"a": ["b"]})), digest_of(&json!({"a": {"b": {}}})));
        assert_eq!(one.len(), 64);
    }

    #[test]
    fn no_bytes_are_the_programs_own() {
        let standard = Given::of(b"").unwrap();
        assert_eq!(standard.shipped_with.as_deref(), Some(PROGRAM));
        assert!(standard.version.starts_with("amparo-"));
        assert!(Given::of(b"[1]").is_err());
        assert!(Given::of(b"{\"data\": 5}").is_err());
    }
}

//! What the tenant's records look like: what is asked for, and what is in force.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the tenant's records look like: a bundle or a snapshot.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.bundle) != has(self.snapshot)")
        .message("name either a bundle or a snapshot")
)]
pub struct Configuration {
    /// A configuration that the program ships.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<Bundle>,
    /// A configuration snapshot in JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotRef>,
    /// Agrees that what people changed in the program is replaced. Each text counts once: write
    /// another one to agree again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub reapply: Option<String>,
}

impl Default for Configuration {
    fn default() -> Self {
        Self { bundle: Some(Bundle::Standard), snapshot: None, reapply: None }
    }
}

/// Configurations that the program ships.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Bundle {
    Standard,
}

/// Where a snapshot is.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotRef {
    /// A `ConfigMap` in this namespace.
    pub config_map_ref: ConfigMapRef,
}

/// A key of a `ConfigMap`.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMapRef {
    /// Name of the `ConfigMap`.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Key in it.
    #[serde(default = "configuration_json")]
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

/// The configuration that is in force.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ConfigurationStatus {
    /// Its number when it was applied.
    #[schemars(range(min = 0))]
    pub catalog_version: i64,
    /// SHA-256 of what was applied last.
    #[schemars(length(max = 71))]
    pub digest: String,
    /// SHA-256 of what this object asked for then: what it refers to, and reapply.
    #[serde(default)]
    #[schemars(length(max = 71))]
    pub source: String,
    /// What was let through with a warning.
    #[schemars(range(min = 0))]
    pub warnings: i64,
}

fn configuration_json() -> String {
    "configuration.json".to_owned()
}

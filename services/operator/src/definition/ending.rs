//! What happens to the data in the end, and what became of it.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happens to the data in the end.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new(
        "self.policy != 'Destroy' || (has(self.withoutExport) && self.withoutExport)"
    )
    .message("Destroy exports nothing: agree with withoutExport, or take ExportThenDestroy")
)]
pub struct Deletion {
    /// Retain closes the tenant and keeps its data; Destroy closes it and destroys its keys;
    /// `ExportThenDestroy` closes and exports it, and destroys its keys once `confirm` names it.
    pub policy: DeletionPolicy,
    /// Agrees that nothing is exported before keys are destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_export: Option<bool>,
    /// The tenant's name, written by whoever agrees that it is destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40))]
    pub confirm: Option<String>,
}

/// Whether data outlives the object.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeletionPolicy {
    #[default]
    Retain,
    Destroy,
    ExportThenDestroy,
}

/// An export that is whole.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ExportStatus {
    /// Its name in the operator's folder of exports.
    #[schemars(length(max = 253))]
    pub file: String,
    /// How many lines it has.
    #[schemars(range(min = 0))]
    pub lines: i64,
    /// Of its lines, as hex.
    #[schemars(length(max = 64))]
    pub sha256: String,
}

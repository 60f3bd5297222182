//! What the people of a record should hear of. Storage: version with care.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Stamp;

/// Something happened that the people of a record should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alerted {
    pub stamp: Stamp,
    pub id: Uuid,
    pub alert_for: AlertFor,
    /// Where to look: the unique id of a form, as the tenant's settings name it.
    pub form: String,
    #[serde(default)]
    pub audience: Audience,
}

/// Somebody has seen to these alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertsDismissed {
    pub stamp: Stamp,
    pub ids: Vec<Uuid>,
}

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertFor {
    /// A field was changed that the tenant wants watched.
    FieldChange,
    /// Somebody else than the owner reported an incident.
    IncidentFromCase,
}

/// Whom an alert is meant for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The owner, who has seen it once they save the record.
    #[default]
    Owner,
    /// All who work on the record: it stays until somebody takes it away.
    Associated,
}

impl AlertFor {
    /// The name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FieldChange => "field_change",
            Self::IncidentFromCase => "incident_from_case",
        }
    }
}

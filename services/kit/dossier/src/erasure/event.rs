//! What can have happened to an erasure. These are storage: version with care.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::Stamp;

/// One thing that happened to an erasure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ErasureEvent {
    Requested(RequestedErasure),
    Approved(Approved),
    /// By who asked.
    Withdrawn(Ended),
    /// By somebody who could have agreed.
    Refused(Ended),
    /// Nobody agreed in time.
    Expired(Ended),
    CarriedOut(CarriedOut),
    Recovered(Recovered),
}

/// A text that only whoever has the record's key can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedText {
    pub key_id: Uuid,
    /// Sealed bytes.
    pub sealed: Vec<u8>,
}

/// Who reached the record: coded values, so that they can still be told that it was erased.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user_names: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agencies: Vec<String>,
}

/// Somebody asked that a record be erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestedErasure {
    pub stamp: Stamp,
    pub id: Uuid,
    pub record_type: String,
    pub record_id: Uuid,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<SealedText>,
    pub known: Known,
}

/// Somebody else agreed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Approved {
    pub stamp: Stamp,
}

/// It will not come to that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    pub stamp: Stamp,
}

/// The record is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CarriedOut {
    pub stamp: Stamp,
    pub certificate: Value,
}

/// A restored backup learned from the keyring's journal that the record was erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recovered {
    pub stamp: Stamp,
    pub id: Uuid,
    pub record_type: String,
    pub record_id: Uuid,
    pub reason: String,
    pub known: Known,
    pub requested: Stamp,
    pub approved: Stamp,
}

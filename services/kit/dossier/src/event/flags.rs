//! What somebody wants looked at. Storage: version with care.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Stamp;

/// Somebody wants something looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flagged {
    pub stamp: Stamp,
    pub id: i64,
    pub message: String,
    pub date: Date,
}

/// What a flag says was corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagChanged {
    pub stamp: Stamp,
    pub id: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

/// A flag was dealt with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unflagged {
    pub stamp: Stamp,
    pub id: i64,
    /// How.
    pub message: String,
}

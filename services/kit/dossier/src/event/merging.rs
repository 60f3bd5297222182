//! Two records of one person become one, and are parted again. Storage: version with care.

use kit_records::Record;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Stamp;

/// What another record of the same person says became a part of this one: when the two were
/// merged, and whenever the other was still written to afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Absorbed {
    pub stamp: Stamp,
    /// The merge; all that came by it goes with it.
    pub merge: Uuid,
    /// The other record.
    pub other: Uuid,
    pub other_display_id: String,
    /// A patch (see `kit_records::apply`) cut to what really differed.
    #[serde(default, skip_serializing_if = "Record::is_empty")]
    pub changes: Record,
    /// What the tenant's rules of that day made of it; a patch as well.
    #[serde(default, skip_serializing_if = "Record::is_empty")]
    pub computed: Record,
    /// The conflicts that were opened by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Uuid>,
}

/// The record was merged into another of the same person, which is worked with from then on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergedInto {
    pub stamp: Stamp,
    pub merge: Uuid,
    /// The record that is kept.
    pub into: Uuid,
    pub into_display_id: String,
    /// Who owns that one: others that belong to this record follow.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub into_owner: String,
}

/// A merge was taken back: the record is what it would be without it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Released {
    pub stamp: Stamp,
    pub merge: Uuid,
    /// The record that stands for itself again.
    pub other: Uuid,
    /// All form fields as they are from then on.
    pub values: Record,
}

/// The merge that took this record out of use was taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Restored {
    pub stamp: Stamp,
    pub merge: Uuid,
}

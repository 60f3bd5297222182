//! What can have happened to a record. These are storage: version with care.
//!
//! Events hold ids and what a person entered or decided. What belongs to another service (an
//! owner's groups, agency or full name) and what follows from the record itself (collected
//! dates, follow-up status, ...) is in none of them.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_records::Record;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

mod alerts;
mod flags;
mod merging;

pub use alerts::{AlertFor, Alerted, AlertsDismissed, Audience};
pub use flags::{FlagChanged, Flagged, Unflagged};
pub use merging::{Absorbed, MergedInto, Released, Restored};

/// One thing that happened to a record of any kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    Registered(Registered),
    Changed(Changed),
    Closed(Closed),
    Reopened(Reopened),
    StatusSet(StatusSet),
    Disabled(Disabled),
    Enabled(Enabled),
    OwnerChanged(OwnerChanged),
    Attributed(Attributed),
    ConflictOpened(ConflictOpened),
    ConflictSettled(ConflictSettled),
    Overruled(Overruled),
    Aged(Aged),
    Assigned(Assigned),
    Absorbed(Absorbed),
    MergedInto(MergedInto),
    Released(Released),
    Restored(Restored),
    Flagged(Flagged),
    FlagChanged(FlagChanged),
    Unflagged(Unflagged),
    IncidentsNoted(IncidentsNoted),
    Forgotten(Forgotten),
    Alerted(Alerted),
    AlertsDismissed(AlertsDismissed),
}

/// Who did it, and when. All events of one command carry the same stamp.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// User name, or the service's own name.
    pub by: String,
    pub at: Timestamp,
}

/// A record was made: the first event of every one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Registered {
    pub stamp: Stamp,
    pub id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    pub status: String,
    pub owner: String,
    /// The record's own time; a device that was offline sends an earlier one than the stamp's.
    pub created_at: Timestamp,
    /// Agency of the registering user at that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency_office: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// What the tenant's rule for case codes gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub display_id: String,
    /// The self-identified user whose record this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identified_by: Option<String>,
    /// What was entered.
    #[serde(default, skip_serializing_if = "Record::is_empty")]
    pub values: Record,
    /// What the tenant's rules of that day made of it.
    #[serde(default, skip_serializing_if = "Record::is_empty")]
    pub computed: Record,
}

/// Fields were changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    pub stamp: Stamp,
    /// The `record_action` that it was done under, if one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The record's version that its author saw, if they told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<u64>,
    /// A patch (see `kit_records::apply`) cut to what really differed.
    #[serde(default, skip_serializing_if = "Record::is_empty")]
    pub changes: Record,
    /// What the tenant's rules of that day made of it; a patch as well.
    #[serde(default, skip_serializing_if = "Record::is_empty")]
    pub computed: Record,
}

/// Work on the record ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Closed {
    pub stamp: Stamp,
    pub date: Date,
}

/// A closed record was taken up again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reopened {
    pub stamp: Stamp,
    pub cause: ReopenCause,
}

/// Why a record was taken up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReopenCause {
    /// Somebody decided so.
    Asked,
    /// A service was added to the closed record.
    ServiceAdded,
    /// An incident was reported for the closed record.
    IncidentReported,
}

/// The status became one that is neither closing nor reopening, such as `duplicate`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusSet {
    pub stamp: Stamp,
    pub status: String,
}

/// The record was hidden from the default lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Disabled {
    pub stamp: Stamp,
}

/// The record was brought back to the default lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Enabled {
    pub stamp: Stamp,
}

/// The record was given to another user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwnerChanged {
    pub stamp: Stamp,
    pub to: String,
}

/// The record was attributed to a self-identified user, or to none any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attributed {
    pub stamp: Stamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Two people changed the same value differently: the stored one stays until somebody settles it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConflictOpened {
    pub stamp: Stamp,
    pub id: Uuid,
    /// Where: `/age`, or `/contacts/<entry id>/age`; see `kit_records::Touched`.
    pub path: String,
    /// The value that stayed.
    pub kept: Value,
    /// The version that brought it.
    pub kept_version: u64,
    /// The value that came second.
    pub proposed: Value,
    /// The version that the second author had seen.
    pub base: u64,
}

/// A conflict was settled; the value chosen is in the `Changed` beside it, if it differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConflictSettled {
    pub stamp: Stamp,
    pub id: Uuid,
}

/// A value came second and gave way, as the field's policy says; nobody needs to settle it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overruled {
    pub stamp: Stamp,
    pub path: String,
    pub kept: Value,
    pub proposed: Value,
    pub base: u64,
}

/// The person had a birthday. Nobody changed the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Aged {
    pub stamp: Stamp,
    pub age: i16,
}

/// These users, and no others, work on the record beside its owner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assigned {
    pub stamp: Stamp,
    pub users: Vec<String>,
}

/// These incidents, and no others, belong to the record, as the service of incidents tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentsNoted {
    pub stamp: Stamp,
    pub incidents: Vec<Uuid>,
}

/// A record was erased of which this one held a copy: that goes, and histories tell it no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    pub stamp: Stamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<ForgottenEntry>,
}

/// An entry of a subform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgottenEntry {
    pub subform: String,
    /// Its `unique_id`.
    pub id: String,
}

impl Event {
    /// Every name that an event is stored under; each has a file in `golden/`.
    pub const KINDS: [&'static str; 25] = [
        "registered",
        "changed",
        "closed",
        "reopened",
        "status_set",
        "disabled",
        "enabled",
        "owner_changed",
        "attributed",
        "conflict_opened",
        "conflict_settled",
        "overruled",
        "aged",
        "assigned",
        "absorbed",
        "merged_into",
        "released",
        "restored",
        "flagged",
        "flag_changed",
        "unflagged",
        "incidents_noted",
        "forgotten",
        "alerted",
        "alerts_dismissed",
    ];

    /// The name it is stored under.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Registered(_) => "registered",
            Self::Changed(_) => "changed",
            Self::Closed(_) => "closed",
            Self::Reopened(_) => "reopened",
            Self::StatusSet(_) => "status_set",
            Self::Disabled(_) => "disabled",
            Self::Enabled(_) => "enabled",
            Self::OwnerChanged(_) => "owner_changed",
            Self::Attributed(_) => "attributed",
            Self::ConflictOpened(_) => "conflict_opened",
            Self::ConflictSettled(_) => "conflict_settled",
            Self::Overruled(_) => "overruled",
            Self::Aged(_) => "aged",
            Self::Assigned(_) => "assigned",
            Self::Absorbed(_) => "absorbed",
            Self::MergedInto(_) => "merged_into",
            Self::Released(_) => "released",
            Self::Restored(_) => "restored",
            Self::Flagged(_) => "flagged",
            Self::FlagChanged(_) => "flag_changed",
            Self::Unflagged(_) => "unflagged",
            Self::IncidentsNoted(_) => "incidents_noted",
            Self::Forgotten(_) => "forgotten",
            Self::Alerted(_) => "alerted",
            Self::AlertsDismissed(_) => "alerts_dismissed",
        }
    }

    /// Who did it, and when.
    pub const fn stamp(&self) -> &Stamp {
        match self {
            Self::Registered(Registered { stamp, .. })
            | Self::Changed(Changed { stamp, .. })
            | Self::Closed(Closed { stamp, .. })
            | Self::Reopened(Reopened { stamp, .. })
            | Self::StatusSet(StatusSet { stamp, .. })
            | Self::Disabled(Disabled { stamp })
            | Self::Enabled(Enabled { stamp })
            | Self::OwnerChanged(OwnerChanged { stamp, .. })
            | Self::Attributed(Attributed { stamp, .. })
            | Self::ConflictOpened(ConflictOpened { stamp, .. })
            | Self::ConflictSettled(ConflictSettled { stamp, .. })
            | Self::Overruled(Overruled { stamp, .. })
            | Self::Aged(Aged { stamp, .. })
            | Self::Assigned(Assigned { stamp, .. })
            | Self::Absorbed(Absorbed { stamp, .. })
            | Self::MergedInto(MergedInto { stamp, .. })
            | Self::Released(Released { stamp, .. })
            | Self::Restored(Restored { stamp, .. })
            | Self::Flagged(Flagged { stamp, .. })
            | Self::FlagChanged(FlagChanged { stamp, .. })
            | Self::Unflagged(Unflagged { stamp, .. })
            | Self::IncidentsNoted(IncidentsNoted { stamp, .. })
            | Self::Forgotten(Forgotten { stamp, .. })
            | Self::Alerted(Alerted { stamp, .. })
            | Self::AlertsDismissed(AlertsDismissed { stamp, .. }) => stamp,
        }
    }
}

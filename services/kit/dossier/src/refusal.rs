//! Every no of a record, each with what a caseworker's client needs to explain it.

use kit_records::Violation;
use uuid::Uuid;

/// Why something asked of a record was not done. Never holds what a person entered.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("Conflict: A record with this id already exists")]
    AlreadyRegistered,
    #[error("no such record")]
    NotRegistered,
    /// The body does not fit the forms (422 `Invalid Record JSON`).
    #[error("Invalid Record JSON")]
    Invalid(Vec<Violation>),
    /// The birth would lie in a later year than this.
    #[error("errors.models.child.date_of_birth")]
    BornInTheFuture,
    #[error("errors.models.child.owned_by")]
    OwnerUnknown,
    /// Not an enabled, verified user who identifies themselves.
    #[error("errors.models.child.identified_by")]
    IdentifiedByUnknown,
    /// That user has a record of this kind already.
    #[error("errors.models.child.identified_by_unique")]
    IdentifiedByTaken,
    /// The update says it was based on a version that the record has not reached.
    #[error("errors.models.child.base_version")]
    BaseAhead { base: u64, version: u64 },
    /// The author may not write the field that the conflict is about.
    #[error("Forbidden")]
    NotPermitted,
    #[error("no such open conflict")]
    ConflictUnknown(Uuid),
    /// One of two records cannot take part in the merge.
    #[error("{0}")]
    NotMergeable(&'static str),
    /// The record was merged into this one, which is written to instead.
    #[error("this record was merged into another")]
    Merged(Uuid),
    /// The two records are not merged, or by another merge.
    #[error("these records are not merged")]
    NotMerged,
    #[error("Couldn't find Flag with 'id'={0}")]
    FlagUnknown(i64),
    #[error("Couldn't find Alert")]
    AlertUnknown(Uuid),
    /// A rule of the record's own kind: the attribute, and the key of the sentence.
    #[error("{message}")]
    Rule { attribute: &'static str, message: &'static str },
}

/// The closed set of answers that the shell maps to gRPC codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalCode {
    NotFound,
    PermissionDenied,
    AlreadyExists,
    InvalidArgument,
}

impl Refusal {
    /// Which kind of no it is.
    pub const fn code(&self) -> RefusalCode {
        match self {
            Self::AlreadyRegistered | Self::NotMergeable(_) | Self::Merged(_) | Self::NotMerged => {
                RefusalCode::AlreadyExists
            }
            Self::NotRegistered
            | Self::ConflictUnknown(_)
            | Self::FlagUnknown(_)
            | Self::AlertUnknown(_) => RefusalCode::NotFound,
            Self::NotPermitted => RefusalCode::PermissionDenied,
            Self::Invalid(_)
            | Self::BornInTheFuture
            | Self::OwnerUnknown
            | Self::IdentifiedByUnknown
            | Self::IdentifiedByTaken
            | Self::BaseAhead { .. }
            | Self::Rule { .. } => RefusalCode::InvalidArgument,
        }
    }

    /// The attribute that a model rule failed on; the answer's `detail`.
    pub const fn attribute(&self) -> Option<&'static str> {
        match self {
            Self::BornInTheFuture => Some("date_of_birth"),
            Self::OwnerUnknown => Some("owned_by"),
            Self::IdentifiedByUnknown | Self::IdentifiedByTaken => Some("identified_by"),
            Self::BaseAhead { .. } => Some("base_version"),
            Self::Rule { attribute, .. } => Some(attribute),
            Self::AlreadyRegistered
            | Self::NotRegistered
            | Self::Invalid(_)
            | Self::NotPermitted
            | Self::NotMergeable(_)
            | Self::Merged(_)
            | Self::NotMerged
            | Self::ConflictUnknown(_)
            | Self::FlagUnknown(_)
            | Self::AlertUnknown(_) => None,
        }
    }
}

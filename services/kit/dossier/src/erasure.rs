//! The erasure of a record: one person asks, another agrees, then its key is destroyed.
//!
//! ```text
//!   RequestErasure -> requested -- ApproveErasure --> approved -- CarryOutErasure --> carried out
//!                        |  |                            ^
//!                        |  +-- RefuseErasure --> withdrawn, refused
//!                        +----- LapseErasure ---> expired
//!   RecoverErasure: a restored backup does not know what the keyring's journal lists.
//! ```
//!
//! Nothing of a record itself lies in these events: ids, user names, coded values, and a text
//! that is sealed with the record's own key, so that it goes with the record.

mod event;
mod request;
mod settle;

pub use event::{
    Approved, CarriedOut, Ended, ErasureEvent, Known, Recovered, RequestedErasure, SealedText,
};
use jiff::{SignedDuration, Timestamp};
use kit_decider::{Aggregate, Stored};
pub use request::{RecoverErasure, RequestErasure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
pub use settle::{ApproveErasure, CarryOutErasure, LapseErasure, RefuseErasure};
use uuid::Uuid;

use crate::Stamp;

/// Why a record may be erased.
pub const REASONS: [&str; 6] = [
    "requested_by_subject",
    "retention_period_over",
    "entered_in_error",
    "no_legal_basis",
    "legal_order",
    "other",
];

/// How long a request waits for somebody who agrees.
pub const OPEN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Where an erasure stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureStatus {
    /// Nobody asked.
    #[default]
    Nothing,
    Requested,
    Approved,
    CarriedOut,
    Withdrawn,
    Refused,
    Expired,
}

impl ErasureStatus {
    /// The name in the API and in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::CarriedOut => "carried_out",
            Self::Withdrawn => "withdrawn",
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }
}

/// One erasure.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Erasure {
    pub status: ErasureStatus,
    pub id: Uuid,
    /// `case`
    pub record_type: String,
    pub record_id: Uuid,
    pub reason: String,
    pub text: Option<SealedText>,
    /// Who reached the record when its erasure was asked for.
    pub known: Known,
    pub requested: Stamp,
    pub approved: Option<Stamp>,
    /// Withdrawn, refused, expired or carried out.
    pub ended: Option<Stamp>,
    /// Learned from the keyring's journal after a backup was restored.
    pub recovered: bool,
    /// What was destroyed, and where.
    pub certificate: Option<Value>,
}

impl Erasure {
    /// When a request runs out.
    pub fn expires_at(&self) -> Timestamp {
        self.requested.at.saturating_add(OPEN_FOR).unwrap_or(Timestamp::MAX)
    }

    /// The status as it is at that moment: a request runs out by itself.
    pub fn status_at(&self, now: Timestamp) -> ErasureStatus {
        if self.status == ErasureStatus::Requested && self.expires_at() <= now {
            return ErasureStatus::Expired;
        }
        self.status
    }
}

impl Aggregate for Erasure {
    const CATEGORY: &'static str = "erasure";
    type Event = ErasureEvent;

    fn evolve(&mut self, event: &ErasureEvent) {
        match event {
            ErasureEvent::Requested(event) => {
                self.status = ErasureStatus::Requested;
                self.id = event.id;
                self.record_type.clone_from(&event.record_type);
                self.record_id = event.record_id;
                self.reason.clone_from(&event.reason);
                self.text.clone_from(&event.text);
                self.known.clone_from(&event.known);
                self.requested = event.stamp.clone();
            }
            ErasureEvent::Approved(event) => {
                self.status = ErasureStatus::Approved;
                self.approved = Some(event.stamp.clone());
            }
            ErasureEvent::Withdrawn(event) => self.end(ErasureStatus::Withdrawn, &event.stamp),
            ErasureEvent::Refused(event) => self.end(ErasureStatus::Refused, &event.stamp),
            ErasureEvent::Expired(event) => self.end(ErasureStatus::Expired, &event.stamp),
            ErasureEvent::CarriedOut(event) => {
                self.end(ErasureStatus::CarriedOut, &event.stamp);
                self.certificate = Some(event.certificate.clone());
            }
            ErasureEvent::Recovered(event) => self.recover(event),
        }
    }
}

impl Erasure {
    fn end(&mut self, status: ErasureStatus, stamp: &Stamp) {
        self.status = status;
        self.ended = Some(stamp.clone());
    }

    fn recover(&mut self, event: &Recovered) {
        *self = Self {
            status: ErasureStatus::Approved,
            id: event.id,
            record_type: event.record_type.clone(),
            record_id: event.record_id,
            reason: event.reason.clone(),
            text: None,
            known: event.known.clone(),
            requested: event.requested.clone(),
            approved: Some(event.approved.clone()),
            ended: None,
            recovered: true,
            certificate: None,
        };
    }
}

impl Stored for Erasure {
    /// It holds nothing that a person said, and outlives the record.
    const SEALED: bool = false;
}

/// Why something asked of an erasure was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErasureRefusal {
    #[error("no such erasure")]
    Unknown,
    #[error("another erasure has this id")]
    Taken,
    /// Who asks cannot agree as well.
    #[error("the person who asks cannot agree as well")]
    SamePerson,
    #[error("the request is no longer open")]
    NotOpen(&'static str),
    #[error("the request has run out")]
    Expired,
}

#[cfg(test)]
mod tests;

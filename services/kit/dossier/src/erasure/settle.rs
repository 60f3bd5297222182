//! What becomes of a request.

use kit_decider::Command;
use serde_json::Value;

use super::{Approved, CarriedOut, Ended, Erasure, ErasureEvent, ErasureRefusal, ErasureStatus};
use crate::Stamp;

type Decided = Result<Vec<ErasureEvent>, ErasureRefusal>;

/// Another person agrees. From here on the erasure cannot be stopped.
#[derive(Debug, Clone)]
pub struct ApproveErasure {
    pub stamp: Stamp,
}

impl Command for ApproveErasure {
    type Of = Erasure;
    type Refusal = ErasureRefusal;

    fn decide(self, state: &Erasure) -> Decided {
        if state.approved.as_ref().is_some_and(|agreed| agreed.by == self.stamp.by) {
            return Ok(vec![]);
        }
        open(state, &self.stamp)?;
        if state.requested.by == self.stamp.by {
            return Err(ErasureRefusal::SamePerson);
        }
        Ok(vec![ErasureEvent::Approved(Approved { stamp: self.stamp })])
    }
}

/// Who asked withdraws the request; anybody else refuses it.
#[derive(Debug, Clone)]
pub struct RefuseErasure {
    pub stamp: Stamp,
}

impl Command for RefuseErasure {
    type Of = Erasure;
    type Refusal = ErasureRefusal;

    fn decide(self, state: &Erasure) -> Decided {
        open(state, &self.stamp)?;
        let own = state.requested.by == self.stamp.by;
        let ended = Ended { stamp: self.stamp };
        let event = if own { ErasureEvent::Withdrawn(ended) } else { ErasureEvent::Refused(ended) };
        Ok(vec![event])
    }
}

/// A request that ran out makes room for another.
#[derive(Debug, Clone)]
pub struct LapseErasure {
    pub stamp: Stamp,
}

impl Command for LapseErasure {
    type Of = Erasure;
    type Refusal = ErasureRefusal;

    fn decide(self, state: &Erasure) -> Decided {
        match state.status_at(self.stamp.at) {
            ErasureStatus::Expired if state.status == ErasureStatus::Requested => {
                Ok(vec![ErasureEvent::Expired(Ended { stamp: self.stamp })])
            }
            _ => Ok(vec![]),
        }
    }
}

/// The record is gone; the certificate says what was destroyed.
#[derive(Debug, Clone)]
pub struct CarryOutErasure {
    pub stamp: Stamp,
    pub certificate: Value,
}

impl Command for CarryOutErasure {
    type Of = Erasure;
    type Refusal = ErasureRefusal;

    fn decide(self, state: &Erasure) -> Decided {
        let Self { stamp, certificate } = self;
        match state.status {
            ErasureStatus::CarriedOut => Ok(vec![]),
            ErasureStatus::Approved => {
                Ok(vec![ErasureEvent::CarriedOut(CarriedOut { stamp, certificate })])
            }
            other => Err(ErasureRefusal::NotOpen(other.as_str())),
        }
    }
}

/// Whether a request still waits for an answer.
fn open(state: &Erasure, stamp: &Stamp) -> Result<(), ErasureRefusal> {
    match state.status_at(stamp.at) {
        ErasureStatus::Requested => Ok(()),
        ErasureStatus::Nothing => Err(ErasureRefusal::Unknown),
        ErasureStatus::Expired => Err(ErasureRefusal::Expired),
        other => Err(ErasureRefusal::NotOpen(other.as_str())),
    }
}

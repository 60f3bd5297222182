//! How an erasure begins: somebody asks, or a journal tells of it.

use kit_decider::Command;
use uuid::Uuid;

use super::{
    Erasure, ErasureEvent, ErasureRefusal, ErasureStatus, Known, Recovered, RequestedErasure,
    SealedText,
};
use crate::Stamp;

/// Asks that a record be erased. The shell has looked whether the caller may.
#[derive(Debug, Clone)]
pub struct RequestErasure {
    pub stamp: Stamp,
    pub id: Uuid,
    pub record_type: String,
    pub record_id: Uuid,
    pub reason: String,
    pub text: Option<SealedText>,
    pub known: Known,
}

impl Command for RequestErasure {
    type Of = Erasure;
    type Refusal = ErasureRefusal;

    fn decide(self, state: &Erasure) -> Result<Vec<ErasureEvent>, ErasureRefusal> {
        if state.status != ErasureStatus::Nothing {
            return Err(ErasureRefusal::Taken);
        }
        let Self { stamp, id, record_type, record_id, reason, text, known } = self;
        let event = RequestedErasure { stamp, id, record_type, record_id, reason, text, known };
        Ok(vec![ErasureEvent::Requested(event)])
    }
}

/// Takes over from the journal what a restored backup does not know. The key is gone already, so
/// that nothing but carrying it out is left.
#[derive(Debug, Clone)]
pub struct RecoverErasure(pub Recovered);

impl Command for RecoverErasure {
    type Of = Erasure;
    type Refusal = ErasureRefusal;

    fn decide(self, state: &Erasure) -> Result<Vec<ErasureEvent>, ErasureRefusal> {
        match state.status {
            ErasureStatus::Approved | ErasureStatus::CarriedOut => Ok(vec![]),
            ErasureStatus::Nothing
            | ErasureStatus::Requested
            | ErasureStatus::Withdrawn
            | ErasureStatus::Refused
            | ErasureStatus::Expired => Ok(vec![ErasureEvent::Recovered(self.0)]),
        }
    }
}

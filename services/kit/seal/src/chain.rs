//! The hash chain of a stream: altering, removing or moving an event breaks it.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::sealed::associated;

/// SHA-256.
pub type Hash = [u8; 32];

/// What the first event of a stream is chained to.
pub const GENESIS: Hash = [0; 32];

/// All that an event's hash covers beside the previous hash.
#[derive(Debug, Clone, Copy)]
pub struct ChainLink<'a> {
    pub tenant: Uuid,
    pub stream: &'a str,
    pub version: i64,
    pub event_id: Uuid,
    pub kind: &'a str,
    pub schema: i32,
    pub key_id: Option<Uuid>,
    pub actor: &'a str,
    pub command_id: Uuid,
    pub correlation: Uuid,
    pub causation: Option<Uuid>,
    pub trace: Option<&'a str>,
    /// Unix microseconds, UTC.
    pub recorded_at: i64,
    /// As stored: sealed, or plain where a stream is not sealed.
    pub payload: &'a [u8],
}

impl ChainLink<'_> {
    /// The hash of this event, given the one before it.
    pub fn hash(&self, previous: &Hash) -> Hash {
        let key_id = self.key_id.map(Uuid::into_bytes);
        let causation = self.causation.map(Uuid::into_bytes);
        let covered = associated(&[
            b"amparo event 1",
            previous,
            self.tenant.as_bytes(),
            self.stream.as_bytes(),
            &self.version.to_be_bytes(),
            self.event_id.as_bytes(),
            self.kind.as_bytes(),
            &self.schema.to_be_bytes(),
            key_id.as_ref().map_or(&[][..], |id| &id[..]),
            self.actor.as_bytes(),
            self.command_id.as_bytes(),
            self.correlation.as_bytes(),
            causation.as_ref().map_or(&[][..], |id| &id[..]),
            // None and an empty text must not look alike.
            &[u8::from(self.trace.is_some())],
            self.trace.unwrap_or_default().as_bytes(),
            &self.recorded_at.to_be_bytes(),
            self.payload,
        ]);
        Sha256::digest(covered).into()
    }
}

/// Bytes as people and documents name them: two lower-case digits each.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(payload: &[u8]) -> ChainLink<'_> {
        ChainLink {
            tenant: Uuid::nil(),
            stream: "case-1",
            version: 1,
            event_id: Uuid::nil(),
            kind: "opened",
            schema: 1,
            key_id: None,
            actor: "amina",
            command_id: Uuid::nil(),
            correlation: Uuid::nil(),
            causation: None,
            trace: None,
            recorded_at: 0,
            payload,
        }
    }

    #[test]
    fn every_part_counts() {
        let first = link(b"x").hash(&GENESIS);
        let others = [
            ChainLink { stream: "case-2", ..link(b"x") },
            ChainLink { version: 2, ..link(b"x") },
            ChainLink { kind: "closed", ..link(b"x") },
            ChainLink { actor: "yusuf", ..link(b"x") },
            ChainLink { key_id: Some(Uuid::nil()), ..link(b"x") },
            ChainLink { causation: Some(Uuid::nil()), ..link(b"x") },
            ChainLink { trace: Some(""), ..link(b"x") },
            ChainLink { recorded_at: 1, ..link(b"x") },
            link(b"y"),
        ];
        for other in others {
            assert_ne!(other.hash(&GENESIS), first, "{other:?}");
        }
        assert_ne!(link(b"x").hash(&first), first);
    }
}

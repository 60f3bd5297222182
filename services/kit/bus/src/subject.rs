//! Subjects: `facts.<service>.<partition>.<tenant>.<kind>.<id>`.

use std::fmt::Write;

use kit_proto::facts::v1::fact::Kind;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Facts of one stream always go to one partition; changing this number would reorder them.
pub const PARTITIONS: u16 = 8;

/// The partition of a stream's facts.
pub fn partition_of(tenant: Uuid, stream: &str) -> u16 {
    let mut digest = Sha256::new();
    digest.update(tenant.as_bytes());
    digest.update(stream.as_bytes());
    u16::from(digest.finalize()[0]) % PARTITIONS
}

/// What stands for a destroyed record in subjects.
pub const RECORD_ERASED: &str = "record_erased";

/// What stands for a changed tenant in subjects.
pub const TENANT_CHANGED: &str = "tenant_changed";

/// What stands for the kind of a fact in its subject.
pub fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::TenantChanged(_) => TENANT_CHANGED,
        Kind::UserChanged(_) => "user_changed",
        Kind::PeopleChanged(_) => "people_changed",
        Kind::CatalogChanged(_) => "catalog_changed",
        Kind::LocationsChanged(_) => "locations_changed",
        Kind::CaseChanged(_) => "case_changed",
        Kind::RecordChanged(_) => "record_changed",
        Kind::RecordErased(_) => RECORD_ERASED,
        Kind::ReadingAlarmRaised(_) => "reading_alarm_raised",
        Kind::CallAudited(_) => "call_audited",
    }
}

/// An id as one token of a subject: what NATS gives a meaning to is written as hex.
pub(crate) fn token(id: &str) -> String {
    let mut token = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' {
            token.push(char::from(byte));
        } else {
            let _ = write!(token, "={byte:02X}");
        }
    }
    if token.is_empty() { "=".to_owned() } else { token }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_one_token_whatever_they_hold() {
        assert_eq!(token("case-7_a"), "case-7_a");
        assert_eq!(token("a.b *>\u{645}"), "a=2Eb=20=2A=3E=D9=85");
        assert_eq!(token(""), "=");
    }

    #[test]
    fn a_stream_stays_in_its_partition() {
        let partitions: std::collections::BTreeSet<_> =
            (0..200).map(|n| partition_of(Uuid::nil(), &format!("case-{n}"))).collect();
        assert_eq!(partitions.len(), usize::from(PARTITIONS));
        // Stored forever in JetStream and checkpoints: this must never change.
        assert_eq!(partition_of(Uuid::nil(), "case-1"), 1);
    }
}

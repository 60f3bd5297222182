//! What a device asks with: what it knows, what is pinned, and how much it can take.

use std::collections::BTreeMap;

use kit_serve::{FieldProblem, Refusal};
use serde::Deserialize;
use uuid::Uuid;

/// Records per type that a device keeps at most.
const MOST: i64 = 1_000;
/// More than a device can have been given, with room for what it has not let go of.
const MOST_KNOWN: usize = 3_000;
const MOST_PINNED: usize = 200;
/// Records in one answer at most.
const RECORDS: usize = 100;
/// An answer that is this large ends.
const BYTES: usize = 1_000_000;

/// The body, as the gateway sends it on for each type.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    known: BTreeMap<Uuid, String>,
    pinned: Vec<Uuid>,
    limit: Option<i64>,
    /// What earlier types have left of one answer.
    records: Option<usize>,
    bytes: Option<usize>,
}

/// A request that makes sense.
#[derive(Debug)]
pub struct Wish {
    /// Tags by id.
    pub known: BTreeMap<Uuid, String>,
    pub pinned: Vec<Uuid>,
    pub limit: i64,
    pub records: usize,
    pub bytes: usize,
}

impl Wish {
    pub fn read(json: &[u8]) -> Result<Self, Refusal> {
        let wrong = |field: &str, code: &str| {
            Refusal::invalid_record(vec![FieldProblem::new(format!("/{field}"), code)])
        };
        // An array would be read as the members of an object in their order.
        let object = json.trim_ascii_start().starts_with(b"{");
        let sent: Option<Sent> = serde_json::from_slice(json).ok().filter(|_| object);
        let sent = sent.ok_or_else(|| wrong("known", "wrong_type"))?;
        if sent.known.len() > MOST_KNOWN {
            return Err(wrong("known", "too_many"));
        }
        if sent.pinned.len() > MOST_PINNED {
            return Err(wrong("pinned", "too_many"));
        }
        Ok(Self {
            known: sent.known,
            pinned: super::once(sent.pinned),
            limit: sent.limit.unwrap_or(500).clamp(0, MOST),
            records: sent.records.unwrap_or(RECORDS).min(RECORDS),
            bytes: sent.bytes.unwrap_or(BYTES).min(BYTES),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(sent: &serde_json::Value) -> Result<Wish, Refusal> {
        Wish::read(sent.to_string().as_bytes())
    }

    #[test]
    fn a_wish_has_bounds() {
        let id = Uuid::from_u128(7);
        let wish = read(&json!({"pinned": [id, id], "limit": 100_000, "records": 9_999})).unwrap();
        assert_eq!((wish.pinned.len(), wish.limit, wish.records), (1, MOST, RECORDS));
        assert_eq!(read(&json!({})).unwrap().limit, 500);
        assert_eq!(read(&json!({"limit": -1})).unwrap().limit, 0, "only what is pinned");
        let many: Vec<Uuid> = (0..=MOST_PINNED as u128).map(Uuid::from_u128).collect();
        assert!(read(&json!({"pinned": many})).is_err());
        assert!(read(&json!({"known": {"x": "1"}})).is_err());
        assert!(read(&json!([])).is_err());
    }
}

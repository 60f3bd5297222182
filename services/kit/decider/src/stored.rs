//! What an aggregate says about itself so that its history can be stored.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Aggregate;

/// An aggregate whose events and state can be stored.
///
/// Events are an enum with `#[serde(tag = "type", ...)]`: the tag is the event's type column.
pub trait Stored:
    Aggregate<Event: Serialize + DeserializeOwned + Clone + Send + Sync + 'static>
    + Serialize
    + DeserializeOwned
    + Clone
    + Send
    + Sync
    + 'static
{
    /// The version of the event shapes written today.
    const SCHEMA: i32 = 1;
    /// The version of the state's shape; snapshots of another one are not read.
    const STATE: i32 = 1;
    /// Whether payloads are sealed with a key of the stream's own.
    const SEALED: bool = true;
    /// A snapshot is kept each time the version passes a multiple of this.
    const SNAPSHOT_EVERY: u64 = 50;

    /// Reads an event of any schema version ever written (upcast older shapes here).
    fn decode(kind: &str, schema: i32, json: &[u8]) -> Result<Self::Event, serde_json::Error> {
        let _ = (kind, schema);
        serde_json::from_slice(json)
    }
}

//! The port to whoever destroys keys for good, with a journal and a note of what for.

use futures_util::future::BoxFuture;
use serde_json::Value;
use uuid::Uuid;

/// A key that was destroyed, and what for.
#[derive(Debug, Clone, PartialEq)]
pub struct Destroyed {
    pub key_id: Uuid,
    pub note: Value,
}

/// Where the journal outside the database lists a destroyed key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub number: u64,
    /// Of this entry and all before it, as hex.
    pub hash: String,
}

/// The keyring, as erasing needs it.
pub trait Shredder: Send + Sync + 'static {
    /// Destroys a key; the note stays. None where the keyring keeps no journal. Safe to repeat.
    fn destroy(
        &self,
        tenant: Uuid,
        key_id: Uuid,
        note: Value,
    ) -> BoxFuture<'_, anyhow::Result<Option<Listed>>>;

    /// The keys that were destroyed with a note.
    fn destroyed(&self, tenant: Uuid) -> BoxFuture<'_, anyhow::Result<Vec<Destroyed>>>;
}

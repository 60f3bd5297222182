//! What keeps facts from travelling.

use kit_store::StoreError;

/// Why a step of a relay or consumer did not succeed. All are tried again.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("NATS does not answer as it should")]
    Nats(#[source] anyhow::Error),
    /// Another relay or consumer has taken over.
    #[error("another process has taken over")]
    TakenOver,
    /// Postgres was put back to an earlier moment, and NATS was not emptied.
    #[error("NATS has facts of a history that Postgres does not have: give it an empty disk")]
    OtherHistory,
}

impl BusError {
    pub(crate) fn nats(error: impl Into<anyhow::Error>) -> Self {
        Self::Nats(error.into())
    }
}

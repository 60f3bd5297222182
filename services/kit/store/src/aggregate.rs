//! Under what a command is carried out, and on what.

use jiff::Timestamp;
use kit_decider::Aggregate;
use uuid::Uuid;

/// Who asks, where, when and in answer to what. Made at the edge, travels as data.
#[derive(Debug, Clone)]
pub struct Meta {
    pub tenant: Uuid,
    /// User name, or the service's own name.
    pub actor: String,
    /// Chosen by the client where it can: a repeat returns the first outcome.
    pub command_id: Uuid,
    pub now: Timestamp,
    /// The request that all of this began with.
    pub correlation: Uuid,
    pub causation: Option<Uuid>,
    /// W3C `traceparent`.
    pub trace: Option<String>,
}

/// The name of a stream: `{CATEGORY}-{id}`.
pub fn stream_name<A: Aggregate>(id: impl std::fmt::Display) -> String {
    format!("{}-{id}", A::CATEGORY)
}

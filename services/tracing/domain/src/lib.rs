//! Everything about family tracing, as pure decisions: no I/O, no clock, no randomness, no async.
//!
//! The life of a tracing request is that of every record ([`kit_dossier`]); here is what only it
//! has: its traces, each with a history of its own, and what is known of a child on either side
//! as matching sees it.

pub mod comparison;
mod kind;
mod profile;
mod trace;

pub use kind::{Sought, TRACES, TracingKind, sought, trace_ids};
pub use profile::{is_wanted, of_trace, tells_of};
pub use trace::{
    Basis, Cause, Confirm, Found, Pair, Propose, Refusal, Reject, Release, See, Standing, Trace,
    TraceEvent,
};

/// A tracing request, at one version.
pub type TracingRequest = kit_dossier::Dossier<TracingKind>;

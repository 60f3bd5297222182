//! Everything about an incident, as pure decisions: no I/O, no clock, no randomness, no async.
//!
//! The life of an incident is that of every record ([`kit_dossier`]); here is what only an
//! incident has: what it takes over of its case, what follows from reports of gender-based
//! violence, and the violations of the monitoring of grave violations against children.

pub mod case;
mod dates;
pub mod gbv;
mod kind;
pub mod violations;

pub use case::{CaseCard, FieldMap, LinkToCase};
pub use kind::IncidentKind;

/// An incident, at one version.
pub type Incident = kit_dossier::Dossier<IncidentKind>;

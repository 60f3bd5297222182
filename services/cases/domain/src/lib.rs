//! Everything about a case, as pure decisions: no I/O, no clock, no randomness, no async.
//!
//! The life of a case is that of every record ([`kit_dossier`]); here is what only a case has:
//!
//! ```text
//!                 RegisterCase
//!                      |                      CloseCase
//!   (identified) ----> open -----------------------------------> closed
//!                      ^  |  <------------------------------------ |
//!                      |  |      ReopenCase, or a service is added |
//!                      +--+ UpdateCase, AddNote, SettleConflict    + (the same)
//!
//!   beside it: DisableCase / EnableCase hide a case from lists and bring it back.
//! ```

mod commands;
pub mod compute;
pub mod derived;
mod document;
pub mod duplicates;
pub mod families;
mod kind;
#[cfg(test)]
mod life;
#[cfg(test)]
mod merge_model;
#[cfg(test)]
mod properties;
pub mod tasks;
#[cfg(test)]
mod testing;
pub mod workflow;

pub use commands::{AddNote, RefreshAge};
pub use document::{View, document};
pub use kind::CaseKind;
use kit_dossier::fields;
pub use kit_dossier::{
    Aged, Attributed, Author, Changed, Closed, Conflict, ConflictOpened, ConflictSettled, Context,
    Disabled, Enabled, Event as CaseEvent, Identified, Named, Overruled, OwnerChanged,
    Refusal as CaseRefusal, RefusalCode, Registered, ReopenCause, Reopened, Rights, Stamp,
    StatusSet, erasure, history, naming, short_id,
};
use kit_dossier::{
    Attribute, ChangeOwner as Give, Close, Disable, Dossier, Enable, Register, Reopen,
    SetStatus as Set, SettleConflict as Settle, Update,
};

/// A case, at one version.
pub type Case = Dossier<CaseKind>;
pub type RegisterCase = Register<CaseKind>;
pub type UpdateCase = Update<CaseKind>;
pub type SettleConflict = Settle<CaseKind>;
pub type CloseCase = Close<CaseKind>;
pub type ReopenCase = Reopen<CaseKind>;
pub type SetStatus = Set<CaseKind>;
pub type DisableCase = Disable<CaseKind>;
pub type EnableCase = Enable<CaseKind>;
pub type ChangeOwner = Give<CaseKind>;
pub type AttributeCase = Attribute<CaseKind>;

//! Everything about a case, as pure decisions: no I/O, no clock, no randomness, no async.
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

pub mod case;
mod commands;
pub mod compute;
mod context;
pub mod derived;
mod document;
pub mod erasure;
mod event;
pub mod history;
#[cfg(test)]
mod merge_model;
pub mod naming;
mod patch;
#[cfg(test)]
mod properties;
mod refusal;
mod save;
pub mod tasks;
#[cfg(test)]
mod testing;
mod upcast;
pub mod workflow;

pub use case::{Case, Conflict, Identified, short_id};
pub use commands::{
    AddNote, AttributeCase, ChangeOwner, CloseCase, DisableCase, EnableCase, RefreshAge,
    RegisterCase, ReopenCase, SetStatus, SettleConflict, UpdateCase,
};
pub use context::{Author, Context, Named, Rights};
pub use document::{View, document, own_fields};
pub use event::{
    Aged, Attributed, CaseEvent, Changed, Closed, ConflictOpened, ConflictSettled, Disabled,
    Enabled, Overruled, OwnerChanged, Registered, ReopenCause, Reopened, Stamp, StatusSet,
};
pub use refusal::{CaseRefusal, RefusalCode};

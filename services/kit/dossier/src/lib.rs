//! The life of one record of any kind, as pure decisions: no I/O, no clock, no randomness, no
//! async. A [`Kind`] says what differs.
//!
//! ```text
//!                 Register
//!                      |                      Close
//!   (identified) ----> open ------------------------------------> closed
//!                      ^  |  <------------------------------------ |
//!                      |  |      Reopen, or what the kind says     |
//!                      +--+ Update, SettleConflict                 + (the same)
//!
//!   beside it: Disable / Enable hide a record from lists and bring it back.
//! ```

mod commands;
mod context;
mod document;
mod dossier;
pub mod erasure;
mod event;
pub mod fields;
pub mod given;
pub mod history;
mod kind;
#[cfg(test)]
mod life;
pub mod naming;
pub mod places;
mod refusal;
mod save;
mod upcast;

pub use commands::{
    Assign, Attribute, ChangeOwner, Close, Disable, Enable, Register, Reopen, SetStatus,
    SettleConflict, Update,
};
pub use context::{Author, Context, Named, Rights};
pub use dossier::{CLOSED, Conflict, Dossier, IDENTIFIED, Identified, OPEN, TRANSFERRED, short_id};
pub use event::{
    Aged, Assigned, Attributed, Changed, Closed, ConflictOpened, ConflictSettled, Disabled,
    Enabled, Event, Overruled, OwnerChanged, Registered, ReopenCause, Reopened, Stamp, StatusSet,
};
pub use kind::{Kind, Names, Save};
pub use refusal::{Refusal, RefusalCode};

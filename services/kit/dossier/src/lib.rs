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
//!   beside it: Disable / Enable hide a record from lists and bring it back; two records of one
//!   person are merged by Absorb (the one that stays) and Retire, and parted by Release and Restore.
//! ```

pub mod alerts;
mod commands;
mod context;
mod document;
mod dossier;
pub mod erasure;
mod event;
pub mod fields;
pub mod flags;
mod forgotten;
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
    Absorb, AddFlag, Assign, Attribute, Carry, ChangeOwner, Close, Disable, DismissAlert, EditFlag,
    Enable, Forget, NoteIncident, Register, Release, Reopen, ResolveFlag, Restore, Retire,
    SetStatus, SettleConflict, Side, Update, UpdateRetired,
};
pub use context::{Author, Context, Named, Rights};
pub use dossier::{
    CLOSED, Conflict, Dossier, IDENTIFIED, Identified, Merge, OPEN, TRANSFERRED, short_id,
};
pub use event::{
    Absorbed, Aged, AlertFor, Alerted, AlertsDismissed, Assigned, Attributed, Audience, Changed,
    Closed, ConflictOpened, ConflictSettled, Disabled, Enabled, Event, FlagChanged, Flagged,
    Forgotten, ForgottenEntry, IncidentsNoted, MergedInto, Overruled, OwnerChanged, Registered,
    Released, ReopenCause, Reopened, Restored, Stamp, StatusSet, Unflagged,
};
pub use kind::{Kind, Names, Save};
pub use refusal::{Refusal, RefusalCode};

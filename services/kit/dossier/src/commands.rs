//! What may be asked of a record of any kind: one file each, with its rule and its tests.

mod assign;
mod attribute;
mod change_owner;
mod close;
mod disable;
mod dismiss_alert;
mod enable;
mod flag;
mod forget;
mod merge;
mod note_incident;
mod register;
mod reopen;
mod set_status;
mod settle_conflict;
mod unmerge;
mod update;

pub use assign::Assign;
pub use attribute::Attribute;
pub use change_owner::ChangeOwner;
pub use close::Close;
pub use disable::Disable;
pub use dismiss_alert::DismissAlert;
pub use enable::Enable;
pub use flag::{AddFlag, EditFlag, ResolveFlag};
pub use forget::Forget;
pub use merge::{Absorb, Carry, Retire, Side, UpdateRetired};
pub use note_incident::NoteIncident;
pub use register::Register;
pub use reopen::Reopen;
pub use set_status::SetStatus;
pub use settle_conflict::SettleConflict;
pub use unmerge::{Release, Restore};
pub use update::Update;

//! What may be asked of a case: one file each, with its rule and its tests.

mod add_note;
mod attribute;
mod change_owner;
mod close;
mod disable;
mod enable;
mod refresh_age;
mod register;
mod reopen;
mod set_status;
mod settle_conflict;
mod update;

pub use add_note::AddNote;
pub use attribute::AttributeCase;
pub use change_owner::ChangeOwner;
pub use close::CloseCase;
pub use disable::DisableCase;
pub use enable::EnableCase;
pub use refresh_age::RefreshAge;
pub use register::RegisterCase;
pub use reopen::ReopenCase;
pub use set_status::SetStatus;
pub use settle_conflict::SettleConflict;
pub use update::UpdateCase;

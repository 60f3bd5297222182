//! What may be asked of a case only; what may be asked of every record is in kit-dossier.

mod add_note;
mod refresh_age;

pub use add_note::AddNote;
pub use refresh_age::RefreshAge;

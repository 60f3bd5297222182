//! Cases that may be of the same child twice: asked for before a case is registered, and looked
//! for in the background whenever one changes. Candidates come from the blind terms of the cabinet,
//! which are always up to date; they are opened, and compared by kit-matching.

mod comparing;
mod judge;
mod listed;
mod pairs;
mod similar;
mod watch;

pub use pairs::DuplicateVerdict;
pub use watch::watch;

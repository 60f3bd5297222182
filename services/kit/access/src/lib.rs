//! Who is asking, and what that lets them do. Pure: no I/O, no async, no clock.

mod principal;

pub use principal::{FormAccess, ManagedReportScope, Objects, Principal, Scope};

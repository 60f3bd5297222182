//! Who is asking, and what that lets them do. Pure: no I/O, no async, no clock.

mod audit;
mod permitted;
mod principal;
mod proven;
mod reach;
mod readable;
mod reading;
mod writable;

pub use audit::{AUDIT_RECORD_TYPES, audit_actions};
pub use permitted::{Handover, Permitted, RECORD_ACTIONS, Write};
pub use principal::{FormAccess, ManagedReportScope, Objects, Principal, Scope};
pub use proven::{PROVEN_FOR, recently_proven};
pub use reach::{Reach, Term};
pub use reading::{Habit, Pace, ReadingRules};

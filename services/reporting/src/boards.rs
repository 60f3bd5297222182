//! Dashboards, kept and not computed: what each record counts for is added to counts, and taken
//! from them again, in the transaction that takes in the fact. README.md says why it is so.

mod approvals;
pub mod ask;
pub mod assigning;
pub mod dashboards;
pub mod home;
pub mod inbox;
pub mod keep;
pub mod kinds;
pub mod query;
pub mod rebuild;
pub mod sharing;
pub mod tally;
pub mod told;
mod violations;

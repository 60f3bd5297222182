//! The served crate against real Postgres and NATS, asked as the gateway asks it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod alerts;
mod api;
mod counts;
mod duplicates;
mod erasing;
mod families;
mod flags;
mod forms;
mod history;
mod import;
mod incidents;
mod lists;
mod many;
mod merge;
mod merging;
mod open_conflicts;
mod people;
mod permissions;
mod plans;
mod rig;
mod scopes;
mod search;
mod sync;
mod tasks;
mod terms;
mod visibility;
mod walls;

//! The served crate against real Postgres and NATS, asked as the gateway asks it.

mod api;
mod history;
mod lists;
mod merge;
mod people;
mod permissions;
mod plans;
mod rig;
mod search;
mod tasks;
mod terms;

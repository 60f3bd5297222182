//! The store against real Postgres.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod catalogue;
mod concurrency;
mod erasure;
mod log;
mod migrations;
mod plans;
mod rebuild;
mod released;
mod tenants;
mod tls;
mod units;
mod upcast;
mod verify;
mod write;

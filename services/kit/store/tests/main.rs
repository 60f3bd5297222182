//! The store against real Postgres.

mod catalogue;
mod concurrency;
mod erasure;
mod log;
mod rebuild;
mod tenants;
mod units;
mod verify;
mod write;

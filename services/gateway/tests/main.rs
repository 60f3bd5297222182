//! The whole gateway over HTTP, before services that answer what they are told: real gRPC, real
//! NATS, no database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod audit;
mod bad_input;
mod events;
mod fake;
mod figures;
mod killed;
mod reading;
mod rig;
mod second_factor;
mod sessions;
mod web;

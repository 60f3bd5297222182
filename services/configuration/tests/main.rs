//! The configuration service as others meet it: over gRPC, on a real Postgres.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod applying;
mod bad_input;
mod demo;
mod facts;
mod following;
mod forms;
mod forms_export;
mod golden;
mod installing;
mod locations;
mod lookups;
mod projections;
mod rig;
mod settings;
mod snapshots;
mod walls;

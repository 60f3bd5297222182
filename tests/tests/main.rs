//! Whole-system tests, in one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod architecture;
mod attack;
mod backup;
mod bad_input;
mod dashboards;
mod demo_records;
mod erasure;
mod family_tracing;
mod fuzz;
mod in_clear;
mod journey;
mod leaving;
mod mtls;
mod operations;
mod recovery;
mod rotation;
mod schema;
mod shared;
mod tenants;
mod traces;
mod watched;

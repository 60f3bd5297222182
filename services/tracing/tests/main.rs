//! The tracing service, served: real Postgres and NATS, a tonic client, cases that tests make.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod api;
mod consent;
mod matching;
mod proposals;
mod rig;
mod walls;

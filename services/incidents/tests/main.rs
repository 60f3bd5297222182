//! The incidents service, served: real Postgres and NATS, a tonic client, cases that tests make.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod api;
mod erasing;
mod of_case;
mod rig;
mod walls;

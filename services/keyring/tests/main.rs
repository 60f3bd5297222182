//! The keyring over its own Postgres, and over gRPC.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod ended;
mod ring;
mod served;
mod walls;

//! Facts from one service's log to another's tables, against real Postgres and NATS.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod consumer;
mod follow;
mod relay;
mod soak;
mod town;
mod way;

//! Facts from one service's log to another's tables, against real Postgres and NATS.

mod consumer;
mod relay;
mod town;

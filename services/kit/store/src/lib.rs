//! The event store of a service over Postgres: append, load, execute, projections.
//!
//! Knows no domain, no gRPC and no NATS. See README.md for how to use it.

mod address;
mod aggregate;
mod append;
mod attest;
mod counter;
mod database;
mod draft;
mod ended;
mod erase;
mod error;
mod event_row;
mod execute;
mod keys;
mod load;
mod log;
mod many;
mod migrate;
mod projection;
mod rebuild;
mod schema;
mod shredder;
mod store;
mod takeout;
mod tls;
mod tx;
mod unit;
mod verify;
mod wake;

pub use address::Address;
pub use aggregate::{Meta, stream_name};
pub use append::{CHAIN, Span};
pub use attest::Attestation;
pub use database::{Database, connect};
pub use deadpool_postgres::{Pool, Status as PoolStatus};
pub use erase::{Burial, Removed};
pub use error::{ExecuteError, StoreError, cause};
pub use execute::{Done, Outcome};
pub use keys::{KeyCache, KeyState, Keys};
pub use kit_decider::{Aggregate, Command, Recorded, Stored, fold};
pub use kit_seal::{DataKey, IndexKey, SecretKey};
pub use load::Loaded;
pub use log::{Behind, Log, LogEntry, LogPosition};
pub use migrate::{Migration, OWN_MIGRATIONS, migrate};
pub use projection::{Change, Projection};
pub use rebuild::Rebuilt;
pub use schema::{SchemaGap, schema_gap};
pub use shredder::{Destroyed, Listed, Shredder};
pub use store::{Figures, Store, StoreBuilder};
pub use takeout::{TakenPage, TakeoutPlace};
pub use tls::{dial, trust};
pub use tx::{Params, Tx};
pub use unit::Unit;
pub use verify::Finding;
pub use wake::CHANNEL;

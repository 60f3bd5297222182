//! The keyring over its own Postgres, and over gRPC.

mod ring;
mod served;

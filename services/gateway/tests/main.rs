//! The whole gateway over HTTP, before services that answer what they are told: real gRPC, real
//! NATS, no database.

mod api;
mod audit;
mod bad_input;
mod fake;
mod rig;
mod sessions;

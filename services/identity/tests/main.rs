//! identity as others meet it: real gRPC, real Postgres, real NATS, real keys.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod activity;
mod agencies;
mod contract;
mod devices;
mod facts;
mod golden;
mod groups;
mod limits;
mod organisation;
mod readers;
mod rig;
mod roles;
mod searches;
mod second_factor;
mod sessions;
mod storage;
mod tenants;
mod users;
mod walls;

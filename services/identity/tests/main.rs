//! identity as others meet it: real gRPC, real Postgres, real keys.

mod agencies;
mod facts;
mod groups;
mod organisation;
mod rig;
mod roles;
mod searches;
mod sessions;
mod storage;
mod tenants;
mod users;

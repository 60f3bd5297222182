//! The incidents service, served: real Postgres and NATS, a tonic client, cases that tests make.

mod api;
mod of_case;
mod rig;
mod walls;

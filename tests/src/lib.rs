//! Whole-system tests of Amparo: what they stand on. An [`Installation`] is the
//! real binary with real servers; a [`Client`] speaks to it as a browser or a
//! script would. Nothing here links a service.

mod binary;
mod client;
mod guard;
mod installation;

pub use binary::{amparo, repository};
pub use client::{Answer, Client};
pub use installation::{Detour, Installation, SERVICES, UP};

/// An id as a client makes it.
#[expect(clippy::disallowed_methods, reason = "tests are the edge")]
pub fn fresh_id() -> uuid::Uuid {
    uuid::Uuid::new_v4()
}

//! Whole-system tests of Amparo: what they stand on. An [`Installation`] is the
//! real binary with real servers; a [`Client`] speaks to it as a browser or a
//! script would. Nothing here links a service.

mod binary;
mod client;
mod dice;
mod guard;
mod installation;
mod markers;
mod scan;
mod seeded;
pub mod server;

pub use binary::{amparo, repository};
pub use client::{Answer, Client};
pub use dice::Dice;
pub use guard::Guarded;
pub use installation::{BACK, Detour, Installation, SERVICES, UP, WITH_LOG, free_port};
pub use markers::{Kind, Marker, markers};
pub use scan::Scanner;
pub use seeded::SeededNames;

use std::io::Write as _;

/// Says what a test measured, also when it passes: what `println!` says then, the harness keeps to
/// itself.
pub fn tell(measured: &str) {
    // Nobody who reads any more is no reason to fail.
    let _ = writeln!(std::io::stdout().lock(), "{measured}");
}

/// An id as a client makes it.
#[expect(clippy::disallowed_methods, reason = "tests are the edge")]
pub fn fresh_id() -> uuid::Uuid {
    uuid::Uuid::new_v4()
}

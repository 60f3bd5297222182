//! What tests stand on: a fresh database in milliseconds, a NATS of one's own, keys, a clock.
//!
//! Everything is real. Servers are those of `AMPARO_TEST_POSTGRES` and `AMPARO_TEST_NATS`, or
//! private ones, started when first needed and ended with the test process.

mod authority;
mod binaries;
mod bus;
mod database;
mod keys;
mod servers;
mod walls;

pub use authority::authority;
pub use bus::TestBus;
pub use database::TestDb;
pub use keys::TestKeys;
pub use kit_serve::TestClock;
pub use walls::{Exception, assert_walls};

use kit_store::Meta;
use uuid::Uuid;

/// A fresh id, for tests that do not care which.
#[expect(clippy::disallowed_methods, reason = "tests are the edge")]
pub fn fresh_id() -> Uuid {
    Uuid::now_v7()
}

/// Acting as `actor` for `tenant` now, under a fresh command id.
#[expect(clippy::disallowed_methods, reason = "tests are the edge")]
pub fn meta(tenant: Uuid, actor: &str) -> Meta {
    Meta {
        tenant,
        actor: actor.to_owned(),
        command_id: fresh_id(),
        now: jiff::Timestamp::now(),
        correlation: fresh_id(),
        causation: None,
        trace: None,
    }
}

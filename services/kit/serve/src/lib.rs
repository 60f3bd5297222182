//! kit-serve: what every service shell stands on. README.md says how to write one.

mod accepted;
mod access;
mod admin;
mod authenticate;
mod call;
mod edge;
mod fresh;
mod guard;
mod health;
mod internal;
mod lately;
mod metrics;
mod peers;
mod process;
mod refusal;
mod server;
mod settings;
mod shutdown;
mod spans;
mod telemetry;
mod tls;
mod token;
mod trust;

pub use kit_trace as trace;

pub use access::{Access, AccessTable, Demand};
pub use admin::serve_admin;
pub use call::{Call, CallContext, Caller};
pub use edge::{Clock, Ids, TestClock};
pub use fresh::Fresh;
pub use health::Health;
pub use internal::{InternalSettings, InternalToken};
pub use lately::Lately;
pub use peers::{Channel, Peers};
pub use process::{Process, Shared};
pub use refusal::{Code, ErrorItem, FieldProblem, Refusal, Texts};
pub use server::Server;
pub use settings::{
    LimitSettings, ListenSettings, LogFormat, LogSettings, NatsSettings, PeerSettings, Platform,
    PostgresSettings, Secret, Service,
};
pub use shutdown::{Shutdown, Trigger};
pub use telemetry::init_telemetry;
pub use tls::TlsSettings;
pub use token::{SigningKey, TokenFault, VerifyingKey, sign_principal, verify_principal};
pub use trust::Trust;

/// The largest message that a service accepts.
pub const MAX_REQUEST: usize = 16 << 20;
/// The largest message that a service answers (a file of 100,000 places, a whole configuration).
pub const MAX_REPLY: usize = 64 << 20;

//! The gateway's own settings.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::events::Limits;
use crate::turns::Shares;

/// What the gateway lets in and how much of it.
#[derive(Debug, Clone, clap::Args)]
#[group(skip)]
pub struct Settings {
    /// Address for HTTP.
    #[arg(long, env = "AMPARO_GATEWAY_LISTEN", default_value = "127.0.0.1:7100")]
    pub gateway_listen: SocketAddr,
    /// Believe the last entry of X-Forwarded-For and X-Forwarded-Proto; only behind a proxy that
    /// sets them.
    #[arg(long, env = "AMPARO_GATEWAY_TRUST_FORWARDED")]
    pub gateway_trust_forwarded: bool,
    /// Requests that are handled at once; more get 503.
    #[arg(long, env = "AMPARO_GATEWAY_MAX_REQUESTS", default_value_t = 512)]
    pub gateway_max_requests: usize,
    /// Requests per second that a user, or a network for calls without a user, may keep
    /// up for ever; 0 switches the limit off.
    #[arg(long, env = "AMPARO_GATEWAY_RATE", default_value_t = 200)]
    pub gateway_rate: u32,
    /// Requests that a user or such a network may make in one go.
    #[arg(long, env = "AMPARO_GATEWAY_BURST", default_value_t = 1_000)]
    pub gateway_burst: u32,
    /// Requests per second that an organisation may keep up for ever; 0 switches the limit off.
    #[arg(long, env = "AMPARO_GATEWAY_TENANT_RATE", default_value_t = 500)]
    pub gateway_tenant_rate: u32,
    /// Requests that an organisation may make in one go.
    #[arg(long, env = "AMPARO_GATEWAY_TENANT_BURST", default_value_t = 2_000)]
    pub gateway_tenant_burst: u32,
    /// Calls that are handled at once; the others wait, each organisation's in a queue of its own.
    #[arg(long, env = "AMPARO_GATEWAY_AT_ONCE", default_value_t = 128)]
    pub gateway_at_once: usize,
    /// Of these, calls of one organisation.
    #[arg(long, env = "AMPARO_GATEWAY_TENANT_AT_ONCE", default_value_t = 32)]
    pub gateway_tenant_at_once: usize,
    /// Calls of one organisation that may wait; more get 429.
    #[arg(long, env = "AMPARO_GATEWAY_TENANT_WAITING", default_value_t = 128)]
    pub gateway_tenant_waiting: usize,
    /// Streams of events that may be open at once.
    #[arg(long, env = "AMPARO_GATEWAY_STREAMS", default_value_t = 4_096)]
    pub gateway_streams: usize,
    /// Of these, streams of one organisation.
    #[arg(long, env = "AMPARO_GATEWAY_TENANT_STREAMS", default_value_t = 1_024)]
    pub gateway_tenant_streams: usize,
    /// Sign-ins per minute and user name; as many wrong passwords by HTTP Basic.
    #[arg(long, env = "AMPARO_GATEWAY_SIGN_INS", default_value_t = 6)]
    pub gateway_sign_ins: usize,
    /// Wrong passwords per minute and network, over all names that never signed in from there.
    #[arg(long, env = "AMPARO_GATEWAY_GUESSES", default_value_t = 60)]
    pub gateway_guesses: usize,
    /// Folder where audit entries wait until NATS has them; without it they wait in memory.
    #[arg(long, env = "AMPARO_GATEWAY_SPOOL")]
    pub gateway_spool: Option<PathBuf>,
    /// Bytes that this process may have waiting there.
    #[arg(long, env = "AMPARO_GATEWAY_SPOOL_LIMIT", default_value_t = 256 << 20)]
    pub gateway_spool_limit: u64,
    /// Largest body of most calls, in bytes.
    #[arg(long, env = "AMPARO_GATEWAY_BODY_LIMIT", default_value_t = 1 << 20)]
    pub gateway_body_limit: usize,
    /// Largest body of calls that carry files or whole configurations, in bytes.
    #[arg(long, env = "AMPARO_GATEWAY_UPLOAD_LIMIT", default_value_t = 15 << 20)]
    pub gateway_upload_limit: usize,
    /// Folder of the built web client; without it only the API is served.
    #[arg(long, env = "AMPARO_WEB_DIR")]
    pub web_dir: Option<PathBuf>,
    /// Version that clients are told, as `system_version` of other answers.
    #[arg(skip = env!("CARGO_PKG_VERSION"))]
    pub version: &'static str,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            gateway_listen: SocketAddr::from(([127, 0, 0, 1], 7100)),
            gateway_trust_forwarded: false,
            gateway_max_requests: 512,
            gateway_rate: 200,
            gateway_burst: 1_000,
            gateway_tenant_rate: 500,
            gateway_tenant_burst: 2_000,
            gateway_at_once: 128,
            gateway_tenant_at_once: 32,
            gateway_tenant_waiting: 128,
            gateway_streams: 4_096,
            gateway_tenant_streams: 1_024,
            gateway_sign_ins: 6,
            gateway_guesses: 60,
            gateway_spool: None,
            gateway_spool_limit: 256 << 20,
            gateway_body_limit: 1 << 20,
            gateway_upload_limit: 15 << 20,
            web_dir: None,
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

impl Settings {
    /// How many streams of events there may be.
    pub(crate) fn streams(&self) -> Limits {
        Limits { all: self.gateway_streams, each: self.gateway_tenant_streams }
    }

    /// How many calls may be where; at least one of each, or nobody would ever have a turn.
    pub(crate) fn shares(&self) -> Shares {
        Shares {
            all: self.gateway_at_once.max(1),
            each: self.gateway_tenant_at_once.max(1),
            waiting: self.gateway_tenant_waiting,
        }
    }
}

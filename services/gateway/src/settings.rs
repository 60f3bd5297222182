//! The gateway's own settings.

use std::net::SocketAddr;
use std::path::PathBuf;

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

//! Settings that all services of a process share, by flag or environment.
//! A service's own settings are its own `clap::Args` with names of its own.

use std::fmt::{Debug, Display, Formatter};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use kit_access::ReadingRules;

use crate::internal::InternalSettings;
use crate::tls::TlsSettings;

/// The services of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub enum Service {
    Keyring,
    Identity,
    Configuration,
    Cases,
    Incidents,
    Tracing,
    Reporting,
    Gateway,
}

impl Service {
    /// All of them, in the order in which they are started.
    pub const ALL: [Self; 8] = [
        Self::Keyring,
        Self::Identity,
        Self::Configuration,
        Self::Cases,
        Self::Incidents,
        Self::Tracing,
        Self::Reporting,
        Self::Gateway,
    ];

    /// As in database names, subjects and `amparo serve <name>`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Identity => "identity",
            Self::Configuration => "configuration",
            Self::Cases => "cases",
            Self::Incidents => "incidents",
            Self::Tracing => "tracing",
            Self::Reporting => "reporting",
            Self::Gateway => "gateway",
        }
    }
}

impl Display for Service {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A setting that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for whoever needs it to connect.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The first line of a file, or the given value; a file wins.
    pub fn from_either(value: Option<&Self>, file: Option<&Path>) -> anyhow::Result<Option<Self>> {
        Ok(Self::all_of_either(value, file)?.into_iter().next())
    }

    /// The lines of a file, or the given value alone; a file wins.
    fn all_of_either(value: Option<&Self>, file: Option<&Path>) -> anyhow::Result<Vec<Self>> {
        match file {
            Some(file) => Self::lines_of(file),
            None => Ok(value.cloned().into_iter().collect()),
        }
    }

    /// The lines of a file that say something.
    pub fn lines_of(file: &Path) -> anyhow::Result<Vec<Self>> {
        let text = std::fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Ok(lines.map(Self::new).collect())
    }
}

impl Debug for Secret {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// Everything that the services of one process share.
#[derive(Debug, Clone, Default, Args)]
pub struct Platform {
    #[command(flatten)]
    pub listen: ListenSettings,
    #[command(flatten)]
    pub postgres: PostgresSettings,
    #[command(flatten)]
    pub nats: NatsSettings,
    #[command(flatten)]
    pub peers: PeerSettings,
    #[command(flatten)]
    pub internal: InternalSettings,
    #[command(flatten)]
    pub tls: TlsSettings,
    #[command(flatten)]
    pub limits: LimitSettings,
    #[command(flatten)]
    pub log: LogSettings,
}

/// Where this process listens.
#[derive(Debug, Clone, Default, Args)]
pub struct ListenSettings {
    /// Address for gRPC when one service runs alone; a loopback port is chosen otherwise.
    #[arg(long, env = "AMPARO_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Address for /livez, /readyz, /health and /metrics over HTTP; not served when absent.
    #[arg(long, env = "AMPARO_ADMIN_LISTEN")]
    pub admin_listen: Option<SocketAddr>,
}

/// Where the databases are. `{service}` in an address stands for the service's name.
#[derive(Debug, Clone, Args)]
pub struct PostgresSettings {
    /// Address with the runtime role, such as `postgres://amparo_{service}@db/amparo_{service}`.
    #[arg(long, env = "AMPARO_POSTGRES_URL", hide_env_values = true)]
    pub postgres_url: Option<Secret>,
    /// A file with it, read anew for each connection. A second line is an address to try when
    /// Postgres turns the first one away, as it does while a password is changed.
    #[arg(long, env = "AMPARO_POSTGRES_URL_FILE")]
    pub postgres_url_file: Option<PathBuf>,
    /// Address with the role that owns the tables; used by migrations only.
    #[arg(long, env = "AMPARO_POSTGRES_OWNER_URL", hide_env_values = true)]
    pub postgres_owner_url: Option<Secret>,
    #[arg(long, env = "AMPARO_POSTGRES_OWNER_URL_FILE")]
    pub postgres_owner_url_file: Option<PathBuf>,
    /// Certificates (PEM) of who vouches for Postgres; needed by `?sslmode=verify-full` in an
    /// address, without which connections are in clear.
    #[arg(long, env = "AMPARO_POSTGRES_CA_FILE")]
    pub postgres_ca_file: Option<PathBuf>,
    /// Connections per service.
    #[arg(long, env = "AMPARO_POSTGRES_POOL", default_value_t = 8)]
    pub postgres_pool: usize,
}

impl Default for PostgresSettings {
    fn default() -> Self {
        Self {
            postgres_url: None,
            postgres_url_file: None,
            postgres_owner_url: None,
            postgres_owner_url_file: None,
            postgres_ca_file: None,
            postgres_pool: 8,
        }
    }
}

impl PostgresSettings {
    /// The addresses of `service`'s database with its runtime role, best first: there may be a
    /// second one while a password is changed.
    pub fn urls(&self, service: Service) -> anyhow::Result<Vec<Secret>> {
        let (value, file) = (self.postgres_url.as_ref(), self.postgres_url_file.as_deref());
        let urls = Secret::all_of_either(value, file)?;
        ensure!(!urls.is_empty(), "--postgres-url is needed");
        Ok(urls.iter().map(|url| place(url, service)).collect())
    }

    /// The address of `service`'s database with the owner's role.
    pub fn owner_url(&self, service: Service) -> anyhow::Result<Secret> {
        let url = Secret::from_either(
            self.postgres_owner_url.as_ref(),
            self.postgres_owner_url_file.as_deref(),
        )?;
        let url = url.context("--postgres-owner-url is needed")?;
        Ok(place(&url, service))
    }
}

fn place(url: &Secret, service: Service) -> Secret {
    // The driver knows the word `require` only, and with it always verifies in full.
    let placed = url.0.replace("{service}", service.name());
    Secret(placed.replace("sslmode=verify-full", "sslmode=require"))
}

/// Where NATS is.
#[derive(Debug, Clone, Default, Args)]
pub struct NatsSettings {
    #[arg(long, env = "AMPARO_NATS_URL", hide_env_values = true)]
    pub nats_url: Option<Secret>,
    /// A file with it, read anew whenever NATS is connected.
    #[arg(long, env = "AMPARO_NATS_URL_FILE")]
    pub nats_url_file: Option<PathBuf>,
    /// Certificates (PEM) of who vouches for NATS. With it NATS is spoken to over TLS only.
    #[arg(long, env = "AMPARO_NATS_CA_FILE")]
    pub nats_ca_file: Option<PathBuf>,
    /// A user's credentials (JWT and nkey, as `nsc` makes them) instead of a name and password in
    /// the address; read anew whenever NATS is connected.
    #[arg(long, env = "AMPARO_NATS_CREDENTIALS_FILE")]
    pub nats_credentials_file: Option<PathBuf>,
}

impl NatsSettings {
    /// The address of NATS, as it is now.
    pub fn url(&self) -> anyhow::Result<Secret> {
        Secret::from_either(self.nats_url.as_ref(), self.nats_url_file.as_deref())?
            .context("--nats-url is needed")
    }
}

/// Where the other services are; ignored for those that run in this process.
#[derive(Debug, Clone, Default, Args)]
pub struct PeerSettings {
    #[arg(long, env = "AMPARO_KEYRING_URL", default_value = "http://127.0.0.1:7101")]
    pub keyring_url: String,
    #[arg(long, env = "AMPARO_IDENTITY_URL", default_value = "http://127.0.0.1:7102")]
    pub identity_url: String,
    #[arg(long, env = "AMPARO_CONFIGURATION_URL", default_value = "http://127.0.0.1:7103")]
    pub configuration_url: String,
    #[arg(long, env = "AMPARO_CASES_URL", default_value = "http://127.0.0.1:7104")]
    pub cases_url: String,
    #[arg(long, env = "AMPARO_REPORTING_URL", default_value = "http://127.0.0.1:7105")]
    pub reporting_url: String,
    #[arg(long, env = "AMPARO_INCIDENTS_URL", default_value = "http://127.0.0.1:7106")]
    pub incidents_url: String,
    #[arg(long, env = "AMPARO_TRACING_URL", default_value = "http://127.0.0.1:7107")]
    pub tracing_url: String,
}

impl PeerSettings {
    /// The address given for `service`; the gateway has none.
    pub fn url(&self, service: Service) -> Option<&str> {
        match service {
            Service::Keyring => Some(&self.keyring_url),
            Service::Identity => Some(&self.identity_url),
            Service::Configuration => Some(&self.configuration_url),
            Service::Cases => Some(&self.cases_url),
            Service::Incidents => Some(&self.incidents_url),
            Service::Tracing => Some(&self.tracing_url),
            Service::Reporting => Some(&self.reporting_url),
            Service::Gateway => None,
        }
    }
}

/// How much work a service takes on at a time.
#[derive(Debug, Clone, Args)]
pub struct LimitSettings {
    /// Calls that a service handles at once; more are refused as busy.
    #[arg(long, env = "AMPARO_MAX_CALLS", default_value_t = 256)]
    pub max_calls: usize,
    /// Seconds after which a call is given up, unless the caller asked for less.
    #[arg(long, env = "AMPARO_CALL_TIMEOUT", default_value_t = 60)]
    pub call_timeout: u64,
    /// Seconds that calls may take to end when the process is told to stop.
    #[arg(long, env = "AMPARO_DRAIN_TIMEOUT", default_value_t = 20)]
    pub drain_timeout: u64,
    /// Seconds after which a caller's connection is ended as soon as its calls are, so that a
    /// caller finds processes that were started later; 0 keeps it for as long as the caller does.
    #[arg(long, env = "AMPARO_MAX_CONNECTION_AGE", default_value_t = 300)]
    pub max_connection_age: u64,
    /// Records that every account may read in an hour; beyond it, what it usually reads counts.
    /// 0 lets everyone read without end, and raises no alarm.
    #[arg(long, env = "AMPARO_READING_FLOOR", default_value_t = 2_000)]
    pub reading_floor: u64,
    /// How many times its usual hour an account may read.
    #[arg(long, env = "AMPARO_READING_FACTOR", default_value_t = 5)]
    pub reading_factor: u64,
}

impl LimitSettings {
    /// From where on reading is unusual.
    pub const fn reading(&self) -> ReadingRules {
        ReadingRules { floor: self.reading_floor, factor: self.reading_factor }
    }
}

impl Default for LimitSettings {
    fn default() -> Self {
        let ReadingRules { floor, factor } = ReadingRules::default();
        Self {
            max_calls: 256,
            call_timeout: 60,
            drain_timeout: 20,
            max_connection_age: 300,
            reading_floor: floor,
            reading_factor: factor,
        }
    }
}

/// What is logged and how.
#[derive(Debug, Clone, Args)]
pub struct LogSettings {
    /// Filter, such as `info` or `info,cases=debug`.
    #[arg(long, env = "AMPARO_LOG", default_value = "info")]
    pub log: String,
    #[arg(long, env = "AMPARO_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Where traces go: an OTLP receiver over gRPC, such as `http://collector:4317`. None without.
    #[arg(long, env = "AMPARO_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
    /// What this process is called there.
    #[arg(long, env = "AMPARO_OTLP_SERVICE", default_value = "amparo")]
    pub otlp_service: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            log: "info".into(),
            log_format: LogFormat::Text,
            otlp_endpoint: None,
            otlp_service: "amparo".into(),
        }
    }
}

/// For people or for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_its_own_database() {
        let settings = PostgresSettings {
            postgres_url: Some(Secret::new("postgres://amparo_{service}@db/amparo_{service}")),
            ..Default::default()
        };
        let urls = settings.urls(Service::Cases).unwrap();
        assert_eq!(urls[0].reveal(), "postgres://amparo_cases@db/amparo_cases");
        assert!(settings.owner_url(Service::Cases).is_err());
    }
}

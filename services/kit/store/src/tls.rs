//! Connections to Postgres, in clear or over TLS, as the address says.
//!
//! `sslmode=require` in an address always means what libpq calls `verify-full`: the server's
//! certificate must be for the name in the address and come from the authority that this process
//! trusts. Encryption with nobody in particular is not offered.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};

use anyhow::{Context as _, ensure};
use deadpool_postgres::Connect;
use futures_util::future::BoxFuture;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Config, Connection, Error, Socket};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::Address;

/// One installation has one Postgres, so a process has one authority for it.
static TRUSTED: OnceLock<Trusted> = OnceLock::new();

/// Who vouches for Postgres, by a file that is renewed while processes run.
struct Trusted {
    file: PathBuf,
    /// As of the last connection.
    last: Mutex<Arc<ClientConfig>>,
}

impl Trusted {
    /// As the file has it now. One that cannot be read is no reason to trust nobody.
    fn now(&self) -> Arc<ClientConfig> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match read(&self.file) {
            Ok(client) => *last = Arc::new(client),
            Err(error) => tracing::warn!(%error, "who vouches for Postgres is not read anew"),
        }
        Arc::clone(&last)
    }
}

/// Trusts the authorities whose certificates are in the file (PEM), from now on, and what the file
/// says later.
pub fn trust(file: &Path) -> anyhow::Result<()> {
    let last = Mutex::new(Arc::new(read(file)?));
    // The second time it is the same file: services of one process share their settings.
    let _ = TRUSTED.set(Trusted { file: file.to_owned(), last });
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<ClientConfig> {
    let name = file.display();
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(file);
    for certificate in found.with_context(|| format!("cannot read {name}"))? {
        roots.add(certificate.with_context(|| format!("{name}"))?)?;
    }
    ensure!(!roots.is_empty(), "{name} holds no certificate");
    client(roots)
}

fn client(roots: RootCertStore) -> anyhow::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(config?.with_root_certificates(roots).with_no_client_auth())
}

/// How connections are made by an address: in clear or encrypted, as it says at that time.
#[derive(Clone)]
pub(crate) struct Connector {
    address: Address,
    /// For an address that asks for TLS where nobody is trusted: no server is the right one.
    nobody: Arc<ClientConfig>,
}

impl Connector {
    /// Refuses an address that could not be connected to by these settings.
    pub fn try_new(address: Address) -> anyhow::Result<Self> {
        let encrypted =
            address.now().iter().any(|config| config.get_ssl_mode() == SslMode::Require);
        ensure!(!encrypted || TRUSTED.get().is_some(), "sslmode=require needs --postgres-ca-file");
        Ok(Self { address, nobody: Arc::new(client(RootCertStore::empty())?) })
    }

    pub async fn dial(&self) -> Result<Dialled, tokio_postgres::Error> {
        self.address.first(|config| self.attempt(config)).await
    }

    async fn attempt(&self, mut config: Config) -> Result<Dialled, tokio_postgres::Error> {
        if config.get_ssl_mode() != SslMode::Require {
            // Not by chance either: what is asked for is what is done.
            config.ssl_mode(SslMode::Disable);
            return config.connect(Tls(Arc::clone(&self.nobody))).await;
        }
        let trusted = TRUSTED.get().map_or_else(|| Arc::clone(&self.nobody), Trusted::now);
        config.connect(Tls(trusted)).await
    }
}

impl Connect for Connector {
    fn connect(&self, _: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        Box::pin(async move {
            let (client, connection) = self.dial().await?;
            let driver = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::warn!(target: "deadpool.postgres", "Connection error: {error}");
                }
            });
            Ok((client, driver))
        })
    }
}

type Dialled = (Client, Connection<Socket, Encrypted>);

/// One connection outside any pool, to be driven by the caller.
pub async fn dial(address: &Address) -> anyhow::Result<Dialled> {
    let connector = Connector::try_new(address.clone())?;
    // The driver's own message would leave out why.
    connector.dial().await.context("connecting to Postgres")
}

/// Makes a connector for each host.
#[derive(Clone)]
pub struct Tls(Arc<ClientConfig>);

/// Shakes hands with one host.
pub struct Handshake {
    name: ServerName<'static>,
    config: Arc<ClientConfig>,
}

/// What Postgres is spoken to through.
pub struct Encrypted(Box<TlsStream<Socket>>);

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Encrypted;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Handshake> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        Ok(Handshake { name, config: Arc::clone(&self.0) })
    }
}

impl TlsConnect<Socket> for Handshake {
    type Stream = Encrypted;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let connector = TlsConnector::from(self.config);
            Ok(Encrypted(Box::new(connector.connect(self.name, socket).await?)))
        })
    }
}

impl tokio_postgres::tls::TlsStream for Encrypted {
    /// The certificate has been verified already, which says more.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

//! Connections to Postgres, in clear or over TLS, as the address says.
//!
//! `sslmode=require` in an address always means what libpq calls `verify-full`: the server's
//! certificate must be for the name in the address and come from the authority that this process
//! trusts. Encryption with nobody in particular is not offered.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use anyhow::{Context as _, ensure};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// One installation has one Postgres, so a process has one authority for it.
static TRUSTED: OnceLock<Arc<ClientConfig>> = OnceLock::new();

/// Trusts the authorities whose certificates are in the file (PEM), from now on.
pub fn trust(file: &Path) -> anyhow::Result<()> {
    let name = file.display();
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(file);
    for certificate in found.with_context(|| format!("cannot read {name}"))? {
        roots.add(certificate.with_context(|| format!("{name}"))?)?;
    }
    ensure!(!roots.is_empty(), "{name} holds no certificate");
    // The second time it is the same file: services of one process share their settings.
    let _ = TRUSTED.set(Arc::new(client(roots)?));
    Ok(())
}

fn client(roots: RootCertStore) -> anyhow::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(config?.with_root_certificates(roots).with_no_client_auth())
}

/// How to connect by this address: what to ask for, and what to check it with.
pub(crate) fn way(config: &Config) -> anyhow::Result<(Config, Tls)> {
    let mut config = config.clone();
    if config.get_ssl_mode() == SslMode::Require {
        let trusted = TRUSTED.get();
        let trusted = trusted.context("sslmode=require needs --postgres-ca-file")?;
        return Ok((config, Tls(Arc::clone(trusted))));
    }
    // Not by chance either: what is asked for is what is done.
    config.ssl_mode(SslMode::Disable);
    Ok((config, Tls(Arc::new(client(RootCertStore::empty())?))))
}

/// One connection outside any pool, to be driven by the caller.
pub async fn dial(config: &Config) -> anyhow::Result<(Client, Connection<Socket, Encrypted>)> {
    let (config, tls) = way(config)?;
    // The driver's own message would leave out why.
    let dialled = config.connect(tls).await;
    dialled.context("connecting to Postgres")
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

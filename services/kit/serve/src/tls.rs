//! TLS between services, both ways: each side shows a certificate of the installation's authority,
//! and who is called has to be who was meant. All or nothing: who has a certificate neither calls
//! nor answers in clear.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use http::Uri;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::{TlsAcceptor, TlsConnector, client};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

use crate::accepted::Accepted;
use crate::fresh::Fresh;

/// How long somebody may take to show who they are.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many may be at it at a time; others wait before the door.
const AT_ONCE: usize = 64;

/// The certificate of this process, and whom it trusts.
#[derive(Debug, Clone, Default, Args)]
pub struct TlsSettings {
    /// This process's certificate (PEM), with those between it and its authority. With it services
    /// speak with one another over TLS only, and both sides show who they are.
    #[arg(long, env = "AMPARO_TLS_CERTIFICATE_FILE")]
    pub tls_certificate_file: Option<PathBuf>,
    /// The key to it (PEM).
    #[arg(long, env = "AMPARO_TLS_KEY_FILE")]
    pub tls_key_file: Option<PathBuf>,
    /// Certificates (PEM) of the authority for services of this installation, and of nobody else.
    #[arg(long, env = "AMPARO_TLS_CA_FILE")]
    pub tls_ca_file: Option<PathBuf>,
}

impl TlsSettings {
    /// None where services speak in clear.
    pub(crate) fn read(&self) -> anyhow::Result<Option<Tls>> {
        let Self { tls_certificate_file, tls_key_file, tls_ca_file } = self.clone();
        match (tls_certificate_file, tls_key_file, tls_ca_file) {
            (None, None, None) => Ok(None),
            (Some(certificate), Some(key), Some(ca)) => {
                let ends = move || ends(&certificate, &key, &ca);
                Ok(Some(Tls(Fresh::try_new("the certificate of this process", ends)?)))
            }
            _ => bail!("--tls-certificate-file, --tls-key-file and --tls-ca-file go together"),
        }
    }
}

/// Both ends of connections, with the certificates of the day.
#[derive(Debug, Clone)]
pub(crate) struct Tls(Fresh<Ends>);

struct Ends {
    accepting: TlsAcceptor,
    connecting: TlsConnector,
}

fn ends(certificate: &Path, key: &Path, ca: &Path) -> anyhow::Result<Ends> {
    let chain = certificates(certificate)?;
    let key = PrivateKeyDer::from_pem_file(key).with_context(|| format!("{}", key.display()))?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates(ca)? {
        roots.add(certificate).with_context(|| format!("{}", ca.display()))?;
    }
    let (roots, provider) = (Arc::new(roots), Arc::new(rustls::crypto::ring::default_provider()));
    let known =
        WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider));
    let mut server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(known.build()?)
        .with_single_cert(chain.clone(), key.clone_key())?;
    let mut client = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)?;
    server.alpn_protocols = vec![b"h2".to_vec()];
    client.alpn_protocols.clone_from(&server.alpn_protocols);
    Ok(Ends { accepting: Arc::new(server).into(), connecting: Arc::new(client).into() })
}

fn certificates(file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let found =
        CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = found.with_context(|| format!("{}", file.display()))?;
    ensure!(!found.is_empty(), "{} holds no certificate", file.display());
    Ok(found)
}

impl Tls {
    /// A connection to who answers to the name in this address.
    pub async fn connect(self, to: Uri) -> io::Result<TokioIo<client::TlsStream<TcpStream>>> {
        let host = to.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = to.port_u16().unwrap_or(443);
        let tcp = TcpStream::connect((host.as_str(), port)).await?;
        tcp.set_nodelay(true)?;
        let name = ServerName::try_from(host).map_err(io::Error::other)?;
        let connected = self.0.now().connecting.connect(name, tcp).await;
        // The caller hears only that nobody answers.
        let connected = connected.inspect_err(|error| tracing::warn!(%to, %error, "no TLS"));
        Ok(TokioIo::new(connected?))
    }

    /// Connections from those who have shown who they are. Whoever is slow at it, or is nobody,
    /// keeps no one else waiting.
    pub fn accept(self, listener: TcpListener) -> impl Stream<Item = io::Result<Accepted>> {
        let (give, taken) = mpsc::channel(AT_ONCE);
        tokio::spawn(async move {
            let places = Arc::new(Semaphore::new(AT_ONCE));
            loop {
                let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                let tcp = tokio::select! {
                    accepted = listener.accept() => accepted,
                    () = give.closed() => return,
                };
                let Ok((tcp, _)) = tcp else {
                    // Out of file descriptors, most likely.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let (tls, give) = (self.clone(), give.clone());
                tokio::spawn(async move {
                    if let Some(accepted) = tls.shake_hands(tcp).await {
                        let _ = give.send(Ok(accepted)).await;
                    }
                    drop(place);
                });
            }
        });
        ReceiverStream::new(taken)
    }

    async fn shake_hands(&self, tcp: TcpStream) -> Option<Accepted> {
        let _ = tcp.set_nodelay(true);
        let shaking = self.0.now().accepting.accept(tcp);
        match tokio::time::timeout(PATIENCE, shaking).await {
            Ok(Ok(stream)) => Some(Accepted::new(stream)),
            Ok(Err(error)) => {
                tracing::warn!(%error, "somebody was not let in");
                None
            }
            Err(_elapsed) => None,
        }
    }
}

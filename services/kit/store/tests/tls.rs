//! Postgres over TLS: who vouches for it, and that nothing else is spoken to.
//!
//! The Postgres of the tests may be one without TLS, so its end is here: it answers as Postgres
//! does when it is asked for TLS, and passes on what was inside.

use std::path::Path;
use std::sync::Arc;

use kit_test::{authority, fresh_id};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_postgres::Config;
use tokio_rustls::TlsAcceptor;

use crate::catalogue::library;

/// Length 8, then the code of a wish for TLS.
const WISH: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

#[tokio::test]
async fn only_who_is_vouched_for_is_spoken_to() {
    let dir = tempfile::tempdir().unwrap();
    let (db, _) = library().await;
    let plain: Config = db.runtime_url().parse().unwrap();
    let port = plain.get_ports()[0];
    authority(dir.path(), "ours");
    authority(dir.path(), "theirs");
    let known = end(port, dir.path(), "ours").await;
    let unknown = end(port, dir.path(), "theirs").await;

    let asked = over(&plain, "localhost", known);
    let said = tried(&asked).await.unwrap_err();
    assert!(said.contains("needs --postgres-ca-file"), "{said}");
    kit_store::trust(&dir.path().join("ours.pem")).unwrap();
    tried(&asked).await.unwrap();
    let pool = kit_store::connect(&asked.clone().into(), 2).unwrap();
    let client = pool.get().await.unwrap();
    // Through the walls as well: the pool's settings reach the other side.
    let tenant: String =
        client.query_one("select current_setting('amparo.tenant')", &[]).await.unwrap().get(0);
    assert_ne!(tenant, fresh_id().to_string());

    let said = tried(&over(&plain, "127.0.0.1", known)).await.unwrap_err();
    assert!(said.contains("not valid for name"), "{said}");
    let said = tried(&over(&plain, "localhost", unknown)).await.unwrap_err();
    assert!(said.contains("UnknownIssuer"), "{said}");
    let clear = clear_end().await;
    let said = tried(&over(&plain, "localhost", clear)).await.unwrap_err();
    assert!(said.contains("server does not support TLS"), "{said}");
    // An address that does not ask for it goes on as before.
    tried(&plain).await.unwrap();
}

#[test]
fn what_holds_no_certificate_vouches_for_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("empty.pem");
    std::fs::write(&empty, "nothing").unwrap();
    assert!(kit_store::trust(&empty).unwrap_err().to_string().contains("holds no certificate"));
    assert!(kit_store::trust(&dir.path().join("missing")).is_err());
}

async fn tried(config: &Config) -> Result<(), String> {
    let (client, connection) = kit_store::dial(&config.clone().into())
        .await
        .map_err(|error| format!("{error:#} {error:?}"))?;
    tokio::spawn(connection);
    client.simple_query("select 1").await.map(drop).map_err(|error| error.to_string())
}

/// The same database, through an end of TLS.
fn over(plain: &Config, host: &str, port: u16) -> Config {
    let (user, name) = (plain.get_user().unwrap(), plain.get_dbname().unwrap());
    format!("postgres://{user}@{host}:{port}/{name}?sslmode=require").parse().unwrap()
}

async fn end(postgres: u16, dir: &Path, name: &str) -> u16 {
    let chain = CertificateDer::pem_file_iter(dir.join(format!("{name}-end.pem"))).unwrap();
    let chain = chain.collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(dir.join(format!("{name}-end.key"))).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider);
    let server = server.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(server.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut wish = [0; 8];
                from.read_exact(&mut wish).await.unwrap();
                assert_eq!(wish, WISH, "something was said in clear");
                from.write_all(b"S").await.unwrap();
                let Ok(mut from) = acceptor.accept(from).await else { return };
                let mut to = TcpStream::connect(("127.0.0.1", postgres)).await.unwrap();
                let _ = copy_bidirectional(&mut from, &mut to).await;
            });
        }
    });
    port
}

/// A server that has no TLS, as Postgres says it.
async fn clear_end() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            let mut wish = [0; 8];
            from.read_exact(&mut wish).await.unwrap();
            from.write_all(b"N").await.unwrap();
            let mut rest = Vec::new();
            from.read_to_end(&mut rest).await.unwrap();
            assert!(rest.is_empty(), "something was said in clear");
        }
    });
    port
}

//! A whole installation whose services speak over TLS, each showing a certificate; it is renewed,
//! by another key and another authority beside the first, while they run.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tests::{Client, Installation};
use tokio::task::block_in_place;

const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
/// By then every process has looked at its files, and connections of the time before have ended.
const SEEN: Duration = Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread")]
async fn services_speak_over_tls_and_bear_a_renewal() -> Result<()> {
    let mut installation = Installation::servers_only()?;
    installation.prepare_services(&mut |_, port| port)?;
    let mounted = Mounted::new(installation.folder())?;
    mounted.issue("first", &["first"])?;
    installation.tell(&mounted.flags())?;
    // So that new connections are made soon, and with them handshakes.
    installation.tell(&["--max-connection-age=2".into()])?;
    installation.start_services()?;
    block_in_place(|| installation.amparo(&["tenant", "open", "relief"]))?;
    works(&installation, "before").await?;
    ensure!(!answers_in_clear(&installation)?, "the keyring answers in clear");

    // As an authority is exchanged: both are trusted, then the new one vouches, then it alone.
    mounted.issue("first", &["first", "second"])?;
    tokio::time::sleep(SEEN).await;
    works(&installation, "both").await?;
    mounted.issue("second", &["first", "second"])?;
    tokio::time::sleep(SEEN).await;
    works(&installation, "second").await?;
    mounted.issue("second", &["second"])?;
    tokio::time::sleep(SEEN).await;
    works(&installation, "after").await?;

    mounted.issue("stranger", &["second"])?;
    let list = block_in_place(|| installation.amparo(&["tenant", "list"]));
    ensure!(list.is_err(), "somebody with a certificate of another authority is let in");
    Ok(())
}

/// What a person does goes through most services.
async fn works(installation: &Installation, name: &str) -> Result<()> {
    let client =
        Client::with_basic(installation.port, "relief.localhost", "admin", "First-entry-1");
    let agency = json!({ "data": {
        "unique_id": name, "agency_code": name, "name": { "en": name },
    } });
    let made = client.post("/api/v2/agencies", &agency).await?;
    ensure!(made.status == 200, "{name}: {} {:?}", made.status, made.body);
    for path in ["/api/v2/agencies", "/api/v2/forms", "/api/v2/cases", "/api/v2/audit_logs"] {
        let answer = client.get(path).await?;
        ensure!(answer.status == 200, "{name}, {path}: {} {:?}", answer.status, answer.body);
    }
    let list = block_in_place(|| installation.amparo(&["tenant", "list"]))?;
    ensure!(list.contains("relief"), "{list}");
    Ok(())
}

/// Whether the keyring's port says anything to who begins HTTP/2 without TLS.
fn answers_in_clear(installation: &Installation) -> Result<bool> {
    use std::io::{Read as _, Write as _};
    let address = installation.url("keyring")?.replace("http://", "");
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(3)))?;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")?;
    let mut said = Vec::new();
    let _ = stream.take(64).read_to_end(&mut said);
    // A frame of settings is of type 4; an alert of TLS begins with 21.
    Ok(said.get(3) == Some(&4) && said.first() == Some(&0))
}

/// A folder as a Secret is mounted.
struct Mounted(PathBuf);

impl Mounted {
    fn new(folder: &Path) -> Result<Self> {
        let here = folder.join("tls");
        std::fs::create_dir(&here)?;
        for name in ["first", "second", "stranger"] {
            openssl(
                &here,
                &format!(
                    "req -x509 {KEY} -keyout {name}.key -out {name}.pem -days 2 -subj /CN={name} \
                     -addext basicConstraints=critical,CA:TRUE"
                ),
            )?;
        }
        Ok(Self(here))
    }

    fn flags(&self) -> Vec<String> {
        let file =
            |flag: &str, name: &str| format!("--tls-{flag}-file={}/{name}", self.0.display());
        vec![file("certificate", "tls.crt"), file("key", "tls.key"), file("ca", "ca.crt")]
    }

    /// A new certificate and key by one authority; those who are trusted.
    fn issue(&self, by: &str, trusted: &[&str]) -> Result<()> {
        openssl(
            &self.0,
            &format!(
                "req -x509 {KEY} -keyout next.key -out next.crt -days 2 -subj /CN=service \
                 -CA {by}.pem -CAkey {by}.key -addext subjectAltName=IP:127.0.0.1 \
                 -addext basicConstraints=critical,CA:FALSE"
            ),
        )?;
        let trusted = trusted.iter().map(|name| {
            std::fs::read_to_string(self.0.join(format!("{name}.pem"))).context("an authority")
        });
        std::fs::write(self.0.join("next.ca"), trusted.collect::<Result<String>>()?)?;
        for (next, name) in
            [("next.ca", "ca.crt"), ("next.key", "tls.key"), ("next.crt", "tls.crt")]
        {
            std::fs::rename(self.0.join(next), self.0.join(name))?;
        }
        Ok(())
    }
}

fn openssl(folder: &Path, arguments: &str) -> Result<()> {
    let done = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output()?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

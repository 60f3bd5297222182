//! Services over TLS: who is let in, who is called, and certificates that are renewed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use kit_proto::common::v1::HealthRequest;
use kit_serve::{
    Clock, Ids, InternalSettings, PeerSettings, Platform, Process, Secret, Server, Service,
    Shutdown, TlsSettings, Trigger,
};
use tonic::{Code, Status};

/// By then a process has looked at its files again.
const SEEN: Duration = Duration::from_millis(1_100);

/// An authority, with folders of certificates by it.
struct Authority(PathBuf);

impl Authority {
    fn new(dir: &Path, name: &str) -> Self {
        let folder = dir.join(name);
        std::fs::create_dir(&folder).unwrap();
        openssl(
            &folder,
            &format!(
                "req -x509 {KEY} -keyout ca.key -out ca.crt -days 2 -subj /CN={name} \
                 -addext basicConstraints=critical,CA:TRUE"
            ),
        );
        Self(folder)
    }

    /// A certificate for this name, where it is mounted: as a new one, or instead of the last one.
    fn issue(&self, to: &str, name: &str, serial: u32) -> TlsSettings {
        let folder = self.0.join(to);
        std::fs::create_dir_all(&folder).unwrap();
        openssl(
            &folder,
            &format!(
                "req -x509 {KEY} -keyout tls.key -out tls.crt -days 2 -subj /CN=end -CA ../ca.crt \
                 -CAkey ../ca.key -set_serial {serial} -addext subjectAltName={name} \
                 -addext basicConstraints=critical,CA:FALSE"
            ),
        );
        TlsSettings {
            tls_certificate_file: Some(folder.join("tls.crt")),
            tls_key_file: Some(folder.join("tls.key")),
            tls_ca_file: Some(self.0.join("ca.crt")),
        }
    }
}

const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

fn openssl(dir: &Path, arguments: &str) {
    let done = Command::new("openssl").args(arguments.split(' ')).current_dir(dir).output();
    let done = done.expect("openssl runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn process(tls: TlsSettings, reporting_url: &str) -> anyhow::Result<Process> {
    let internal = InternalSettings {
        internal_token: Some(Secret::new("0123456789abcdef0123456789abcdef")),
        internal_token_file: None,
    };
    let peers = PeerSettings { reporting_url: reporting_url.into(), ..PeerSettings::default() };
    let platform = Platform { internal, tls, peers, ..Platform::default() };
    Process::try_new(platform, Clock::system(), Ids::system(Clock::system()))
}

/// A service with this certificate, and its port.
async fn serve(tls: TlsSettings) -> (u16, Trigger) {
    let shared = process(tls, "").unwrap().bind(Service::Reporting, None).await.unwrap();
    let (trigger, shutdown) = Shutdown::new();
    tokio::spawn(Server::try_new(&shared).unwrap().serve(shutdown));
    (shared.address().unwrap().port(), trigger)
}

/// What a process with this certificate hears when it calls this host.
async fn call(tls: TlsSettings, scheme: &str, host: &str, port: u16) -> Result<(), Status> {
    let process = process(tls, &format!("{scheme}://{host}:{port}")).unwrap();
    let mut client = process.share(Service::Gateway).peers.health(Service::Reporting);
    client.check_health(HealthRequest {}).await.map(drop)
}

/// Nobody was reached; or who was called hung up, which the other side cannot tell from a fault.
fn refused(answer: Result<(), Status>) {
    let code = answer.unwrap_err().code();
    assert!([Code::Unavailable, Code::Unknown].contains(&code), "{code:?}");
}

#[tokio::test]
async fn both_sides_show_who_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Authority::new(dir.path(), "ours"), Authority::new(dir.path(), "theirs"));
    let mine = ours.issue("gateway", "DNS:gateway", 1);
    let (port, _serving) = serve(ours.issue("reporting", "DNS:localhost", 2)).await;
    call(mine.clone(), "https", "localhost", port).await.unwrap();
    // In clear nobody is spoken to, whatever the address begins with.
    call(mine.clone(), "http", "localhost", port).await.unwrap();
    refused(call(TlsSettings::default(), "http", "localhost", port).await);
    // Not who was meant.
    refused(call(mine.clone(), "https", "127.0.0.1", port).await);
    // By another authority: we to them, and they to us.
    let stranger = theirs.issue("gateway", "DNS:gateway", 3);
    let mut misled = stranger.clone();
    misled.tls_ca_file.clone_from(&mine.tls_ca_file);
    refused(call(misled, "https", "localhost", port).await);
    refused(call(stranger, "https", "localhost", port).await);
    // A server in clear is none to speak to.
    let (clear, _serving) = serve(TlsSettings::default()).await;
    refused(call(mine, "https", "localhost", clear).await);
}

#[tokio::test]
async fn whoever_shows_no_certificate_hears_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let ours = Authority::new(dir.path(), "ours");
    let (port, _serving) = serve(ours.issue("reporting", "DNS:localhost", 2)).await;
    let ca = ours.0.join("ca.crt");
    let told = tokio::task::spawn_blocking(move || {
        let address = format!("localhost:{port}");
        Command::new("openssl")
            .args(["s_client", "-ign_eof", "-alpn", "h2", "-verify_return_error"])
            .args(["-connect", &address])
            .arg("-CAfile")
            .arg(ca)
            .stdin(std::process::Stdio::null())
            .output()
    });
    let told = told.await.unwrap().unwrap();
    let told = String::from_utf8_lossy(&[told.stdout, told.stderr].concat()).into_owned();
    assert!(told.contains("certificate required"), "{told}");
}

#[tokio::test]
async fn a_renewed_certificate_counts_without_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let ours = Authority::new(dir.path(), "ours");
    let mine = ours.issue("gateway", "DNS:gateway", 1);
    let (port, _serving) = serve(ours.issue("reporting", "DNS:other", 2)).await;
    refused(call(mine.clone(), "https", "localhost", port).await);
    ours.issue("reporting", "DNS:localhost", 3);
    tokio::time::sleep(SEEN).await;
    call(mine.clone(), "https", "localhost", port).await.unwrap();
    // One that is half written changes nothing.
    std::fs::write(dir.path().join("ours/reporting/tls.crt"), "-----BEGIN").unwrap();
    tokio::time::sleep(SEEN).await;
    call(mine, "https", "localhost", port).await.unwrap();
}

#[test]
fn settings_are_all_or_none() {
    let dir = tempfile::tempdir().unwrap();
    let ours = Authority::new(dir.path(), "ours");
    let all = ours.issue("gateway", "DNS:gateway", 1);
    let some = TlsSettings { tls_ca_file: None, ..all.clone() };
    assert!(process(some, "").unwrap_err().to_string().contains("go together"));
    let wrong = TlsSettings { tls_key_file: all.tls_ca_file.clone(), ..all };
    assert!(process(wrong, "").is_err());
    let clear = process(TlsSettings::default(), "https://reporting:7105").unwrap_err();
    assert!(clear.to_string().contains("--tls-certificate-file"), "{clear}");
}

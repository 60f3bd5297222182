//! Secrets are changed while everything runs, and nobody is refused meanwhile.

use anyhow::{Context as _, Result, ensure};
use futures_util::future::try_join_all;
use kit_proto::keyring::v1::GetSigningKeyRequest;
use kit_serve::{Clock, Ids, InternalSettings, PeerSettings, Platform, Process, Secret, Service};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tests::{BACK, Client, Installation, tell};
use tokio::task::block_in_place;

/// By then every process has looked at its files.
const SEEN: Duration = Duration::from_millis(2_500);
const TENANT: &str = "relief.localhost";

#[tokio::test(flavor = "multi_thread")]
async fn the_internal_token_is_rotated_under_load() -> Result<()> {
    let installation = Installation::apart()?;
    block_in_place(|| installation.amparo(&["tenant", "open", "relief"]))?;
    let file = installation.data().join("secrets/internal-token");
    let old = std::fs::read_to_string(&file)?.trim().to_owned();
    let new = "the-next-internal-token-of-all-services";
    let load = Load::default();
    let rotating = async {
        for lines in [format!("{old}\n{new}"), format!("{new}\n{old}"), new.to_owned()] {
            tokio::time::sleep(SEEN).await;
            replace(&file, &lines)?;
        }
        tokio::time::sleep(SEEN).await;
        load.over.store(true, Relaxed);
        Ok(())
    };
    tokio::try_join!(rotating, load.calls(&installation, &file), load.requests(&installation))?;
    let (calls, requests) = (load.calls.load(Relaxed), load.requests.load(Relaxed));
    tell(&format!(
        "{calls} calls and {requests} requests while the token was rotated, none refused"
    ));
    ensure!(calls > 200 && requests > 50, "{calls} calls, {requests} requests are no load");

    let held = [(new, true), (old.as_str(), false)];
    for (token, accepted) in held {
        let internal = InternalSettings {
            internal_token: Some(Secret::new(token)),
            internal_token_file: None,
        };
        let call = call_keyring(&process(&installation, internal)?).await;
        assert_eq!(call.is_ok(), accepted, "{call:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_of_postgres_is_changed_under_load() -> Result<()> {
    let installation = Installation::apart()?;
    block_in_place(|| installation.amparo(&["tenant", "open", "relief"]))?;
    let file = installation.folder().join("postgres-url-told");
    let old = std::fs::read_to_string(&file)?;
    let password =
        std::fs::read_to_string(installation.data().join("secrets/postgres-roles-password"))?;
    let new = old.replace(password.trim(), "another-password");
    ensure!(new != old, "the address names no password");
    let token = installation.data().join("secrets/internal-token");
    let load = Load::default();
    let changing = async {
        tokio::time::sleep(SEEN).await;
        replace(&file, &format!("{}\n{}", old.trim(), new.trim()))?;
        tokio::time::sleep(SEEN).await;
        change_passwords(&installation).await?;
        tokio::time::sleep(SEEN).await;
        replace(&file, &new)?;
        tokio::time::sleep(SEEN).await;
        load.over.store(true, Relaxed);
        Ok(())
    };
    tokio::try_join!(changing, load.calls(&installation, &token), load.requests(&installation))?;

    // All that was signed in before is gone: whatever works now has the new password.
    let admin = superuser(&installation).await?;
    let ended = "select pg_terminate_backend(pid) from pg_stat_activity \
         where usename like 'amparo%' and usename <> 'amparo_owner'";
    ensure!(admin.query(ended, &[]).await?.len() > 10, "nobody was signed in");
    tokio::time::sleep(SEEN).await;
    let client = Client::with_basic(installation.port, TENANT, "admin", "First-entry-1");
    let answer = client.get("/api/v2/users").await?;
    ensure!(answer.status == 200, "{}: {:?}", answer.status, answer.body);
    let before = old.trim().replace("{service}", "cases");
    let refused = tokio_postgres::connect(&before, tokio_postgres::NoTls);
    ensure!(refused.await.is_err(), "the old password still is one");
    Ok(())
}

async fn change_passwords(installation: &Installation) -> Result<()> {
    let admin = superuser(installation).await?;
    for role in
        BACK.iter().flat_map(|name| [format!("amparo_{name}"), format!("amparo_{name}_relay")])
    {
        admin.batch_execute(&format!("alter role {role} password 'another-password'")).await?;
    }
    Ok(())
}

async fn superuser(installation: &Installation) -> Result<tokio_postgres::Client> {
    let url = installation.superuser_url("postgres")?;
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// As whoever mounts Secrets does it: never half of a file.
fn replace(file: &Path, text: &str) -> Result<()> {
    let beside = file.with_extension("next");
    std::fs::write(&beside, text)?;
    Ok(std::fs::rename(&beside, file)?)
}

#[derive(Default)]
struct Load {
    over: AtomicBool,
    calls: AtomicU64,
    requests: AtomicU64,
}

impl Load {
    /// As another process of the installation, which has the same file.
    async fn calls(&self, installation: &Installation, file: &Path) -> Result<()> {
        let internal = InternalSettings {
            internal_token: None,
            internal_token_file: Some(PathBuf::from(file)),
        };
        let process = process(installation, internal)?;
        while !self.over.load(Relaxed) {
            call_keyring(&process).await?;
            self.calls.fetch_add(1, Relaxed);
        }
        Ok(())
    }

    /// As people: each with a name and a password that the gateway has identity check.
    async fn requests(&self, installation: &Installation) -> Result<()> {
        let paths = ["/api/v2/users", "/api/v2/forms", "/api/v2/audit_logs"];
        try_join_all(paths.map(async |path| {
            let client = Client::with_basic(installation.port, TENANT, "admin", "First-entry-1");
            while !self.over.load(Relaxed) {
                let answer = client.get(path).await?;
                ensure!(answer.status == 200, "{path}: {}", answer.status);
                self.requests.fetch_add(1, Relaxed);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        }))
        .await?;
        Ok(())
    }
}

fn process(installation: &Installation, internal: InternalSettings) -> Result<Process> {
    let keyring_url = installation.url("keyring")?;
    let peers = PeerSettings { keyring_url, ..PeerSettings::default() };
    let platform = Platform { peers, internal, ..Platform::default() };
    Process::try_new(platform, Clock::system(), Ids::system(Clock::system()))
}

async fn call_keyring(process: &Process) -> Result<()> {
    let shared = process.share(Service::Gateway);
    let request = shared.internal_call(None).request(GetSigningKeyRequest {});
    let reply = shared.peers.keyring().get_signing_key(request).await;
    reply.context("the keyring refused").map(drop)
}

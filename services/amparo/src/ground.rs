//! What services of a data folder stand on: its databases made and migrated, its secrets and
//! addresses as the settings that `amparo serve all` takes.

use crate::embedded::{DataFolder, Embedded, Secrets, write_private};
use crate::migrate::{addresses, provision_all};
use crate::reach::CONNECTION;
use crate::serve::Serve;
use anyhow::{Context as _, Result};
use clap::Parser;
use kit_proto::common::v1::HealthRequest;
use kit_serve::{Service, Shared};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The file that lists destroyed keys, in its folder.
pub const JOURNAL: &str = "destroyed-keys";

#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct ServeAll {
    #[command(flatten)]
    serve: Serve,
}

/// The services of one data folder, before they run.
pub struct Ground<'a> {
    folder: &'a DataFolder,
    secrets: &'a Secrets,
    listen: SocketAddr,
    /// The root key lies here; in the folder's secrets by default.
    pub root_key: PathBuf,
    /// Further flags of `amparo serve`.
    pub flags: Vec<String>,
}

impl<'a> Ground<'a> {
    /// With the gateway at `listen`.
    pub fn new(folder: &'a DataFolder, secrets: &'a Secrets, listen: SocketAddr) -> Result<Self> {
        let root_key = secrets.file("root-key")?;
        Ok(Self { folder, secrets, listen, root_key, flags: Vec::new() })
    }

    /// With a root key that lies elsewhere.
    pub fn with_root_key(
        folder: &'a DataFolder,
        secrets: &'a Secrets,
        listen: SocketAddr,
        root_key: &Path,
    ) -> Self {
        Self { folder, secrets, listen, root_key: root_key.to_owned(), flags: Vec::new() }
    }

    /// Makes databases and roles, writes down how to reach all, and turns it into settings.
    pub async fn connect(self, embedded: &Embedded) -> Result<Serve> {
        let Self { folder, secrets, listen, root_key, flags: further } = self;
        let password = secrets.text("postgres-roles-password")?;
        provision_all(embedded.postgres.url(), &password).await?;
        let (runtime, owner) = addresses(embedded.postgres.host(), &password);
        let secret_files = [
            ("--postgres-url-file", "postgres-url", Some(runtime.as_str())),
            ("--postgres-owner-url-file", "postgres-owner-url", Some(&owner)),
            ("--nats-url-file", "nats-url", Some(embedded.nats.url())),
            ("--internal-token-file", "internal-token", None),
        ];
        let mut flags = Vec::new();
        for (flag, name, text) in secret_files {
            let path = match text {
                Some(text) => secrets.write(name, text)?,
                None => secrets.file(name)?,
            };
            flags.push(format!("{flag}={}", path.display()));
        }
        write_private(&folder.path(CONNECTION), &(flags.join("\n") + "\n"))?;
        flags.push(format!("--keyring-root-key-file={}", root_key.display()));
        // Beside the database, so that a backup of it that is restored does not undo an erasure.
        let journal = folder.server_folder("journal", None)?.join(JOURNAL);
        flags.push(format!("--keyring-journal-file={}", journal.display()));
        flags.push(format!("--gateway-listen={listen}"));
        flags.push(format!("--gateway-spool={}", folder.path("gateway").display()));
        // An import of places or a whole configuration takes longer than other calls.
        flags.push("--call-timeout=180".into());
        flags.extend(further);
        flags.push("all".into());
        Ok(ServeAll::try_parse_from(flags)?.serve)
    }
}

/// Operators' commands find the services by this.
pub fn append_addresses(folder: &DataFolder, services: &[Shared]) -> Result<()> {
    let path = folder.path(CONNECTION);
    let mut text = std::fs::read_to_string(&path)?;
    for one in services {
        if let Some(address) = one.address() {
            let _ = writeln!(text, "--{}-url=http://{address}", one.service);
        }
    }
    write_private(&path, &text)
}

/// Every service well, by its own account and over the wire.
pub async fn wait_until_ready(services: &[Shared]) -> Result<()> {
    let deadline = Instant::now() + Duration::from_mins(2);
    for one in services {
        while Instant::now() < deadline {
            let wire = one.service == Service::Gateway
                || one.peers.health(one.service).check_health(HealthRequest {}).await.is_ok();
            if wire && one.health.failing().await.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let failing = one.health.failing().await;
        if !failing.is_empty() {
            return Err(anyhow::anyhow!("not well: {}", failing.join(", ")))
                .with_context(|| format!("{} did not get ready", one.service));
        }
    }
    Ok(())
}

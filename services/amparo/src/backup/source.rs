//! The Postgres that a backup is taken of: the one that runs, or one started for it.

use crate::embedded::{
    DataFolder, Lock, Postgres, SUPERUSER, Secrets, Tools, as_account, free_ports,
};
use anyhow::{Context as _, Result, bail};
use nix::sys::signal::Signal;
use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, ChildStderr, Command};
use tokio_postgres::{Client, NoTls};

/// Keeps the log that the backup needs until it is taken, and ends with this connection.
const HOLD: &str = "select pg_create_physical_replication_slot('amparo_backup_' || \
                    pg_backend_pid(), true, true)";
const SIZE: &str = "select (select sum(pg_database_size(oid)) from pg_database)::int8 + \
                    (select sum(size) from pg_ls_waldir())::int8";

/// A Postgres to take a backup of.
pub struct Source {
    port: u16,
    password: String,
    program: PathBuf,
    data: PathBuf,
    bytes: u64,
    /// Holds the log.
    client: Client,
    /// Started for this, in a folder that nothing else runs in meanwhile.
    own: Option<(Postgres, Lock)>,
}

/// A running base backup; killed when dropped.
pub struct BaseBackup {
    child: Child,
    stderr: ChildStderr,
}

impl Source {
    /// Connects to the one that runs in the folder, or starts it.
    pub async fn open(folder: &DataFolder, tools: &Tools) -> Result<Self> {
        let secrets = Secrets::open(folder)?;
        let program = tools.postgres.with_file_name("pg_basebackup");
        if !program.exists() {
            bail!("pg_basebackup is missing beside {}", tools.postgres.display());
        }
        let password = secrets.text("postgres-password")?;
        let (port, own) = if folder.running()?.is_some() {
            (Postgres::port_of(folder).context("Postgres does not run; try again")?, None)
        } else {
            let lock = folder.lock_alone()?;
            let [port] = free_ports()?;
            let postgres = Postgres::start(folder, &secrets, tools, port).await;
            (port, Some((postgres.context("cannot start Postgres")?, lock)))
        };
        let url = Postgres::superuser_url(port, &password);
        let (client, connection) =
            tokio_postgres::connect(&url, NoTls).await.context("Postgres does not answer")?;
        tokio::spawn(connection);
        client.execute(HOLD, &[]).await.context("the log cannot be held")?;
        let bytes: i64 = client.query_one(SIZE, &[]).await?.get(0);
        let data = folder.path("postgres");
        let bytes = u64::try_from(bytes).unwrap_or_default();
        Ok(Self { port, password, program, data, bytes, client, own })
    }

    /// How much there is to copy, about.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Starts a base backup with the log that makes it one moment, as a tar archive to be read.
    pub fn base_backup(&self) -> Result<(BaseBackup, File)> {
        let mut command = as_account(&self.program, &self.data, Some(Signal::SIGKILL));
        command
            .args(["-h", "127.0.0.1", "-U", SUPERUSER, "-p", &self.port.to_string(), "-w"])
            .args(["-D", "-", "-F", "tar", "-X", "fetch", "-c", "fast"])
            .env("PGPASSWORD", &self.password)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut command = Command::from(command);
        let mut child = command.kill_on_drop(true).spawn().context("cannot run pg_basebackup")?;
        let stdout = child.stdout.take().context("pg_basebackup says nothing")?;
        let stderr = child.stderr.take().context("pg_basebackup says nothing")?;
        // Read on a thread of its own, which waits.
        let stdout = File::from(stdout.into_owned_fd()?);
        Ok((BaseBackup { child, stderr }, stdout))
    }

    /// Ends what was started for it.
    pub async fn close(self) {
        drop(self.client);
        if let Some((postgres, lock)) = self.own {
            postgres.stop().await;
            drop(lock);
        }
    }
}

impl BaseBackup {
    /// Whether all of it was sent.
    pub async fn ended_well(&mut self) -> Result<()> {
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).await?;
        let status = self.child.wait().await?;
        if !status.success() {
            bail!("pg_basebackup failed ({status}): {}", said.trim());
        }
        Ok(())
    }
}

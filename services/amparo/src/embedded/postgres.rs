//! A private, durable Postgres on a loopback port.

use super::child::{Child, Program, as_account, end_leftover, server_account};
use super::folder::{give_to, write_private};
use super::{DataFolder, Secrets, Tools};
use anyhow::{Context as _, Result, bail};
use nix::sys::signal::Signal;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// The superuser of the private server.
pub const SUPERUSER: &str = "postgres";

/// How long processes of a killed server may take to leave.
const LEAVING: Duration = Duration::from_secs(20);

/// What differs from Postgres's own defaults, and why.
const SETTINGS: &str = "\
# Written by amparo at every start; changes here are lost.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = '128MB'
effective_cache_size = '1GB'
random_page_cost = 1.1
jit = off
max_wal_size = '2GB'
checkpoint_timeout = '15min'
wal_compression = on
# An acknowledged write is on the disk.
fsync = on
synchronous_commit = on
full_page_writes = on
# What people wrote must not reach a log: no statements, parameters or row contents.
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = none
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
";

/// A running Postgres.
pub struct Postgres {
    child: Child,
    host: String,
    url: String,
}

impl Postgres {
    /// Makes the cluster on first use, starts it and waits until it answers.
    pub async fn start(
        folder: &DataFolder,
        secrets: &Secrets,
        tools: &Tools,
        port: u16,
    ) -> Result<Self> {
        let account = server_account();
        let data = folder.path("postgres");
        let logs = folder.server_folder("logs", None)?;
        let password = secrets.text("postgres-password")?;
        let mark = data.display().to_string();
        end_leftover(&data.join("postmaster.pid"), &mark, Signal::SIGINT).await?;
        if !data.join("PG_VERSION").exists() {
            make_cluster(folder, &tools.initdb, &password)?;
        }
        let settings = data.join("amparo.conf");
        fs::write(&settings, SETTINGS)?;
        give_to(&settings, account.as_ref())?;
        let child = Child::start(Program {
            name: "postgres",
            path: tools.postgres.clone(),
            data,
            arguments: vec!["-D".into(), mark, "-p".into(), port.to_string()],
            log: logs.join("postgres.log"),
            stop_signal: Signal::SIGINT,
        })?;
        let host = format!("127.0.0.1:{port}");
        let url = format!("postgres://{SUPERUSER}:{password}@{host}/postgres");
        let mut postgres = Self { child, host, url };
        postgres.wait_until_ready().await?;
        Ok(postgres)
    }

    /// The port of the server that runs in a data folder, if any.
    pub fn port_of(folder: &DataFolder) -> Option<u16> {
        let text = fs::read_to_string(folder.path("postgres").join("postmaster.pid")).ok()?;
        text.lines().nth(3)?.trim().parse().ok()
    }

    /// Address of the maintenance database of a server on this machine.
    pub fn superuser_url(port: u16, password: &str) -> String {
        format!("postgres://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres")
    }

    /// Address of the maintenance database, with the superuser's password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its address and port.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub async fn ended(&mut self) {
        self.child.ended().await;
    }

    pub async fn revive(&mut self) {
        self.child.revive().await;
    }

    pub async fn stop(self) {
        self.child.stop().await;
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let begun = Instant::now();
        // Recovery after a crash replays the log first, which may take a while.
        for _ in 0..6000 {
            if let Ok((_client, connection)) =
                tokio_postgres::connect(&self.url, tokio_postgres::NoTls).await
            {
                drop(connection);
                return Ok(());
            }
            if self.child.is_over() {
                // Processes of a killed predecessor leave one by one; it refuses until they have.
                if begun.elapsed() > LEAVING {
                    bail!("it ended while starting; see logs/postgres.log in the data folder");
                }
                self.child.revive().await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("it does not answer; see logs/postgres.log in the data folder")
    }
}

/// Makes the cluster beside its place and moves it there when it is whole.
fn make_cluster(folder: &DataFolder, initdb: &Path, password: &str) -> Result<()> {
    let draft = folder.path("postgres.new");
    let _ = fs::remove_dir_all(&draft);
    let account = server_account();
    folder.server_folder("postgres.new", account.as_ref())?;
    let password_file = draft.with_extension("password");
    write_private(&password_file, password)?;
    give_to(&password_file, account.as_ref())?;
    let output = as_account(initdb, &draft, None)
        .args(["-D", &draft.display().to_string(), "-U", SUPERUSER, "-A", "scram-sha-256"])
        .arg(format!("--pwfile={}", password_file.display()))
        .args(["-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions"])
        .output();
    fs::remove_file(&password_file)?;
    let output = output.context("cannot run initdb")?;
    if !output.status.success() {
        bail!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let mut conf = fs::OpenOptions::new().append(true).open(draft.join("postgresql.conf"))?;
    writeln!(conf, "include 'amparo.conf'")?;
    conf.sync_all()?;
    fs::rename(&draft, folder.path("postgres")).context("cannot move the new cluster")
}

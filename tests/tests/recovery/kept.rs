//! What a recovery is made from: a base backup and the log that Postgres archives.

use crate::erasure::ask;
use crate::journey::eventually;
use anyhow::{Context as _, Result};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tests::server::{as_nobody, own, postgres_tool, run_as_nobody};
use tests::{Guarded, Installation, free_port, tell};
use tokio::task::block_in_place;
use tokio_postgres::NoTls;

/// What is kept elsewhere: base backups, and the log as it is archived.
pub struct Kept {
    base: PathBuf,
    log: PathBuf,
    /// Where what is recovered archives its own log: never beside the one that it came from.
    next: PathBuf,
}

impl Kept {
    /// Postgres archives from the first segment on.
    pub async fn begin(installation: &mut Installation) -> Result<Self> {
        let folder = installation.folder().join("away");
        fs::create_dir_all(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o711))?;
        let (base, log) = (own(&folder.join("base"))?, own(&folder.join("log"))?);
        let kept = Self { base, log, next: own(&folder.join("next"))? };
        hands(installation, "postgres", "alter system set archive_mode = on").await?;
        let command = format!("alter system set archive_command = '{}'", archiving(&kept.log));
        hands(installation, "postgres", &command).await?;
        block_in_place(|| installation.restart())?;
        Ok(kept)
    }

    /// As the operator of Postgres takes one each day; its log comes from the archive.
    pub fn base_backup(&self, installation: &Installation) -> Result<()> {
        let url = installation.superuser_url("postgres")?;
        let to = self.base.join("data").display().to_string();
        let arguments = ["-D", &to, "-d", &url, "-c", "fast", "-X", "none", "-N"];
        run_as_nobody(&postgres_tool("pg_basebackup")?, &arguments.map(String::from), &[])
    }

    /// Now, as Postgres has it, and nothing else happens in that moment.
    pub async fn moment(&self, installation: &Installation) -> Result<String> {
        let pause = Duration::from_millis(200);
        tokio::time::sleep(pause).await;
        let moment = ask(installation, "postgres", "select clock_timestamp()").await?;
        tokio::time::sleep(pause).await;
        Ok(moment)
    }

    /// What is not in the archive when the machine is lost is lost with it.
    pub async fn archive_all(&self, installation: &Installation) -> Result<()> {
        let last = "select pg_walfile_name(pg_switch_wal())";
        let last = ask(installation, "postgres", last).await?;
        eventually("the log is archived", async || Ok(self.log.join(&last).exists())).await
    }

    /// A new Postgres from the base backup and the archive; NATS has nothing any more. The journal
    /// and the root key stay where they are.
    pub async fn recover(&self, installation: &mut Installation, moment: &str) -> Result<()> {
        let (data, base) = (installation.data().join("postgres"), self.base.join("data"));
        fs::rename(&data, installation.folder().join("given-up"))?;
        fs::rename(&base, &data)?;
        fs::remove_dir_all(installation.data().join("nats"))?;
        fs::write(data.join("recovery.signal"), "")?;
        let settings = data.join("postgresql.auto.conf");
        let mut settings = fs::File::options().append(true).open(settings)?;
        writeln!(settings, "restore_command = 'cp {}/%f %p'", self.log.display())?;
        writeln!(settings, "recovery_target_time = '{moment}'")?;
        writeln!(settings, "recovery_target_action = 'promote'")?;
        writeln!(settings, "archive_command = '{}'", archiving(&self.next))?;
        let begun = Instant::now();
        let mut server = Recovering::start(installation, &data)?;
        server.until_promoted(installation).await?;
        tell(&format!("Postgres replayed its log in {:.1?}", begun.elapsed()));
        server.process.stop()?.then_some(()).context("Postgres did not end well")
    }
}

fn archiving(folder: &Path) -> String {
    let to = folder.display();
    format!("test ! -f {to}/%f && cp %p {to}/%f.part && mv {to}/%f.part {to}/%f")
}

/// A Postgres that comes back by itself, where nobody reaches it yet.
struct Recovering {
    port: u16,
    process: Guarded,
}

impl Recovering {
    fn start(installation: &Installation, data: &Path) -> Result<Self> {
        let port = free_port()?;
        let (data, port_text) = (data.display().to_string(), port.to_string());
        let arguments = ["-D", &data, "-p", &port_text].map(String::from);
        let log = installation.folder().join("recovery.log");
        Ok(Self { port, process: as_nobody(&postgres_tool("postgres")?, &arguments, &log)? })
    }

    async fn until_promoted(&self, installation: &Installation) -> Result<()> {
        let url = installation.superuser_url("postgres")?;
        let here = format!(":{}/", installation.server_port("postgres")?);
        let url = url.replace(&here, &format!(":{}/", self.port));
        let deadline = Instant::now() + Duration::from_mins(2);
        while Instant::now() < deadline {
            if let Ok((client, connection)) = tokio_postgres::connect(&url, NoTls).await {
                tokio::spawn(connection);
                let row = client.query_one("select pg_is_in_recovery()", &[]).await?;
                if !row.get::<_, bool>(0) {
                    return Ok(());
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let log = fs::read_to_string(installation.folder().join("recovery.log"))?;
        anyhow::bail!("Postgres does not come back:\n{log}")
    }
}

/// A superuser's hands in one database.
pub async fn hands(installation: &Installation, database: &str, sql: &str) -> Result<()> {
    let url = installation.superuser_url(database)?;
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client.batch_execute(sql).await?)
}

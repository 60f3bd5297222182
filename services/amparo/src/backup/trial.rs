//! A data folder, started on ports that nobody knows of and verified.

use crate::embedded::{DataFolder, Embedded, Secrets, Tools, free_ports};
use crate::ground::{Ground, append_addresses, wait_until_ready};
use crate::reach::{self, CONNECTION};
use crate::serve::Running;
use crate::stores::WITH_STORE;
use crate::verify;
use anyhow::{Context as _, Result, bail};
use kit_serve::{Clock, Ids, Process, Shutdown};
use kit_store::Database;
use std::fmt::{self, Display, Formatter};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_postgres::NoTls;

/// What was found in a data folder that holds.
pub struct Found {
    tenants: usize,
    /// Service, events, streams.
    logs: Vec<(&'static str, i64, i64)>,
    started: Duration,
    verified: Duration,
}

impl Display for Found {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (service, events, streams) in &self.logs {
            writeln!(f, "  {service}: {events} events in {streams} streams")?;
        }
        let Self { tenants, started, verified, .. } = self;
        writeln!(
            f,
            "started in {started:.1?}; {tenants} tenants verified in {verified:.1?}, nothing is damaged"
        )
    }
}

/// Starts everything in the folder, verifies it, and ends it again. The caller holds the folder.
pub async fn hold(
    folder: &DataFolder,
    root_key: &Path,
    tools: &Tools,
    shutdown: &Shutdown,
) -> Result<Found> {
    let begun = Instant::now();
    let secrets = Secrets::open(folder)?;
    let embedded = Embedded::start(folder, &secrets, tools).await?;
    let found = tokio::select! {
        found = inside(folder, &secrets, &embedded, root_key, begun) => found,
        () = shutdown.wait() => Err(anyhow::anyhow!("told to stop")),
    };
    let _ = std::fs::remove_file(folder.path(CONNECTION));
    embedded.stop().await;
    found
}

async fn inside(
    folder: &DataFolder,
    secrets: &Secrets,
    embedded: &Embedded,
    root_key: &Path,
    begun: Instant,
) -> Result<Found> {
    let [port] = free_ports()?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let ground = Ground::with_root_key(folder, secrets, listen, root_key);
    let serve = ground.connect(embedded).await?;
    let settings = serve.settings().clone();
    let (trigger, told) = Shutdown::new();
    let running = Running::start(serve, told).await?;
    let checked = async {
        wait_until_ready(running.shared()).await?;
        append_addresses(folder, running.shared())?;
        let (started, begun) = (begun.elapsed(), Instant::now());
        let clock = Clock::system();
        let platform = reach::connection(folder.path(CONNECTION).as_path())?;
        let process = Process::try_new(platform, clock.clone(), Ids::system(clock))?;
        let tenants = verify::check(&process, &settings, None).await?;
        let logs = count(embedded.postgres.url()).await?;
        Ok(Found { tenants, logs, started, verified: begun.elapsed() })
    };
    let found: Result<Found> = checked.await;
    drop(trigger);
    let stopped = running.stop().await;
    let found = found?;
    stopped?;
    if found.tenants > 0 && found.logs.iter().all(|(_, events, _)| *events == 0) {
        bail!("there are tenants and no events");
    }
    Ok(found)
}

async fn count(superuser_url: &str) -> Result<Vec<(&'static str, i64, i64)>> {
    let mut logs = Vec::new();
    for service in WITH_STORE {
        let mut config: tokio_postgres::Config = superuser_url.parse()?;
        config.dbname(Database::of(service.name()).name);
        let (client, connection) = config.connect(NoTls).await.context("Postgres")?;
        tokio::spawn(connection);
        let sql = "select count(*), count(distinct (tenant, stream)) from event";
        let row = client.query_one(sql, &[]).await?;
        logs.push((service.name(), row.get(0), row.get(1)));
    }
    Ok(logs)
}

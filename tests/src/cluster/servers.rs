//! What the services stand on: three nats-servers that are one, and Postgres with a standby.

use crate::chart::Chart;
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tests::server::{as_nobody, nats_server, own, postgres_tool, run_as_nobody};
use tests::{Client, Guarded, free_port};
use tokio_postgres::NoTls;

const PATIENCE: Duration = Duration::from_mins(1);
/// Of NATS, as the Secret has it.
pub const NATS_PASSWORD: &str = "between-us";

/// One nats-server of the cluster.
pub struct Nats {
    pub name: String,
    pub port: u16,
    monitor: u16,
    config: PathBuf,
    log: PathBuf,
    process: Option<Guarded>,
}

impl Nats {
    /// Starts three, configured as the chart says but for addresses.
    pub async fn cluster(chart: &Chart, folder: &Path) -> Result<Vec<Self>> {
        let mut text = chart.nats.replace("$NATS_PASSWORD", NATS_PASSWORD);
        let mut routes = Vec::new();
        for number in 0..3 {
            routes.push(free_port()?);
            let host = format!("amparo-nats-{number}.amparo-nats-peers.protection.svc:6222");
            text = text.replace(&host, &format!("127.0.0.1:{}", routes[number]));
        }
        let mut all = Vec::new();
        for (number, route) in routes.iter().enumerate() {
            let (port, monitor) = (free_port()?, free_port()?);
            let name = format!("amparo-nats-{number}");
            let home = own(&folder.join(&name))?;
            let text = text
                .replace("$POD_NAME", &name)
                .replace("port: 4222", &format!("port: {port}"))
                .replace("http_port: 8222", &format!("http_port: {monitor}"))
                .replace("port: 6222", &format!("port: {route}\n  host: 127.0.0.1"))
                .replace("\"/data\"", &format!("\"{}\"", home.join("data").display()))
                .replace("/run/nats/nats.pid", &home.join("pid").display().to_string());
            let config = home.join("nats.conf");
            std::fs::write(&config, format!("host: 127.0.0.1\n{text}"))?;
            let log = folder.join(format!("{name}.log"));
            all.push(Self { name, port, monitor, config, log, process: None });
        }
        for one in &mut all {
            one.start()?;
        }
        for one in &all {
            one.wait().await?;
        }
        Ok(all)
    }

    /// Starts it, on what it has kept.
    pub fn start(&mut self) -> Result<()> {
        let arguments = ["-c".to_owned(), self.config.display().to_string()];
        self.process = Some(as_nobody(&nats_server()?, &arguments, &self.log)?);
        Ok(())
    }

    /// Ends it without a word.
    pub fn kill(&mut self) -> Result<()> {
        self.process.take().context("it does not run")?.kill()
    }

    /// Waits until it is well.
    pub async fn wait(&self) -> Result<()> {
        let asking = Client::new(self.monitor, "localhost");
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if asking.get("/healthz").await.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("{} does not get well; see {}", self.name, self.log.display())
    }

    /// Which server leads a stream, and how many others hold it too, as this one sees it.
    pub async fn leader_of(&self, stream: &str) -> Result<(String, usize)> {
        let asking = Client::new(self.monitor, "localhost");
        let answer = asking.get("/jsz?accounts=true&streams=true").await?.json();
        let accounts = answer["account_details"].as_array().cloned().unwrap_or_default();
        let mut streams = accounts
            .iter()
            .flat_map(|one| one["stream_detail"].as_array().cloned().unwrap_or_default());
        let found = streams.find(|one| one["name"] == stream).context("no such stream")?;
        let others = found["cluster"]["replicas"].as_array().map_or(0, Vec::len);
        let leader = found["cluster"]["leader"].as_str().context("it has no leader")?;
        Ok((leader.to_owned(), others))
    }
}

/// One Postgres: a primary, or the standby of one.
pub struct Postgres {
    pub port: u16,
    data: PathBuf,
    log: PathBuf,
    parameters: Vec<(String, String)>,
    process: Option<Guarded>,
}

impl Postgres {
    /// A primary with nothing in it.
    pub async fn primary(chart: &Chart, folder: &Path) -> Result<Self> {
        let this = Self::at(chart, folder, "primary")?;
        let options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
        this.run("initdb", &options)?;
        this.started().await
    }

    /// A standby that has all of it. From then on the primary acknowledges nothing that the
    /// standby does not have, as the chart wants it.
    pub async fn standby(&self, chart: &Chart, folder: &Path) -> Result<Self> {
        let this = Self::at(chart, folder, "standby")?;
        let port = self.port.to_string();
        let options = ["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-R", "-c", "fast", "-N"];
        this.run("pg_basebackup", &options)?;
        let this = this.started().await?;
        if chart.synchronous > 0 {
            let names = format!("ANY {} (*)", chart.synchronous);
            let sql = format!("alter system set synchronous_standby_names = '{names}'");
            let primary = self.sql("postgres").await?;
            primary.batch_execute(&sql).await?;
            primary.batch_execute("select pg_reload_conf()").await?;
        }
        Ok(this)
    }

    fn at(chart: &Chart, folder: &Path, name: &str) -> Result<Self> {
        let parameters = chart.postgres.clone();
        let data = own(&folder.join(name))?.join("data");
        let log = folder.join(format!("{name}.log"));
        Ok(Self { port: free_port()?, data, log, parameters, process: None })
    }

    fn run(&self, program: &str, options: &[&str]) -> Result<()> {
        let mut arguments = vec!["-D".to_owned(), self.data.display().to_string()];
        arguments.extend(options.iter().map(|&option| option.to_owned()));
        run_as_nobody(&postgres_tool(program)?, &arguments, &[])
    }

    async fn started(mut self) -> Result<Self> {
        self.start().await?;
        Ok(self)
    }

    /// Starts it, on what it has kept.
    pub async fn start(&mut self) -> Result<()> {
        let mut arguments = vec!["-D".to_owned(), self.data.display().to_string()];
        let port = self.port.to_string();
        let own = [("port", port.as_str()), ("listen_addresses", "127.0.0.1")];
        let own = own.into_iter().chain([("unix_socket_directories", "")]);
        let given = self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in given.chain(own) {
            arguments.extend(["-c".to_owned(), format!("{name}={value}")]);
        }
        self.process = Some(as_nobody(&postgres_tool("postgres")?, &arguments, &self.log)?);
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if self.sql("postgres").await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("Postgres does not answer; see {}", self.log.display())
    }

    /// Ends it without a word.
    pub fn kill(&mut self) -> Result<()> {
        self.process.take().context("it does not run")?.kill()
    }

    /// Tells it to stop, and waits for that.
    pub fn stop(&mut self) -> Result<()> {
        let mut process = self.process.take().context("it does not run")?;
        if process.stop()? { Ok(()) } else { bail!("it did not end well") }
    }

    /// Makes a primary of a standby.
    pub async fn promote(&self) -> Result<()> {
        let row = self.sql("postgres").await?.query_one("select pg_promote(true, 60)", &[]).await?;
        if row.get::<_, bool>(0) { Ok(()) } else { bail!("the standby was not promoted") }
    }

    /// A superuser's connection.
    pub async fn sql(&self, database: &str) -> Result<tokio_postgres::Client> {
        let url = format!("postgres://postgres@127.0.0.1:{}/{database}", self.port);
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

/// The value of a gauge or counter in what a process says of itself, summed over its labels.
pub fn figure(text: &str, name: &str) -> f64 {
    let lines = text
        .lines()
        .filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])));
    lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
}

//! `amparo up`: everything on this machine. A private Postgres and nats-server
//! as children, the databases, all services in this process, and for a
//! demonstration an organisation to sign in to.

use crate::demo;
use crate::embedded::{DataFolder, Embedded, Lock, Secrets, Tools};
use crate::ground::{Ground, append_addresses, wait_until_ready};
use crate::reach::CONNECTION;
use crate::serve::{Running, Serve};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use kit_serve::{Shutdown, init_telemetry};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Instant;

/// Starts everything on this machine, with a private Postgres and nats-server.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Up {
    /// Where everything is kept; made when missing.
    #[arg(long, env = "AMPARO_DATA", default_value = ".data")]
    data: PathBuf,
    /// Port of the REST API.
    #[arg(long, env = "AMPARO_PORT", default_value_t = 8080)]
    port: u16,
    /// Address to listen at; others on the network can reach it when it is not a loopback one.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Folder with the server programs; those on the PATH are used when it lacks them.
    #[arg(long, env = "AMPARO_TOOLS")]
    tools: Option<PathBuf>,
    /// Folder of the built web client, served at the same address as the API.
    #[arg(long, env = "AMPARO_WEB_DIR")]
    web_dir: Option<PathBuf>,
    /// Address for health and metrics of all services; not served when absent.
    #[arg(long, env = "AMPARO_ADMIN_LISTEN")]
    admin_listen: Option<SocketAddr>,
    /// Opens demonstration organisations with well-known passwords.
    #[arg(long)]
    demo: bool,
    /// The first demonstration organisation has a caseload too, entered beside everything else.
    #[arg(long, requires = "demo")]
    demo_records: bool,
    /// How many demonstration organisations; the first one is `localhost`.
    #[arg(long, default_value_t = 1, requires = "demo", value_parser = clap::value_parser!(u16).range(1..=500))]
    tenants: u16,
    /// Throws away everything that is kept in the data folder first.
    #[arg(long)]
    reset: bool,
    /// Ends what runs in the data folder, and starts nothing.
    #[arg(long)]
    stop: bool,
    /// Starts Postgres and nats-server only, for services that run as processes of their own.
    #[arg(long, conflicts_with = "demo")]
    servers_only: bool,
    /// Log filter, such as `info` or `info,cases=debug`. Pools that see their Postgres stop
    /// say so, which is no news at the end of every run.
    #[arg(long, env = "AMPARO_LOG", default_value = "warn,deadpool.postgres=error")]
    log: String,
    /// Where traces go: an OTLP receiver over gRPC.
    #[arg(long, env = "AMPARO_OTLP_ENDPOINT")]
    otlp_endpoint: Option<String>,
}

impl Up {
    /// Runs until SIGTERM or SIGINT.
    pub async fn run(self) -> Result<()> {
        let started = Instant::now();
        let folder = DataFolder::open(&self.data)?;
        if self.stop || self.reset {
            let stopped = folder.stop().await?;
            if self.reset {
                folder.wipe()?;
            }
            if self.stop {
                println!(
                    "{}",
                    if stopped { "Amparo has stopped." } else { "Amparo was not running." }
                );
                return Ok(());
            }
        }
        let lock = match folder.lock(self.port)? {
            Ok(lock) => lock,
            Err(other) => {
                if other.port == 0 {
                    bail!("process {} backs up or restores this folder", other.pid);
                }
                println!(
                    "Amparo runs already at http://localhost:{} (process {})",
                    other.port, other.pid
                );
                return Ok(());
            }
        };
        self.hold(&folder, lock, started).await
    }

    async fn hold(&self, folder: &DataFolder, lock: Lock, started: Instant) -> Result<()> {
        let settings = kit_serve::LogSettings {
            log: self.log.clone(),
            otlp_endpoint: self.otlp_endpoint.clone(),
            ..Default::default()
        };
        init_telemetry(&settings)?;
        self.check_port()?;
        let shutdown = Shutdown::on_signals()?;
        let secrets = Secrets::open(folder)?;
        let tools = Tools::find(&self.tools.clone().unwrap_or_else(|| folder.path("tools")))?;
        let mut embedded = Embedded::start(folder, &secrets, &tools).await?;
        let outcome = match self.connect(folder, &secrets, &embedded).await {
            Ok(_) if self.servers_only => tokio::select! {
                () = self.wait_beside_servers(&shutdown) => Ok(()),
                () = embedded.supervise() => Ok(()),
            },
            Ok(serve) => tokio::select! {
                outcome = self.serve(serve, shutdown, started) => outcome,
                () = embedded.supervise() => Ok(()),
            },
            Err(error) => Err(error),
        };
        let _ = std::fs::remove_file(folder.path(CONNECTION));
        embedded.stop().await;
        drop(lock);
        outcome
    }

    /// Found out before anything is started, with a sentence that says what to do.
    fn check_port(&self) -> Result<()> {
        match TcpListener::bind((self.host, self.port)) {
            Ok(_) => Ok(()),
            Err(error) => {
                bail!("port {} is taken ({error}); choose another with --port", self.port)
            }
        }
    }

    async fn connect(
        &self,
        folder: &DataFolder,
        secrets: &Secrets,
        embedded: &Embedded,
    ) -> Result<Serve> {
        let mut ground = Ground::new(folder, secrets, SocketAddr::new(self.host, self.port))?;
        ground.flags.push(format!("--log={}", self.log));
        if let Some(at) = self.admin_listen {
            ground.flags.push(format!("--admin-listen={at}"));
        }
        if let Some(web) = &self.web_dir {
            ground.flags.push(format!("--web-dir={}", web.display()));
        }
        ground.connect(embedded).await
    }

    async fn serve(&self, serve: Serve, shutdown: Shutdown, started: Instant) -> Result<()> {
        let mut running = Running::start(serve, shutdown.clone()).await?;
        let services = running.shared().to_vec();
        let one = services.first().context("nothing runs")?;
        append_addresses(&DataFolder::open(&self.data)?, &services)?;
        let announce = async {
            wait_until_ready(&services).await?;
            let sign_ins = if self.demo {
                demo::open(one, self.tenants, self.demo_records).await?
            } else {
                vec![]
            };
            self.greet(&sign_ins, started);
            if self.demo_records {
                let shared = one.clone();
                tokio::spawn(async move { demo::enter_records(&shared).await });
            }
            Ok::<_, anyhow::Error>(())
        };
        let announced = tokio::select! {
            outcome = announce => outcome,
            failure = running.failure() => Err(failure),
            () = shutdown.wait() => Ok(()),
        };
        match announced {
            Ok(()) => running.ended().await,
            Err(error) => running.stop().await.and(Err(error)),
        }
    }

    async fn wait_beside_servers(&self, shutdown: &Shutdown) {
        println!(
            "Postgres and NATS are ready; {} says where.",
            self.data.join(CONNECTION).display()
        );
        shutdown.wait().await;
    }

    fn greet(&self, sign_ins: &[demo::SignIn], started: Instant) {
        let port = self.port;
        println!("\nAmparo is ready at http://localhost:{port} ({:.1?})", started.elapsed());
        for demo::SignIn { host, user_name, password, what } in sign_ins {
            println!("  http://{host}:{port}  {user_name:<18} {password:<22} {what}");
        }
        if !sign_ins.is_empty() {
            println!(
                "These passwords are for demonstrations only: anyone can read them in the source."
            );
        }
        println!("Data: {}. Ctrl-C stops everything.", self.data.display());
    }
}

//! `amparo serve`: runs services in this process, each by its crate's `run`.

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, ValueEnum as _};
use kit_serve::{
    Clock, Ids, Platform, Process, Service, Shared, Shutdown, Trigger, init_telemetry, serve_admin,
};
use kit_shell::SchemaGate;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::migrate::migrations;

/// Runs one service, or all of them in one process.
#[derive(Debug, Args)]
pub struct Serve {
    /// keyring, identity, configuration, cases, incidents, tracing, reporting, gateway, or all.
    #[arg(value_parser = read_services)]
    services: Services,
    #[command(flatten)]
    platform: Platform,
    #[command(flatten)]
    settings: ServiceSettings,
}

#[derive(Debug, Clone)]
struct Services(Vec<Service>);

/// Every service's own settings; those of services that do not run here are ignored.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct ServiceSettings {
    #[command(flatten)]
    keyring: keyring::settings::Settings,
    #[command(flatten)]
    pub identity: identity::settings::Settings,
    #[command(flatten)]
    pub configuration: configuration::settings::Settings,
    #[command(flatten)]
    pub cases: cases::settings::Settings,
    #[command(flatten)]
    pub incidents: incidents::settings::Settings,
    #[command(flatten)]
    pub tracing: family_tracing::settings::Settings,
    #[command(flatten)]
    pub reporting: reporting::settings::Settings,
    #[command(flatten)]
    gateway: gateway::settings::Settings,
}

fn read_services(text: &str) -> Result<Services, String> {
    match text {
        "all" => Ok(Services(Service::ALL.to_vec())),
        name => Service::from_str(name, false).map(|service| Services(vec![service])),
    }
}

impl Serve {
    /// Every service's own settings.
    pub const fn settings(&self) -> &ServiceSettings {
        &self.settings
    }

    /// Serves until SIGTERM or SIGINT.
    pub async fn run(self) -> Result<()> {
        init_telemetry(&self.platform.log)?;
        let shutdown = Shutdown::on_signals()?;
        Running::start(self, shutdown).await?.ended().await
    }
}

/// Services that run in this process: the gateway in front, the others behind it.
pub struct Running {
    shared: Vec<Shared>,
    front: Group,
    back: Group,
    shutdown: Shutdown,
}

impl Running {
    /// Binds every service first, so that each knows where the others are, then runs them.
    pub async fn start(serve: Serve, shutdown: Shutdown) -> Result<Self> {
        let Serve { services: Services(services), platform, settings } = serve;
        let (listen, admin) = (platform.listen.listen, platform.listen.admin_listen);
        if listen.is_some() && services.len() > 1 {
            bail!("--listen is for one service; with `all` each chooses a loopback port");
        }
        if platform.tls.tls_certificate_file.is_some() && services.len() > 1 {
            bail!(
                "--tls-certificate-file is for one service; with `all` nothing leaves the process"
            );
        }
        crate::migrate::trust(&platform)?;
        let clock = Clock::system();
        let process = Process::try_new(platform, clock.clone(), Ids::system(clock))?;
        let mut shared = Vec::new();
        for service in services {
            shared.push(process.bind(service, listen).await?);
        }
        // Before anybody can ask whether they are ready.
        let gates: Vec<_> = shared.iter().map(gate).collect();
        if let Some(at) = admin {
            let listener = TcpListener::bind(at).await.with_context(|| format!("{at}"))?;
            let checks = shared.iter().map(|one| (one.service.to_string(), one.health.clone()));
            tokio::spawn(serve_admin(listener, checks.collect(), shutdown.clone()));
        }
        let (mut front, mut back) = (Group::new(), Group::new());
        for (one, gate) in shared.iter().zip(gates) {
            let group = if one.service == Service::Gateway { &mut front } else { &mut back };
            let running = run_behind(gate, settings.clone(), one.clone(), group.shutdown.clone());
            group.tasks.spawn(running);
        }
        Ok(Self { shared, front, back, shutdown })
    }

    /// The services that run, with their addresses.
    pub fn shared(&self) -> &[Shared] {
        &self.shared
    }

    /// Waits for the word to stop, or for a service that ends unasked; then ends the gateway,
    /// and after it what it stands on.
    pub async fn ended(mut self) -> Result<()> {
        let shutdown = self.shutdown.clone();
        let outcome = tokio::select! {
            () = shutdown.wait() => Ok(()),
            failure = self.failure() => Err(failure),
        };
        let stopped = self.stop().await;
        outcome.and(stopped)
    }

    /// Why a service ended before it was told to; never returns while all run.
    pub async fn failure(&mut self) -> anyhow::Error {
        tokio::select! {
            failure = self.front.first_end() => failure,
            failure = self.back.first_end() => failure,
        }
    }

    /// Ends the gateway, and after it what it stands on.
    pub async fn stop(self) -> Result<()> {
        let front = self.front.stop().await;
        let back = self.back.stop().await;
        front.and(back)
    }
}

/// Services that stop at the same word.
struct Group {
    tasks: JoinSet<(Service, Result<()>)>,
    trigger: Trigger,
    shutdown: Shutdown,
}

impl Group {
    fn new() -> Self {
        let (trigger, shutdown) = Shutdown::new();
        Self { tasks: JoinSet::new(), trigger, shutdown }
    }

    /// Why a service ended before it was told to; never returns while all run.
    async fn first_end(&mut self) -> anyhow::Error {
        match self.tasks.join_next().await {
            Some(Ok((service, Ok(())))) => anyhow!("{service} ended by itself"),
            Some(Ok((service, Err(error)))) => error.context(format!("{service} failed")),
            Some(Err(panic)) => anyhow!(panic),
            None => std::future::pending().await,
        }
    }

    async fn stop(mut self) -> Result<()> {
        self.trigger.stop();
        let mut outcome = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            let (service, result) = ended?;
            outcome = outcome.and(result.with_context(|| format!("{service} failed")));
        }
        outcome
    }
}

/// What keeps a service with a database from running before its schema is there.
fn gate(shared: &Shared) -> Option<SchemaGate> {
    migrations(shared.service).map(|migrations| SchemaGate::closed(shared, migrations))
}

async fn run_behind(
    gate: Option<SchemaGate>,
    settings: ServiceSettings,
    shared: Shared,
    shutdown: Shutdown,
) -> (Service, Result<()>) {
    let service = shared.service;
    let open = match gate {
        Some(gate) => gate.open(&shutdown).await,
        None => Ok(true),
    };
    let result = match open {
        Ok(true) => run_one(settings, shared, shutdown).await,
        told => told.map(drop),
    };
    (service, result)
}

async fn run_one(settings: ServiceSettings, shared: Shared, shutdown: Shutdown) -> Result<()> {
    match shared.service {
        Service::Keyring => keyring::run(settings.keyring, shared, shutdown).await,
        Service::Identity => identity::run(settings.identity, shared, shutdown).await,
        Service::Configuration => {
            configuration::run(settings.configuration, shared, shutdown).await
        }
        Service::Cases => cases::run(settings.cases, shared, shutdown).await,
        Service::Incidents => incidents::run(settings.incidents, shared, shutdown).await,
        Service::Tracing => family_tracing::run(settings.tracing, shared, shutdown).await,
        Service::Reporting => reporting::run(settings.reporting, shared, shutdown).await,
        Service::Gateway => gateway::run(settings.gateway, shared, shutdown).await,
    }
}

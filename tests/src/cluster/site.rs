//! The cluster: pods as the chart describes them, Services in front of them, servers below.

use crate::chart::{Chart, Workload};
use crate::servers::{NATS_PASSWORD, Nats, Postgres};
use crate::service::{Probe, Service};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tests::{BACK, Client, Guarded, amparo, free_port};

/// The organisation's host.
pub const HOST: &str = "localhost";
/// Of everyone in the organisation.
pub const PASSWORD: &str = "First-entry-1";
/// Times of the chart (probes, waits before SIGTERM) are divided by this.
const FASTER: u32 = 10;
const PATIENCE: Duration = Duration::from_mins(2);

/// Everything that runs.
pub struct Site {
    // Dropped in this order: pods first, then what they stand on, then the folder.
    pods: Vec<Pod>,
    pub nats: Vec<Nats>,
    pub primary: Postgres,
    pub standby: Postgres,
    pub chart: Chart,
    services: BTreeMap<String, Service>,
    /// The Service that leads to the primary, and that which leads to any nats-server.
    postgres: Service,
    /// The program that pods run from now on.
    program: PathBuf,
    started: usize,
    pub folder: PathBuf,
    _temporary: tempfile::TempDir,
}

/// A process of a service.
struct Pod {
    service: String,
    name: String,
    port: u16,
    admin: u16,
    process: Guarded,
}

impl Site {
    /// Starts all of it with a program that may be an earlier version, and opens an organisation.
    pub async fn start(chart: Chart, program: &Path) -> Result<Self> {
        let temporary = tempfile::tempdir()?;
        let folder = temporary.path().to_owned();
        // Servers run as somebody else, and have folders of their own in here.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o711);
        std::fs::set_permissions(&folder, open)?;
        let nats = Nats::cluster(&chart, &folder).await?;
        let primary = Postgres::primary(&chart, &folder).await?;
        let standby = primary.standby(&chart, &folder).await?;
        let mut services = BTreeMap::new();
        for one in &chart.deployments {
            services.insert(one.name.clone(), Service::start(probe(one)).await?);
        }
        let always = Probe { period: Duration::from_secs(1), failures: 1 };
        let (postgres, front) = (Service::start(always).await?, Service::start(always).await?);
        postgres.add(primary.port, None);
        for one in &nats {
            front.add(one.port, None);
        }
        let this = Self {
            pods: vec![],
            nats,
            primary,
            standby,
            chart,
            services,
            postgres,
            program: program.to_owned(),
            started: 0,
            folder,
            _temporary: temporary,
        };
        this.keep_secrets(front.port())?;
        this.make_databases().await?;
        Ok(this)
    }

    /// What the Secrets of an installation hold. That of cases names both machines of Postgres,
    /// the others name a Service that leads to the primary.
    fn keep_secrets(&self, nats: u16) -> Result<()> {
        let (one, standby) = (self.primary.port, self.standby.port);
        let here = format!("127.0.0.1:{}", self.postgres.port());
        let url = |role: &str, hosts: &str, more: &str| {
            format!("postgres://{role}:unused@{hosts}/amparo_{{service}}{more}")
        };
        let both = format!("127.0.0.1:{one},127.0.0.1:{standby}");
        let writable = "?target_session_attrs=read-write";
        let texts = [
            ("internal/token", "0123456789abcdef0123456789abcdef".to_owned()),
            ("keyring/root-key", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY".to_owned()),
            ("signing/secret", "what identity derives its keys from".to_owned()),
            ("postgres/url", url("amparo_{service}", &here, "")),
            ("postgres/url-of-cases", url("amparo_{service}", &both, writable)),
            ("postgres-owner/url", url("amparo_owner", &here, "")),
            ("nats/url", format!("nats://amparo:{NATS_PASSWORD}@127.0.0.1:{nats}?replicas=3")),
        ];
        for (name, text) in texts {
            let path = self.folder.join("secrets").join(name);
            std::fs::create_dir_all(path.parent().context("it lies in a folder")?)?;
            std::fs::write(path, text)?;
        }
        std::fs::create_dir_all(self.folder.join("journal"))?;
        let mut connection = String::new();
        for (flag, name) in [
            ("internal-token", "internal/token"),
            ("postgres-url", "postgres/url"),
            ("postgres-owner-url", "postgres-owner/url"),
            ("nats-url", "nats/url"),
        ] {
            let path = self.folder.join("secrets").join(name);
            let _ = writeln!(connection, "--{flag}-file={}", path.display());
        }
        for (name, service) in self.services.iter().filter(|(name, _)| *name != "gateway") {
            let _ = writeln!(connection, "--{name}-url=http://127.0.0.1:{}", service.port());
        }
        Ok(std::fs::write(self.folder.join("connection"), connection)?)
    }

    /// Roles and databases, as the operator of Postgres makes them.
    async fn make_databases(&self) -> Result<()> {
        let sql = self.primary.sql("postgres").await?;
        sql.batch_execute("create role amparo_owner login nosuperuser").await?;
        for name in BACK {
            let runtime = format!("amparo_{name}");
            for role in [runtime.clone(), format!("{runtime}_relay")] {
                sql.batch_execute(&format!("create role {role} login nosuperuser")).await?;
            }
            sql.batch_execute(&format!("create database {runtime} owner amparo_owner")).await?;
        }
        Ok(())
    }

    /// Runs the Job of the chart that migrates.
    pub fn migrate(&self) -> Result<()> {
        let job = &self.chart.migrate;
        let mut command = Command::new(&self.program);
        command.args(&job.arguments).env_clear();
        for (name, value) in &job.settings {
            command.env(name, self.told(&job.name, value, 0, 0));
        }
        let output = command.output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Pods run this version from now on.
    pub fn upgrade(&mut self, program: &Path) {
        program.clone_into(&mut self.program);
    }

    /// The names of the services, those first that others call.
    pub fn names(&self) -> Vec<String> {
        let there: Vec<_> = self.chart.deployments.iter().map(|one| one.name.clone()).collect();
        tests::SERVICES.map(String::from).into_iter().filter(|one| there.contains(one)).collect()
    }

    /// The pods of a service that this test starts: two gateways, two of cases, one of others.
    fn wanted(&self, name: &str) -> Result<usize> {
        let most = if ["gateway", "cases"].contains(&name) { 2 } else { 1 };
        Ok(self.workload(name)?.replicas.min(most))
    }

    /// Starts every pod and waits until all of them are ready.
    pub async fn start_pods(&mut self) -> Result<()> {
        for name in self.names() {
            for _ in 0..self.wanted(&name)? {
                self.start_pod(&name)?;
            }
        }
        for pod in &self.pods {
            self.wait_for(pod).await?;
        }
        Ok(())
    }

    /// Starts one pod of a service.
    fn start_pod(&mut self, name: &str) -> Result<()> {
        self.started += 1;
        let workload = self.workload(name)?;
        let (port, admin) = (free_port()?, free_port()?);
        let mut arguments: Vec<String> = vec!["-i".into()];
        for (variable, value) in &workload.settings {
            arguments.push(format!("{variable}={}", self.told(name, value, port, admin)));
        }
        arguments.push(self.program.display().to_string());
        arguments.extend(workload.arguments.iter().cloned());
        let title = format!("{name}-{}", self.started);
        let log = self.folder.join(format!("{title}.log"));
        let process = Guarded::start(Path::new("/usr/bin/env"), &arguments, &log)?;
        self.services[name].add(port, Some(admin));
        self.pods.push(Pod { service: name.to_owned(), name: title, port, admin, process });
        Ok(())
    }

    /// A setting of the chart with the names and places of this machine.
    fn told(&self, name: &str, value: &str, port: u16, admin: u16) -> String {
        if let Some(path) = value.strip_prefix("/run/secrets/amparo/") {
            let both = (name, path) == ("cases", "postgres/url");
            let own = if both { "postgres/url-of-cases" } else { path };
            return self.folder.join("secrets").join(own).display().to_string();
        }
        if let Some(path) = value.strip_prefix("/var/lib/amparo/") {
            let own = if path == "spool" { format!("spool-{}", self.started) } else { path.into() };
            return self.folder.join(own).display().to_string();
        }
        if let Some(at) = value.strip_prefix("0.0.0.0:") {
            let own = if at == "7190" { admin } else { port };
            return format!("127.0.0.1:{own}");
        }
        let peer = value.strip_prefix("http://amparo-").and_then(|rest| rest.split('.').next());
        match peer.and_then(|peer| self.services.get(peer)) {
            Some(service) => format!("http://127.0.0.1:{}", service.port()),
            None => value.to_owned(),
        }
    }

    fn workload(&self, name: &str) -> Result<&Workload> {
        let mut all = self.chart.deployments.iter();
        all.find(|one| one.name == name).with_context(|| format!("the chart has no {name}"))
    }

    async fn wait_for(&self, pod: &Pod) -> Result<()> {
        let begun = Instant::now();
        let log = self.folder.join(format!("{}.log", pod.name));
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        while begun.elapsed() < PATIENCE && !said().contains("Error: ") {
            if self.services[&pod.service].leads_to(pod.port) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("{} does not get ready:\n{}", pod.name, said())
    }

    /// Replaces every pod of a service, as a rollout does: the new one is ready before the old
    /// one leaves, or after it where they share a volume. Gives how long the slowest took to drain.
    pub async fn roll(&mut self, name: &str) -> Result<Duration> {
        let workload = self.workload(name)?.clone();
        let mut slowest = Duration::ZERO;
        for _ in 0..self.wanted(name)? {
            let at = self.pods.iter().position(|pod| pod.service == name);
            let mut old = self.pods.remove(at.context("it does not run")?);
            if !workload.recreate {
                self.start_pod(name)?;
                self.wait_for(self.pods.last().context("it was started")?).await?;
            }
            self.services[name].remove(old.port);
            tokio::time::sleep(Duration::from_secs(workload.pre_stop) / FASTER).await;
            let begun = Instant::now();
            let well = tokio::task::block_in_place(|| old.process.stop())?;
            slowest = slowest.max(begun.elapsed());
            let room = Duration::from_secs(workload.grace - workload.pre_stop);
            ensure!(well, "{} did not end well", old.name);
            ensure!(begun.elapsed() < room, "{} would have been killed", old.name);
            if workload.recreate {
                self.start_pod(name)?;
                self.wait_for(self.pods.last().context("it was started")?).await?;
            }
        }
        Ok(slowest)
    }

    /// Leads to the standby, which has become the primary.
    pub fn redirect(&self) {
        self.postgres.remove(self.primary.port);
        self.postgres.add(self.standby.port, None);
    }

    /// What leads to gateways.
    pub fn front(&self) -> (Service, u32) {
        let failures = self.workload("gateway").map_or(1, |one| one.readiness_failures);
        (self.services["gateway"].clone(), failures)
    }

    /// A way for somebody who signs in or has a script.
    pub fn admin(&self) -> Result<Client> {
        let (front, failures) = self.front();
        let port = front.pick(failures).context("no gateway is ready")?;
        Ok(Client::with_basic(port, HOST, "admin", PASSWORD))
    }

    /// Opens the organisation and hires so many people.
    pub async fn staff(&self, people: usize) -> Result<()> {
        tokio::task::block_in_place(|| {
            self.amparo(&["tenant", "open", "demo", "--host", HOST])?;
            self.amparo(&["install-configuration", "demo"])
        })?;
        for number in 0..people {
            let user_name = format!("worker{number}");
            let user = json!({
                "user_name": user_name, "full_name": user_name, "agency_id": 1,
                "email": format!("{user_name}@amparo.example"), "locale": "en",
                "password": PASSWORD, "password_confirmation": PASSWORD,
                "role_unique_id": "role-cp-case-worker", "send_mail": false,
                "user_group_unique_ids": ["usergroup-child-protection"],
            });
            self.admin()?.post("/api/v2/users", &json!({ "data": user })).await?.data()?;
        }
        Ok(())
    }

    /// An operator's command.
    pub fn amparo(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(amparo())
            .args(arguments)
            .arg("--data")
            .arg(&self.folder)
            .env("AMPARO_ADMINISTRATOR_PASSWORD", PASSWORD)
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let why = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?}: {said}{why}");
        Ok(said)
    }

    /// What every pod says of itself in figures, by its name.
    pub async fn figures(&self) -> Result<Vec<(String, String)>> {
        let mut all = Vec::new();
        for pod in &self.pods {
            let answer = Client::new(pod.admin, HOST).get("/metrics").await?;
            all.push((pod.name.clone(), String::from_utf8_lossy(&answer.body).into_owned()));
        }
        Ok(all)
    }
}

fn probe(workload: &Workload) -> Probe {
    let period = Duration::from_secs(workload.readiness_period) / FASTER;
    Probe { period, failures: workload.readiness_failures }
}

//! What the chart renders: which processes run, with which arguments and settings. Rendered by
//! Helm where it is at hand, otherwise as it was rendered last.

use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use std::process::Command;
use tests::repository;

/// The values under which everything is rendered that runs here.
const VALUES: [&str; 3] =
    ["nats.bundled.enabled=true", "postgres.cnpg.enabled=true", "migrate.kind=job"];

/// The parts of a render that this test runs.
#[derive(Debug)]
pub struct Chart {
    /// Where it is from.
    pub origin: &'static str,
    pub deployments: Vec<Workload>,
    pub migrate: Workload,
    /// The configuration of each nats-server.
    pub nats: String,
    /// Parameters of Postgres.
    pub postgres: Vec<(String, String)>,
    /// Standbys that have a commit before it is acknowledged.
    pub synchronous: usize,
}

/// A Deployment or a Job with one container.
#[derive(Debug, Clone)]
pub struct Workload {
    pub name: String,
    pub replicas: usize,
    /// The old pod goes before the new one comes.
    pub recreate: bool,
    pub arguments: Vec<String>,
    pub settings: Vec<(String, String)>,
    /// Seconds between leaving the endpoints and SIGTERM.
    pub pre_stop: u64,
    /// Seconds between two questions whether it is ready.
    pub readiness_period: u64,
    /// So many failures in a row take it out of use.
    pub readiness_failures: u32,
    /// Seconds from the word to stop to the kill.
    pub grace: u64,
}

impl Chart {
    /// The chart as it is now.
    pub fn render() -> Result<Self> {
        let folder = std::env::var_os("AMPARO_HELM_TOOLS")
            .map_or_else(|| repository().join(".data/helm"), PathBuf::from);
        let helm = folder.join("bin/helm");
        if helm.exists() { Self::read("Helm", &by(&helm)?) } else { Self::golden() }
    }

    fn golden() -> Result<Self> {
        let folder = repository().join("tests/helm/golden");
        let everything = std::fs::read_to_string(folder.join("everything.yaml"))?;
        let servers = everything
            .split("\n---\n")
            .filter(|one| ["ConfigMap", "Cluster"].contains(&kind(one)))
            .collect::<Vec<_>>();
        let text = std::fs::read_to_string(folder.join("default.yaml"))?;
        Self::read("tests/helm/golden", &format!("{text}\n---\n{}", servers.join("\n---\n")))
    }

    fn read(origin: &'static str, text: &str) -> Result<Self> {
        let documents: Vec<&str> = text.split("\n---\n").collect();
        let of =
            |wanted: &'static str| documents.iter().copied().filter(move |one| kind(one) == wanted);
        let deployments: Vec<Workload> = of("Deployment")
            .map(Workload::read)
            .filter(|one| one.arguments.first().is_some_and(|word| word == "serve"))
            .collect();
        if deployments.is_empty() {
            bail!("the render has no Deployment that serves");
        }
        let nats = of("ConfigMap").find_map(|one| one.split_once("nats.conf: |\n"));
        let cluster = of("Cluster").next().context("the render has no Cluster of Postgres")?;
        Ok(Self {
            origin,
            deployments,
            migrate: Workload::read(of("Job").next().context("the render has no Job")?),
            nats: nats.context("the render has no nats.conf")?.1.replace("\n    ", "\n"),
            postgres: block(cluster, "    parameters:").filter_map(pair).collect(),
            synchronous: number(cluster, "minSyncReplicas: ").unwrap_or(0),
        })
    }
}

/// What Helm makes of the chart.
fn by(helm: &std::path::Path) -> Result<String> {
    let home = tempfile::tempdir()?;
    let mut command = Command::new(helm);
    command.args(["template", "amparo", "--namespace", "protection"]);
    command.arg(repository().join("helm/amparo"));
    for value in VALUES {
        command.args(["--set", value]);
    }
    for name in ["HOME", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        command.env(name, home.path());
    }
    let output = command.output().context("cannot run helm")?;
    if !output.status.success() {
        bail!("helm: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

impl Workload {
    fn read(text: &str) -> Self {
        let arguments = after(text, "args: [").unwrap_or_default().trim_end_matches(']');
        let arguments: Vec<String> = arguments.split(", ").map(String::from).collect();
        let readiness = text.split_once("readinessProbe:").map_or("", |(_, rest)| rest);
        Self {
            name: arguments.last().cloned().unwrap_or_default(),
            replicas: number(text, "replicas: ").unwrap_or(1),
            recreate: text.contains("type: Recreate"),
            arguments,
            settings: settings(text),
            pre_stop: number(text, "sleep: {seconds: ").unwrap_or(0),
            readiness_period: number(readiness, "periodSeconds: ").unwrap_or(5),
            readiness_failures: number(readiness, "failureThreshold: ").unwrap_or(2),
            grace: number(text, "terminationGracePeriodSeconds: ").unwrap_or(30),
        }
    }
}

/// Environment variables of ours, each a line with its name and one with its value.
fn settings(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix("- name: AMPARO_") else { continue };
        let value = lines.next().and_then(|next| next.strip_prefix("value: ")).unwrap_or_default();
        found.push((format!("AMPARO_{name}"), value.trim_matches('"').to_owned()));
    }
    found
}

fn kind(document: &str) -> &str {
    document.lines().find_map(|line| line.strip_prefix("kind: ")).unwrap_or_default()
}

/// The lines below a heading that are further in.
fn block<'t>(text: &'t str, heading: &'t str) -> impl Iterator<Item = &'t str> {
    let depth = heading.len() - heading.trim_start().len();
    let lines = text.lines().skip_while(move |line| *line != heading).skip(1);
    lines.take_while(move |line| line.len() - line.trim_start().len() > depth)
}

fn pair(line: &str) -> Option<(String, String)> {
    let (name, value) = line.trim().split_once(": ")?;
    Some((name.to_owned(), value.trim_matches('"').to_owned()))
}

/// The rest of the line after the first such words.
fn after<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    text.split_once(words)?.1.lines().next()
}

fn number<N: std::str::FromStr>(text: &str, words: &str) -> Option<N> {
    let rest = after(text, words)?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

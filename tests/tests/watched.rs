//! Whoever watches an installation sees something: each figure that the chart's alerts and
//! dashboards ask for comes from a running process, before anything goes wrong.

use crate::erasure::{self, register};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tests::{Client, Installation, SERVICES, repository};

/// Of the operator, which is a program of its own, and of read models that a new version makes
/// anew.
const ELSEWHERE: [&str; 2] = ["amparo_operator_", "amparo_projection_rebuilds_total"];
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn each_figure_that_is_asked_for_is_there() -> Result<()> {
    let wanted = asked_for()?;
    ensure!(wanted.len() > 20, "{wanted:?}");
    let installation = Installation::apart()?;
    let people = erasure::staff(&installation).await?;
    register(&people.worker, "Seen").await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told = told(&installation).await?;
        let missing: Vec<_> = wanted.difference(&told).collect();
        let absent = absent(&installation).await?;
        if missing.is_empty() && absent.is_empty() {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "nobody tells of {missing:?}; {absent:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Figures that alerts and dashboards name, as they are in Prometheus.
fn asked_for() -> Result<BTreeSet<String>> {
    let chart = repository().join("helm/amparo");
    let mut texts = vec![std::fs::read_to_string(chart.join("alerts.yaml"))?];
    for board in std::fs::read_dir(chart.join("dashboards"))? {
        let board: Value = serde_json::from_slice(&std::fs::read(board?.path())?)?;
        let panels = board["panels"].as_array().context("a dashboard has panels")?;
        let targets = panels.iter().flat_map(|one| one["targets"].as_array().into_iter().flatten());
        texts.extend(targets.filter_map(|one| one["expr"].as_str().map(String::from)));
    }
    let words =
        texts.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_'));
    let figures = words.filter(|word| word.starts_with("amparo_"));
    let here = figures.filter(|word| !ELSEWHERE.iter().any(|other| word.starts_with(other)));
    Ok(here.map(String::from).collect())
}

/// All that processes tell of.
async fn told(installation: &Installation) -> Result<BTreeSet<String>> {
    let mut told = BTreeSet::new();
    for service in SERVICES {
        let figures = figures(installation, service).await?;
        let names = figures.lines().filter_map(|line| line.split(['{', ' ']).next());
        told.extend(names.map(String::from));
    }
    Ok(told)
}

/// Relays that nobody leads and consumers that follow too little, as the alerts see them.
async fn absent(installation: &Installation) -> Result<Vec<String>> {
    let mut absent = Vec::new();
    for service in SERVICES {
        for line in figures(installation, service).await?.lines() {
            let low = (line.starts_with("amparo_relay_leading") && !line.ends_with(" 1"))
                || (line.starts_with("amparo_consumer_active") && !line.ends_with(" 8"));
            absent.extend(low.then(|| line.to_owned()));
        }
    }
    Ok(absent)
}

async fn figures(installation: &Installation, service: &str) -> Result<String> {
    let admin = Client::new(installation.admin_port(service)?, "localhost");
    Ok(String::from_utf8(admin.get("/metrics").await?.body.to_vec())?)
}

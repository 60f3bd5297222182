//! Reads: lists and name search in a worker's scope, and pgbench with the same statements.

use crate::load::{Load, Outcome, Requests, best};
use crate::peer::Peer;
use crate::requests::{Person, encoded};
use crate::site::{Site, Worker};
use crate::statements::{Source, scripts};
use crate::table::{Table, Target};
use anyhow::{Result, bail};
use bytes::Bytes;
use std::sync::Arc;

const CLIENTS: [usize; 3] = [4, 16, 50];
/// So many different calls become scripts.
const SCRIPTS: usize = 10;
const FILTERS: [&str; 3] =
    ["sex=female&risk_level=high", "sex=male&risk_level=medium", "sex=female&status=open"];

const CASES: Source = Source { service: "cases", prefix: "case" };

pub async fn measure(site: &Site, table: &mut Table) {
    let list = Asked { what: "list of 20, two filters", source: CASES, name: "list" };
    list.measure(site, table, lists(&site.all), &CLIENTS).await;
    let search = Asked { what: "search by name", source: CASES, name: "search" };
    search.measure(site, table, searches(&site.all), &CLIENTS).await;
}

/// What is read.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// As the table says it.
    pub what: &'a str,
    pub source: Source,
    /// Of the scripts.
    pub name: &'a str,
}

/// The calls of each worker: lists with two filters.
pub fn lists(workers: &[Worker]) -> Vec<(Person, String)> {
    let list = |worker: &Worker, filters: &str| {
        (worker.person.clone(), format!("/api/v2/cases?per=20&{filters}"))
    };
    let all =
        FILTERS.iter().flat_map(|filters| workers.iter().map(move |worker| (worker, filters)));
    all.map(|(worker, filters)| list(worker, filters)).collect()
}

/// The calls of each worker: searches for names of children they have.
pub fn searches(workers: &[Worker]) -> Vec<(Person, String)> {
    let mut calls = Vec::new();
    for number in 0..20 {
        for worker in workers {
            if let Some(name) = worker.names.get(number) {
                let path = format!("/api/v2/cases?per=20&phonetic=true&query={}", encoded(name));
                calls.push((worker.person.clone(), path));
            }
        }
    }
    calls
}

/// Any call, one after the other; clients begin at different ones.
pub fn requests(calls: &[(Person, String)]) -> Requests {
    let calls: Vec<Bytes> = calls.iter().map(|(person, path)| person.get(path)).collect();
    Arc::new(move |client, number| {
        let at = usize::try_from(number).unwrap_or_default() + client * 7;
        calls[at % calls.len()].clone()
    })
}

impl Asked<'_> {
    /// With the best of so many clients, and by pgbench with the same statements.
    pub async fn measure(
        self,
        site: &Site,
        table: &mut Table,
        calls: Vec<(Person, String)>,
        clients: &[usize],
    ) {
        let outcome = self.run(site, table, calls, clients).await;
        table.failed(self.what, outcome);
    }

    async fn run(
        self,
        site: &Site,
        table: &mut Table,
        calls: Vec<(Person, String)>,
        clients: &[usize],
    ) -> Result<()> {
        let what = self.what;
        println!("{what}");
        if calls.is_empty() {
            bail!("nobody has anything to ask for");
        }
        let requests = requests(&calls);
        let load = Load { port: site.port(), clients: 0, time: site.load_time, rate: None };
        let (_, outcome) = best(load, clients, &requests).await?;
        let fifty = Load { clients: 50, ..load }.run(&requests).await?;
        let step = calls.len().div_ceil(SCRIPTS);
        let some: Vec<_> = calls.into_iter().step_by(step).collect();
        let scripts = scripts(site, self.source, self.name, &some).await?;
        let url = site.runtime_url(self.source.service)?;
        let time = site.load_time / 2;
        let peer = Peer { url: &url, scripts: &scripts, protocol: "simple", variables: &[], time };
        let peer = peer.best(&[2, 4, 8, 16]).await?;
        let title = format!("{what}: per second");
        table.compare(&title, outcome.per_second(), peer, "", Target::Least(0.5));
        spread(table, what, &fifty)
    }
}

/// How far the slow answers are from the usual one.
fn spread(table: &mut Table, what: &str, fifty: &Outcome) -> Result<()> {
    let (median, slow) = (fifty.quantile(0.5)?, fifty.quantile(0.95)?);
    let title = format!("{what}: p95 against median, 50 clients");
    table.compare(&title, slow, median, " ms", Target::Most(3.0));
    Ok(())
}

//! What the same workers' calls cost when the organisation around them grows.

use crate::copies;
use crate::load::{Load, Requests};
use crate::reads::{lists, requests, searches};
use crate::site::Site;
use crate::table::{Table, Target};
use anyhow::Result;
use std::sync::Arc;
use std::time::Duration;

/// Median of one client's calls, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Costs {
    list: f64,
    search: f64,
    patch: f64,
}

impl Costs {
    /// The first workers only: their caseload stays as it is.
    pub async fn measure(site: &mut Site) -> Result<Self> {
        site.meet().await?;
        let workers = site.first.clone();
        let changes: Requests = Arc::new(move |_, number| {
            let at = usize::try_from(number).unwrap_or_default();
            let worker = &workers[at % workers.len()];
            worker.person.change(worker.cases[at / workers.len() % worker.cases.len()])
        });
        let costs = Self {
            list: median(site, &requests(&lists(&site.first))).await?,
            search: median(site, &requests(&searches(&site.first))).await?,
            patch: median(site, &changes).await?,
        };
        println!("alone: {costs:.2?}");
        Ok(costs)
    }
}

async fn median(site: &Site, requests: &Requests) -> Result<f64> {
    let load = Load { port: site.port(), clients: 1, time: site.load_time / 2, rate: None };
    // What was not asked for lately is slower.
    Load { time: Duration::from_millis(500), ..load }.run(requests).await?;
    load.run(requests).await?.quantile(0.5)
}

/// Ten times as many cases, all of them real.
pub fn tell(table: &mut Table, cases: u64, before: Result<Costs>, after: Result<Costs>) {
    let title = format!("{cases} cases against {}", cases / 10);
    match (before, after) {
        (Ok(before), Ok(after)) => compare(table, &title, &before, &after),
        (Err(error), _) | (_, Err(error)) => {
            table.failed(&format!("growth, {title}"), Err(error));
        }
    }
}

/// More rows, but no more events: the same calls just before and after.
pub async fn copied(site: &mut Site, table: &mut Table, cases: u64, rows: u64) -> Result<()> {
    let before = Costs::measure(site).await?;
    let after = match site.kept.clone() {
        None => {
            copies::grow(site, rows).await?;
            Costs::measure(site).await?
        }
        Some(kept) => {
            let mut grown = kept.grown(site, rows).await?;
            let after = Costs::measure(&mut grown).await;
            grown.close(false)?;
            after?
        }
    };
    compare(table, &format!("{rows} rows (copied by SQL) against {cases}"), &before, &after);
    Ok(())
}

fn compare(table: &mut Table, what: &str, before: &Costs, after: &Costs) {
    for (call, ours, peer) in [
        ("list", after.list, before.list),
        ("search", after.search, before.search),
        ("patch", after.patch, before.patch),
    ] {
        table.compare(&format!("growth: {call}, {what}"), ours, peer, " ms", Target::Most(1.5));
    }
}

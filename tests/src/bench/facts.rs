//! Facts: from the moment that a change is recorded until others have heard of it.

use crate::load::{Load, quantile};
use crate::site::Site;
use crate::table::{Table, Target};
use crate::writes::changes;
use anyhow::{Context as _, Result, ensure};
use kit_bus::Bus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio_postgres::Client;
use uuid::Uuid;

/// Lags so far, in microseconds.
type Lags = Arc<Mutex<Vec<u32>>>;

/// At half the rate of writes that was reached.
pub async fn measure(site: &Site, table: &mut Table, most: Option<f64>) -> Result<()> {
    let most = most.context("how many writes are possible is not known")?;
    let reporting = site.superuser("reporting").await?;
    settle(&reporting).await?;
    let url = std::fs::read_to_string(site.installation.data().join("secrets/nats-url"))?;
    let bus = Bus::connect(url.trim()).await?;
    let (published, over) = (Lags::default(), Arc::new(AtomicBool::new(false)));
    let listening = tokio::spawn(listen(bus, Arc::clone(&published)));
    let watching = tokio::spawn(watch(reporting, site.tenant, Arc::clone(&over)));
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (rate, time) = (Some(most / 2.0), site.load_time * 2);
    let load = Load { port: site.port(), clients: 50, time, rate };
    let outcome = load.run(&changes(site)).await?;
    over.store(true, Ordering::Relaxed);
    let applied = p99(watching.await??)?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    if listening.is_finished() {
        listening.await??;
    } else {
        listening.abort();
    }
    let published = std::mem::take(&mut *published.lock().unwrap_or_else(PoisonError::into_inner));
    let (written, heard) = (outcome.latencies.len(), published.len());
    println!("  {:.0} writes a second, {heard} facts of {written} heard", outcome.per_second());
    table.add("facts: p99 from call to a consumer's table", applied, " ms", Target::Most(1_000.0));
    ensure!(heard >= written, "others heard of {heard} of {written} changes");
    let title = "facts: p99 from commit to published";
    table.add(title, p99(published)?, " ms", Target::Most(1_000.0));
    Ok(())
}

fn p99(mut lags: Vec<u32>) -> Result<f64> {
    lags.sort_unstable();
    quantile(&lags, 0.99).context("nobody heard of anything")
}

/// What was asked before has to have its effect first.
pub async fn settle(reporting: &Client) -> Result<i64> {
    let mut before = -1;
    for _ in 0..600 {
        let row = reporting.query_one("select coalesce(max(id), 0) from audit_entry", &[]).await?;
        let now = row.get(0);
        if now == before {
            break;
        }
        before = now;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(before)
}

/// Hears of cases as soon as the relay has published.
async fn listen(bus: Bus, lags: Lags) -> Result<()> {
    let mut heard = bus.overhear("cases").await.context("cannot listen")?;
    while let Some(fact) = heard.next().await {
        let lag = lag(fact.recorded_at);
        lags.lock().unwrap_or_else(PoisonError::into_inner).push(lag);
    }
    Ok(())
}

/// How old the newest call is that the consumer has applied, again and again.
async fn watch(reporting: Client, tenant: Uuid, over: Arc<AtomicBool>) -> Result<Vec<u32>> {
    let sql =
        "select (extract(epoch from max(at)) * 1000000)::int8 from audit_entry where tenant = $1";
    let mut lags = Vec::new();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    while !over.load(Ordering::Relaxed) {
        let row = reporting.query_one(sql, &[&tenant]).await?;
        lags.push(lag(row.get(0)));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The last ones may be from after the load.
    lags.truncate(lags.len().saturating_sub(2));
    Ok(lags)
}

/// Microseconds since a moment.
#[expect(clippy::disallowed_methods, reason = "a measurement is the edge")]
fn lag(recorded_at: i64) -> u32 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_micros()).unwrap_or_default();
    u32::try_from(now.saturating_sub(recorded_at).max(0)).unwrap_or(u32::MAX)
}

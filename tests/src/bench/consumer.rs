//! Facts per second that a consumer applies: reporting forgets all that it has heard of calls,
//! starts anew, and reads them from the stream again.

use crate::beside::{Beside, end};
use crate::facts::settle;
use crate::site::Site;
use crate::table::{Table, Target};
use anyhow::{Result, bail};
use std::time::{Duration, Instant};
use tokio_postgres::Client;

const FORGET: &str = "truncate audit_entry restart identity; \
     delete from checkpoint where source = 'gateway'";

/// With nothing else to do.
pub async fn measure(site: &mut Site, table: &mut Table) -> Result<()> {
    settle(&site.superuser("reporting").await?).await?;
    let beside = Beside::open(site).await?;
    let rate = applied(site, &beside).await;
    beside.close(site)?;
    table.add("facts: applied per second", rate?, "", Target::Least(10_000.0));
    Ok(())
}

async fn applied(site: &Site, beside: &Beside) -> Result<f64> {
    let reporting = site.superuser("reporting").await?;
    let row = reporting.query_one("select count(*) from audit_entry", &[]).await?;
    let all: i64 = row.get(0);
    println!("  {all} facts");
    reporting.batch_execute(FORGET).await?;
    let process = beside.serve()?;
    let rate = catch_up(&reporting, all).await;
    end(process)?;
    rate
}

/// From the first facts that were applied to the last one.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
async fn catch_up(reporting: &Client, all: i64) -> Result<f64> {
    let mut first: Option<(Instant, i64)> = None;
    let began = Instant::now();
    loop {
        let row = reporting.query_one("select coalesce(max(id), 0) from audit_entry", &[]).await?;
        let applied: i64 = row.get(0);
        match first {
            None if applied > 0 => first = Some((Instant::now(), applied)),
            Some((at, some)) if applied >= all => {
                return Ok((applied - some) as f64 / at.elapsed().as_secs_f64());
            }
            _ if began.elapsed() > Duration::from_mins(10) => {
                bail!("{applied} of {all} facts were applied in ten minutes")
            }
            _ => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

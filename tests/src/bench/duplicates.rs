//! What a seeding leaves to do: each new case is compared with those like it. How fast that goes
//! is measured by itself; the rest is put aside, or it would run for an hour beside whatever is
//! measured next and take from some figures what it leaves to others.

use crate::site::Site;
use crate::table::{Table, Target};
use anyhow::Result;
use std::time::{Duration, Instant};

/// How long it is watched, once nothing else is going on.
const WATCHED: Duration = Duration::from_secs(20);

/// How many cases are compared per second while nobody asks for anything; then none waits.
pub async fn measure(site: &Site, table: &mut Table) -> Result<()> {
    let (before, began) = (waiting(site).await?, Instant::now());
    tokio::time::sleep(WATCHED).await;
    let compared = before - waiting(site).await?;
    let took = began.elapsed().as_secs_f64();
    put_aside(site).await?;
    let rate = f64::from(i32::try_from(compared)?) / took;
    println!("{before} cases waited to be compared with others, {rate:.0} were in a second");
    table.add("duplicates: cases compared per second", rate, "", Target::None);
    Ok(())
}

/// Nothing waits any more, though it was not done.
pub async fn put_aside(site: &Site) -> Result<()> {
    site.superuser("cases").await?.batch_execute("delete from duplicate_due").await?;
    Ok(())
}

async fn waiting(site: &Site) -> Result<i64> {
    let count = "select count(*) from duplicate_due";
    Ok(site.superuser("cases").await?.query_one(count, &[]).await?.get(0))
}

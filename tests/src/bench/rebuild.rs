//! Rebuilding every read model of cases from their events.

use crate::site::Site;
use crate::table::{Table, Target};
use anyhow::Result;
use std::time::Instant;

/// With the service running beside it.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
pub async fn measure(site: &Site, table: &mut Table) -> Result<()> {
    let cases = site.superuser("cases").await?;
    let row = cases.query_one("select count(*) from event where stream like 'case-%'", &[]).await?;
    let events: i64 = row.get(0);
    let began = Instant::now();
    let said = site.installation.amparo(&["rebuild", "cases"])?;
    let rate = events as f64 / began.elapsed().as_secs_f64();
    println!("  {events} events: {}", said.trim().replace('\n', "; "));
    table.add("rebuild of cases: events per second", rate, "", Target::Least(20_000.0));
    Ok(())
}

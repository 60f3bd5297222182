//! What the same workers' calls cost when the organisation around them grows.

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
            worker.person.change(worker.cases[at / workers.len() % worker.cases.len()], number)
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
pub fn tell(table: &mut Table, cases: u64, before: Result<Costs>, after: &Result<Costs>) {
    let title = format!("{cases} cases against {}", cases / 10);
    match (before, after) {
        (Ok(before), Ok(after)) => compare(table, &title, &before, after),
        (Err(error), _) => table.failed(&format!("growth, {title}"), Err(error)),
        (_, Err(error)) => {
            table.failed(&format!("growth, {title}"), Err(anyhow::anyhow!("{error}")));
        }
    }
}

/// More rows, but no more events.
pub async fn copied(
    site: &mut Site,
    table: &mut Table,
    cases: u64,
    rows: u64,
    before: &Costs,
) -> Result<()> {
    copy_rows(site, rows).await?;
    let after = Costs::measure(site).await?;
    compare(table, &format!("{rows} rows (copied by SQL) against {cases}"), before, &after);
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

/// Rows like those of the other workers' cases, under new ids and terms: nobody comes across them,
/// so their documents are left out. All other tables and indexes are as large.
async fn copy_rows(site: &Site, rows: u64) -> Result<()> {
    let cases = site.superuser("cases").await?;
    let owners: Vec<String> = site.first.iter().map(|one| one.person.user_name.clone()).collect();
    let sql = "select string_agg(quote_ident(column_name), ', ') from information_schema.columns \
         where table_name = 'case_row' and column_name not in ('id', 'document', 'created_at')";
    let columns: String = cases.query_one(sql, &[]).await?.get(0);
    cases.batch_execute("set synchronous_commit = off").await?;
    cases.batch_execute("create temp table original (id uuid, created_at timestamptz)").await?;
    let sql = "insert into original select id, created_at from case_row where owned_by <> all($1)";
    let originals = cases.execute(sql, &[&owners]).await?;
    let have: i64 = cases.query_one("select count(*) from case_row", &[]).await?.get(0);
    let mut missing = rows.saturating_sub(u64::try_from(have)?);
    for copy in 1_i32.. {
        if missing == 0 || originals == 0 {
            break;
        }
        let limit = i64::try_from(missing.min(originals))?;
        for sql in copies(&columns) {
            cases.execute(&sql, &[&copy, &limit]).await?;
        }
        missing -= u64::try_from(limit)?;
        println!("  {missing} rows to copy");
    }
    Ok(())
}

/// What copies a number ($2) of records' terms, marks and rows, the $1-th time.
fn copies(columns: &str) -> [String; 3] {
    let chosen = "(select * from original limit $2) o using (id)";
    let id = "md5(id::text || $1::int4)::uuid";
    [
        format!(
            "insert into case_term (tenant, term, created_at, id) \
             select t.tenant, t.term # $1::int4::int8, t.created_at, {id} \
             from case_term t join {chosen}"
        ),
        format!(
            "insert into case_mark (tenant, id, created_at, codes) \
             select m.tenant, {id}, m.created_at, m.codes from case_mark m join {chosen}"
        ),
        format!(
            "insert into case_row (id, document, created_at, {columns}) \
             select {id}, '\\x00', r.created_at, {columns} from case_row r join {chosen}"
        ),
    ]
}

//! Writes: cases patched through gateway, gRPC and commit, and as many small transactions as
//! pgbench reaches on the same Postgres.

use crate::load::{Load, Requests, best};
use crate::peer::Peer;
use crate::site::{Site, connect};
use crate::table::{Table, Target};
use anyhow::Result;
use std::sync::Arc;

const CLIENTS: [usize; 3] = [16, 32, 50];

/// Two tables with rows as large as ours, one of them a log.
const TABLES: &str = "
create table event (tenant uuid not null, stream text collate \"C\" not null, version bigint not null,
  position bigint generated always as identity, recorded_at timestamptz not null,
  payload bytea not null, primary key (tenant, stream, version));
create table row (tenant uuid not null, id bigint not null, version bigint not null,
  document bytea not null, primary key (tenant, id));
alter table event alter payload set storage external;
alter table row alter document set storage external;
insert into row select 'TENANT', id, 1, decode(repeat('ab', :document), 'hex')
  from generate_series(1, :rows) id;
vacuum analyze row";

/// One event more, and the row that it leads to.
const SCRIPT: &str = "\\set id random(1, :rows)
\\set version random(1, 9000000000000000)
begin;
insert into event (tenant, stream, version, recorded_at, payload)
  values ('TENANT', 'case-' || :id, :version, now(), decode(repeat('ab', :payload), 'hex'));
insert into row (tenant, id, version, document)
  values ('TENANT', :id, 1, decode(repeat('ab', :document), 'hex'))
  on conflict (tenant, id) do update set version = row.version + 1, document = excluded.document;
commit;
";

/// Writes per second at most, and what pgbench reaches.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    pub ours: f64,
    pub peer: f64,
}

/// Patches of cases.
pub async fn measure(site: &Site, table: &mut Table) -> Result<Most> {
    let load = Load { port: site.port(), clients: 0, time: site.load_time, rate: None };
    let (clients, outcome) = best(load, &CLIENTS, &changes(site)).await?;
    let peer = peer(site).await?;
    let ours = outcome.per_second();
    table.compare("writes: cases patched per second", ours, peer, "", Target::Least(0.5));
    table.add(
        &format!("writes: p95 at {clients} clients"),
        outcome.quantile(0.95)?,
        " ms",
        Target::None,
    );
    Ok(Most { ours, peer })
}

/// Every client changes cases of its own, so that none waits for another.
pub fn changes(site: &Site) -> Requests {
    let people = site.all.clone();
    Arc::new(move |client, number| {
        let worker = &people[client % people.len()];
        // Clients of one worker share the caseload without meeting.
        let (turn, at_once) = (client / people.len(), 50_usize.div_ceil(people.len()));
        let step = usize::try_from(number).unwrap_or_default() * at_once + turn;
        worker.person.change(worker.cases[step % worker.cases.len()])
    })
}

async fn peer(site: &Site) -> Result<f64> {
    let cases = site.superuser("cases").await?;
    let sizes = "select (select avg(octet_length(payload)) from (select payload from event limit 50000) e)::int8, \
         (select avg(octet_length(document)) from (select document from case_row limit 20000) r)::int8, \
         (select count(*) from case_row)";
    let sizes = cases.query_one(sizes, &[]).await?;
    let (payload, document, rows): (i64, i64, i64) = (sizes.get(0), sizes.get(1), sizes.get(2));
    println!("  pgbench: events of {payload} bytes, rows of {document} bytes, {rows} rows");
    cases.batch_execute("create database bench").await?;
    let url = site.installation.superuser_url("bench")?;
    let bench = connect(&url).await?;
    let tenant = site.tenant.to_string();
    let variables = [
        ("payload", payload.to_string()),
        ("document", document.to_string()),
        ("rows", rows.to_string()),
    ];
    let tables = TABLES
        .replace("TENANT", &tenant)
        .replace(":document", &variables[1].1)
        .replace(":rows", &variables[2].1);
    for statement in tables.split(";\n") {
        bench.batch_execute(statement).await?;
    }
    let script = site.installation.folder().join("write.sql");
    std::fs::write(&script, SCRIPT.replace("TENANT", &tenant))?;
    let (scripts, time) = ([script], site.load_time / 2);
    let peer =
        Peer { url: &url, scripts: &scripts, protocol: "prepared", variables: &variables, time };
    let reached = peer.best(&[4, 16, 32, 50]).await?;
    drop(bench);
    cases.batch_execute("drop database bench with (force)").await?;
    Ok(reached)
}

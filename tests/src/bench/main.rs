//! Nothing is slow: seeds an organisation, loads it, and holds each figure against a peer's
//! measured in the same run. See tests/bench.

mod beside;
mod consumer;
mod copies;
mod facts;
mod growth;
mod load;
mod peer;
mod process;
mod reads;
mod rebuild;
mod requests;
mod room;
mod site;
mod start;
mod statements;
mod table;
mod types;
mod wire;
mod writes;

use anyhow::Result;
use clap::Parser;
use site::Site;
use std::time::{Duration, Instant};
use table::Table;

/// Measures an installation of its own.
#[derive(Debug, Parser)]
#[command(name = "tests/bench")]
pub struct Arguments {
    /// How many cases the organisation has in the end.
    #[arg(long, default_value_t = 100_000)]
    cases: u64,
    /// How long each load lasts, in seconds; by the number of cases when not given.
    #[arg(long)]
    seconds: Option<u64>,
    /// After all of it, adds rows of cases that nobody reads to the read models by SQL until there
    /// are so many, and measures growth once more. They have no events and no keys.
    #[arg(long)]
    grow_to: Option<u64>,
    /// Measures only these, of: growth, start, idle, writes, reads, types, facts, rebuild, consumer.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Keeps the installation's folder and says where it is.
    #[arg(long)]
    keep: bool,
}

impl Arguments {
    fn load_time(&self) -> Duration {
        let by_size = if self.cases < 20_000 { 3 } else { 10 };
        Duration::from_secs(self.seconds.unwrap_or(by_size))
    }

    fn wants(&self, what: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|one| one == what)
    }
}

// One thread: the load generator must not take the processors from what it measures.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let began = Instant::now();
    let mut table = Table::default();
    room::ask(arguments.cases, arguments.grow_to)?;
    let mut site = Site::open(arguments.cases, arguments.load_time()).await?;
    let measured = measure(&arguments, &mut site, &mut table).await;
    println!("\n{} cases, {:.0} s in all\n", arguments.cases, began.elapsed().as_secs_f64());
    table.print();
    site.close(arguments.keep)?;
    measured
}

/// What fails is a line of the table; the rest is still worth knowing. Only without cases there is
/// nothing to measure.
async fn measure(arguments: &Arguments, site: &mut Site, table: &mut Table) -> Result<()> {
    seed(arguments, site, table).await?;
    if arguments.wants("start") {
        let outcome = start::binary(table);
        table.failed("size of the binary", outcome);
        let outcome = start::start(site, table).await;
        table.failed("start of `amparo serve all`", outcome);
    }
    if arguments.wants("idle") {
        let outcome = process::idle(site, table).await;
        table.failed("memory, idle", outcome);
    }
    load(arguments, site, table).await;
    if arguments.wants("idle") {
        let outcome = process::loaded(site, table);
        table.failed("memory, peak under load", outcome);
    }
    if arguments.wants("rebuild") {
        let outcome = rebuild::measure(site, table).await;
        table.failed("rebuild of cases", outcome);
    }
    if arguments.wants("consumer") {
        let outcome = consumer::measure(site, table).await;
        table.failed("facts: applied per second", outcome);
    }
    if let Some(rows) = arguments.grow_to {
        let outcome = growth::copied(site, table, arguments.cases, rows).await;
        table.failed("growth by copied rows", outcome);
    }
    Ok(())
}

/// All cases, and what calls cost before and after there were so many.
async fn seed(arguments: &Arguments, site: &mut Site, table: &mut Table) -> Result<()> {
    let small = site.seed_tenth()?;
    site.told().await?;
    let before = growth::Costs::measure(site).await;
    let rest = site.seed_rest()?;
    site::tell_seed(table, arguments.cases, small + rest);
    let told = site.told().await?;
    println!("the relay told of all of it {told:.0} s after the seeding");
    if arguments.wants("growth") {
        let after = growth::Costs::measure(site).await;
        growth::tell(table, arguments.cases, before, after);
    } else {
        site.meet().await?;
    }
    Ok(())
}

/// What needs many clients.
async fn load(arguments: &Arguments, site: &Site, table: &mut Table) {
    let mut most = None;
    if arguments.wants("writes") || arguments.wants("facts") || arguments.wants("types") {
        match writes::measure(site, table).await {
            Ok(reached) => most = Some(reached),
            Err(error) => table.failed("writes", Err(error)),
        }
    }
    if arguments.wants("reads") {
        reads::measure(site, table).await;
    }
    if arguments.wants("types") {
        types::measure(site, table, most).await;
    }
    if arguments.wants("facts") {
        let outcome = facts::measure(site, table, most.map(|most| most.ours)).await;
        table.failed("facts: lag", outcome);
    }
}

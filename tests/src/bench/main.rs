//! Nothing is slow: seeds an organisation, loads it, and holds each figure against a peer's
//! measured in the same run. See tests/bench.

mod beside;
mod consumer;
mod facts;
mod growth;
mod load;
mod peer;
mod process;
mod reads;
mod rebuild;
mod requests;
mod site;
mod start;
mod statements;
mod table;
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
    /// Keeps the installation's folder and says where it is.
    #[arg(long)]
    keep: bool,
}

impl Arguments {
    fn load_time(&self) -> Duration {
        let by_size = if self.cases < 20_000 { 3 } else { 10 };
        Duration::from_secs(self.seconds.unwrap_or(by_size))
    }
}

// One thread: the load generator must not take the processors from what it measures.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let began = Instant::now();
    let mut table = Table::default();
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
    let small = site.seed_tenth()?;
    site.told().await?;
    let before = growth::Costs::measure(site).await;
    let rest = site.seed_rest()?;
    site::tell_seed(table, arguments.cases, small + rest);
    let told = site.told().await?;
    println!("the relay told of all of it {told:.0} s after the seeding");
    let after = growth::Costs::measure(site).await;
    growth::tell(table, arguments.cases, before, &after);
    let outcome = start::binary(table);
    table.failed("size of the binary", outcome);
    let outcome = start::start(site, table).await;
    table.failed("start of `amparo serve all`", outcome);
    let outcome = process::idle(site, table).await;
    table.failed("memory, idle", outcome);
    let most = writes::measure(site, table).await;
    let (most, outcome) = most.map_or_else(|error| (None, Err(error)), |most| (Some(most), Ok(())));
    table.failed("writes", outcome);
    reads::measure(site, table).await;
    let outcome = facts::measure(site, table, most).await;
    table.failed("facts: lag", outcome);
    let outcome = process::loaded(site, table);
    table.failed("memory, peak under load", outcome);
    let outcome = rebuild::measure(site, table).await;
    table.failed("rebuild of cases", outcome);
    let outcome = consumer::measure(site, table).await;
    table.failed("facts: applied per second", outcome);
    if let (Some(rows), Ok(after)) = (arguments.grow_to, &after) {
        let outcome = growth::copied(site, table, arguments.cases, rows, after).await;
        table.failed("growth by copied rows", outcome);
    }
    Ok(())
}

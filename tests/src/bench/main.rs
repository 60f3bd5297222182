//! Nothing is slow: seeds an organisation, loads it, and holds each figure against a peer's
//! measured in the same run. See tests/bench.

mod beside;
mod consumer;
mod copies;
mod duplicates;
mod facts;
mod growth;
mod kept;
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
use kept::{Kept, Seeded};
use site::Site;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use table::{Table, Target};

/// How many seconds after the seeding others may have heard of all of it.
const HEARD: f64 = 20.0;

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
    /// Keeps what was seeded in this folder, and takes it from there the next time.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Seeds, and grows, into the folder that `--data` names, and measures nothing.
    #[arg(long, requires = "data")]
    prepare: bool,
    /// Keeps the installation's folder and says where it is.
    #[arg(long, conflicts_with = "data")]
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
    let kept = arguments.data.as_deref().map(Kept::at).transpose()?;
    let seeded = kept.as_ref().map(|kept| kept.seeded(arguments.cases)).transpose()?.flatten();
    if seeded.is_none() {
        let temporary = std::env::temp_dir();
        let folder = kept.as_ref().map_or(&*temporary, Kept::folder);
        room::ask(folder, arguments.cases, arguments.grow_to)?;
    }
    let mut site = Site::open(arguments.cases, arguments.load_time(), kept).await?;
    if arguments.prepare {
        prepare(&arguments, &mut site, seeded.is_some()).await?;
        return site.close(false);
    }
    let measured = measure(&arguments, &mut site, &mut table, seeded).await;
    println!("\n{} cases, {:.0} s in all\n", arguments.cases, began.elapsed().as_secs_f64());
    table.print();
    site.close(arguments.keep)?;
    measured
}

/// What fails is a line of the table; the rest is still worth knowing. Only without cases there is
/// nothing to measure.
async fn measure(
    arguments: &Arguments,
    site: &mut Site,
    table: &mut Table,
    seeded: Option<Seeded>,
) -> Result<()> {
    match seeded {
        Some(seeded) => reuse(site, table, &seeded).await?,
        None => seed(arguments, site, table).await?,
    }
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

/// Seeds and grows what later runs measure.
async fn prepare(arguments: &Arguments, site: &mut Site, is_seeded: bool) -> Result<()> {
    if !is_seeded {
        let seconds = site.seed_tenth()? + site.seed_rest()?;
        note_told(site, seconds).await?;
        duplicates::put_aside(site).await?;
    }
    if let (Some(kept), Some(rows)) = (site.kept.clone(), arguments.grow_to) {
        kept.grown(site, rows).await?.close(false)?;
    }
    Ok(())
}

/// Waits until others have heard of all cases.
async fn note_told(site: &Site, seconds: f64) -> Result<f64> {
    let told = site.told().await?;
    println!("others had heard of all of it {told:.0} s after the seeding");
    if let Some(kept) = &site.kept {
        kept.note_seeded(site.cases(), seconds, told)?;
    }
    Ok(told)
}

/// What an earlier run seeded.
async fn reuse(site: &mut Site, table: &mut Table, seeded: &Seeded) -> Result<()> {
    let Seeded { cases, seconds, told } = seeded;
    println!(
        "{cases} cases were seeded here by an earlier run, in {seconds:.0} s; others had heard of \
         all of it {told:.0} s later. What a tenth of them costs is not measured."
    );
    table.add("seeding, all cases, in an earlier run", *seconds, " s", Target::None);
    let waited = site.told().await?;
    println!("others have heard of all of it ({waited:.0} s)");
    site.meet().await
}

/// All cases, and what calls cost before and after there were so many.
async fn seed(arguments: &Arguments, site: &mut Site, table: &mut Table) -> Result<()> {
    let small = site.seed_tenth()?;
    site.told().await?;
    duplicates::put_aside(site).await?;
    let before = growth::Costs::measure(site).await;
    let rest = site.seed_rest()?;
    site::tell_seed(table, arguments.cases, small + rest);
    let told = note_told(site, small + rest).await?;
    let title = "facts: others have heard of all seeded cases after";
    table.add(title, told, " s", Target::Most(HEARD));
    let outcome = duplicates::measure(site, table).await;
    table.failed("duplicates: cases compared per second", outcome);
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

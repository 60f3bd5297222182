//! A whole cluster in miniature, from the settings that the chart renders: people work at a steady
//! pace while every process is replaced in turn, the leader of NATS is killed and the standby of
//! Postgres is promoted. See tests/cluster.

mod caseworker;
mod chart;
mod check;
mod servers;
mod service;
mod site;
mod tally;

use anyhow::{Context as _, Result};
use caseworker::Caseworker;
use chart::Chart;
use clap::Parser;
use site::Site;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tally::Tally;
use tests::amparo;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Rolls a small cluster under load, and breaks what it stands on.
#[derive(Debug, Parser)]
#[command(name = "tests/cluster")]
struct Arguments {
    /// How many people work at the same time.
    #[arg(long, default_value_t = 6)]
    clients: usize,
    /// Milliseconds between two calls of one of them.
    #[arg(long, default_value_t = 400)]
    pause: u64,
    /// Seconds that pass quietly before, between and after.
    #[arg(long, default_value_t = 3)]
    calm: u64,
    /// The program of the version before, which is upgraded; the same one when not given.
    #[arg(long, env = "AMPARO_BIN_BEFORE")]
    from: Option<PathBuf>,
    /// Keeps the folder with all logs, and says where it is.
    #[arg(long)]
    keep: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let begun = Instant::now();
    let chart = Chart::render()?;
    println!("settings rendered by {}", chart.origin);
    let before = arguments.from.clone().unwrap_or_else(|| amparo().to_owned());
    let mut site = Site::start(chart, &before).await?;
    site.migrate()?;
    site.start_pods().await?;
    site.staff(arguments.clients).await?;
    println!("ready after {:.1?}", begun.elapsed());
    let outcome = under_load(&mut site, &arguments).await;
    if arguments.keep {
        let kept = tempfile::Builder::new().prefix("amparo-cluster-").tempdir()?.keep();
        std::process::Command::new("cp").arg("-a").arg(&site.folder).arg(&kept).status()?;
        println!("kept in {}", kept.display());
    }
    let problems = outcome?;
    for problem in problems.iter().take(40) {
        println!("  {problem}");
    }
    println!("took {:.1?}", begun.elapsed());
    println!("{} passed, {} failed", usize::from(problems.is_empty()), problems.len());
    drop(site);
    std::process::exit(i32::from(!problems.is_empty()));
}

/// Everything that happens while people work; gives what does not hold afterwards.
async fn under_load(site: &mut Site, arguments: &Arguments) -> Result<Vec<String>> {
    let tally = Arc::new(Tally::default());
    tally.begin("calm");
    let (over, watched) = watch::channel(false);
    let mut people = JoinSet::new();
    for number in 0..arguments.clients {
        let pause = Duration::from_millis(arguments.pause);
        let worker = Caseworker::new(number, site.front(), tally.clone(), watched.clone(), pause);
        people.spawn(worker.work());
    }
    let calm = Duration::from_secs(arguments.calm);
    tokio::time::sleep(calm).await;
    roll(site, &tally).await?;
    lose_leader(site, &tally, calm).await?;
    lose_standby(site, &tally).await?;
    lose_primary(site, &tally, calm).await?;
    tally.begin("calm again");
    tokio::time::sleep(calm).await;
    over.send_replace(true);
    let mut workers = Vec::new();
    while let Some(ended) = people.join_next().await {
        workers.push(ended??);
    }
    print!("{}", tally.table());
    let cases: usize = workers.iter().map(|one| one.cases.len()).sum();
    let marks = workers.iter().flat_map(|one| &one.cases).map(|case| case.marks.len());
    println!("{cases} registrations and {} changes acknowledged", marks.sum::<usize>());
    let mut problems = tally.problems();
    problems.extend(check::all(site, &workers).await?);
    Ok(problems)
}

/// The next version: first its migrations, then every process in turn.
async fn roll(site: &mut Site, tally: &Tally) -> Result<()> {
    site.upgrade(amparo());
    tally.begin("migration");
    tokio::task::block_in_place(|| site.migrate())?;
    for name in site.names() {
        tally.begin(&format!("roll {name}"));
        let begun = Instant::now();
        let drained = site.roll(&name).await?;
        println!("rolled {name} in {:.1?}, drained in {drained:.1?}", begun.elapsed());
    }
    Ok(())
}

/// The server that leads the stream of cases is killed, and comes back later.
async fn lose_leader(site: &mut Site, tally: &Tally, calm: Duration) -> Result<()> {
    const STREAM: &str = "FACTS_CASES";
    let (leader, others) = site.nats[0].leader_of(STREAM).await?;
    anyhow::ensure!(others == 2, "{STREAM} has {others} replicas beside its leader");
    tally.begin("leader of NATS killed");
    let at = site.nats.iter().position(|one| one.name == leader).context("nobody's name")?;
    site.nats[at].kill()?;
    let other = &site.nats[(at + 1) % site.nats.len()];
    let begun = Instant::now();
    let next = loop {
        match other.leader_of(STREAM).await {
            Ok((next, _)) if next != leader => break next,
            _ if begun.elapsed() > Duration::from_mins(1) => anyhow::bail!("no other one leads"),
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    println!("{leader} led {STREAM} and was killed; {next} leads after {:.1?}", begun.elapsed());
    tokio::time::sleep(calm).await;
    site.nats[at].start()?;
    site.nats[at].wait().await
}

/// The standby goes and comes back. Meanwhile every commit waits, however little time a statement
/// has: nothing is acknowledged that one machine alone has.
async fn lose_standby(site: &mut Site, tally: &Tally) -> Result<()> {
    const LONGER: Duration = Duration::from_secs(2);
    if site.chart.synchronous == 0 {
        return Ok(());
    }
    let client = site.primary.sql("postgres").await?;
    client.batch_execute("create table waits (); set statement_timeout = '300ms'").await?;
    tally.begin("standby of Postgres away");
    tokio::task::block_in_place(|| site.standby.stop())?;
    let begun = Instant::now();
    let commit = tokio::spawn(async move {
        client.batch_execute("begin; insert into waits default values").await?;
        client.batch_execute("select; commit").await
    });
    tokio::time::sleep(LONGER).await;
    anyhow::ensure!(!commit.is_finished(), "a commit did not wait for the standby");
    site.standby.start().await?;
    commit.await??;
    println!("standby away: a commit waited {:.1?}, until it was back", begun.elapsed());
    Ok(())
}

/// The primary of Postgres is killed, the standby takes its place and is led to.
async fn lose_primary(site: &mut Site, tally: &Tally, calm: Duration) -> Result<()> {
    tally.begin("primary of Postgres killed");
    let begun = Instant::now();
    site.primary.kill()?;
    site.standby.promote().await?;
    site.redirect();
    let promoted = begun.elapsed();
    let answered = tally.answered();
    while tally.answered() < answered + 10 {
        anyhow::ensure!(begun.elapsed() < Duration::from_mins(1), "nothing is answered any more");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!(
        "primary killed; standby promoted after {promoted:.1?}, ten calls answered after {:.1?}",
        begun.elapsed()
    );
    tokio::time::sleep(calm).await;
    Ok(())
}

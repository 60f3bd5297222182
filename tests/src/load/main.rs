//! Organisations at work beside one another, each at its own pace, and one of them at many times
//! its share. See tests/load.

mod cost;
mod mix;
mod pace;
mod table;

use anyhow::{Result, bail};
use clap::Parser;
use cost::Cost;
use mix::Organisation;
use pace::{Pace, Took};
use std::sync::Arc;
use std::time::{Duration, Instant};
use table::{Row, rank};
use tests::{Dice, Installation};
use tokio::task::JoinSet;

/// Others may be slowed by less than this by one that asks too much.
const ALLOWED: f64 = 0.10;

/// Drives organisations with a mix of what caseworkers do.
#[derive(Debug, Parser)]
#[command(name = "tests/load")]
struct Arguments {
    /// How many organisations.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=100))]
    tenants: u16,
    /// Calls per second of each.
    #[arg(long, default_value_t = 2.0)]
    rate: f64,
    /// How long each measurement takes, in seconds.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Cases that each has before anything is measured.
    #[arg(long, default_value_t = 20)]
    cases: usize,
    /// The first organisation asks 50 times its share by turns; the others must not feel it.
    #[arg(long)]
    noisy: bool,
    /// How many times both are measured, in turn: below some 600 calls, a p95 is that of a few.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many times its share the first one asks.
    #[arg(long, default_value_t = 50.0)]
    times: f64,
    /// When each one calls follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let begun = Instant::now();
    let installation = tokio::task::block_in_place(|| Installation::together(arguments.tenants))?;
    let mut organisations = Vec::new();
    for number in 1..=arguments.tenants {
        let mut one = Organisation::new(installation.port, number);
        one.fill(arguments.cases).await?;
        organisations.push(Arc::new(one));
    }
    println!("{} organisations are ready after {:.1?}", arguments.tenants, begun.elapsed());
    let before = Cost::of(&installation);
    let calm = measure(&organisations, &arguments, 1.0).await?;
    let calls = calm.iter().map(|row| row.took.len()).sum();
    println!("{}", Cost::of(&installation).per_call(before, calls));
    println!("memory of Amparo: {} MB", cost::memory(&installation).unwrap_or_default());
    if !arguments.noisy {
        print!("{}", table::all(&calm));
        return Ok(());
    }
    compare(&organisations, &arguments, calm).await
}

/// One organisation asks many times its share, by turns with a time when it does not.
async fn compare(
    organisations: &[Arc<Organisation>],
    arguments: &Arguments,
    first: Vec<Row>,
) -> Result<()> {
    if organisations.len() < 2 {
        bail!("--noisy needs others who can be disturbed: --tenants 2 or more");
    }
    let (mut calm, mut noisy) = (first, Vec::new());
    for round in 0..arguments.rounds {
        if round > 0 {
            table::add(&mut calm, measure(organisations, arguments, 1.0).await?);
        }
        table::add(&mut noisy, measure(organisations, arguments, arguments.times).await?);
    }
    println!("everybody at their share:\n{}", table::all(&calm));
    println!("the first at {} times its share:\n{}", arguments.times, table::all(&noisy));
    let p95 = |rows: &[Row]| {
        let mut others: Vec<Duration> = rows[1..].iter().flat_map(|row| row.took.clone()).collect();
        others.sort_unstable();
        rank(&others, 95).as_secs_f64() * 1000.0
    };
    let (before, after) = (p95(&calm), p95(&noisy));
    let more = after / before - 1.0;
    println!("p95 of the others: {before:.1} ms, then {after:.1} ms: {:+.1} %", more * 100.0);
    let failed: usize = noisy[1..].iter().map(|row| row.shed + row.failed).sum();
    let passed = more < ALLOWED && failed == 0;
    println!("{} passed, {} failed", usize::from(passed), usize::from(!passed));
    std::process::exit(i32::from(!passed));
}

/// All organisations at once, the first at so many times its share.
async fn measure(
    organisations: &[Arc<Organisation>],
    arguments: &Arguments,
    times: f64,
) -> Result<Vec<Row>> {
    let time = Duration::from_secs(arguments.seconds);
    let (mut all, mut dice) = (JoinSet::new(), Dice::new(arguments.seed));
    for (place, organisation) in organisations.iter().cloned().enumerate() {
        let rate = arguments.rate * if place == 0 { times } else { 1.0 };
        // Whoever keeps to their share calls at the same moments, whatever the first one does.
        let dice = dice.fork();
        all.spawn(async move { (place, Pace { rate, time }.drive(organisation, dice).await) });
    }
    let mut rows = vec![Row::default(); organisations.len()];
    while let Some(ended) = all.join_next().await {
        let (place, took) = ended?;
        rows[place] = row(&organisations[place].host, took, time);
    }
    Ok(rows)
}

fn row(host: &str, took: Vec<Took>, time: Duration) -> Row {
    let mut row = Row { name: host.to_owned(), time, ..Row::default() };
    for Took { status, time } in took {
        match status {
            200..300 => row.took.push(time),
            429 | 503 => row.shed += 1,
            _ => row.failed += 1,
        }
    }
    row.took.sort_unstable();
    row
}

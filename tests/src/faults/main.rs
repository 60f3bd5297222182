//! Nothing is lost: fifty clients write while everything that can be killed, cut or wiped is;
//! then every write is looked for. See tests/faults.

mod administrator;
mod caseworker;
mod check;
mod client;
mod history;
mod proxy;
mod site;
mod writes;

use anyhow::{Result, bail};
use clap::Parser;
use std::time::Duration;

/// Harms an installation while clients write, and looks for every write afterwards.
#[derive(Debug, Parser)]
#[command(name = "tests/faults")]
pub struct Arguments {
    /// What chance decides follows from it; drawn and printed when not given.
    #[arg(long)]
    seed: Option<u64>,
    /// Rounds, each with an installation of its own.
    #[arg(long, default_value_t = 1)]
    histories: u64,
    /// How long each round writes, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How many write at the same time.
    #[arg(long, default_value_t = 50)]
    clients: usize,
    /// Every service is a process of its own; otherwise all are one.
    #[arg(long)]
    apart: bool,
    /// Rounds are by turns together and apart.
    #[arg(long, conflicts_with = "apart")]
    both: bool,
    /// Keeps the folder of a round that failed, and says where it is.
    #[arg(long)]
    keep: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(|| {
        let (drawn, _) = tests::fresh_id().as_u64_pair();
        drawn % 1_000_000
    });
    println!("seed {seed}");
    let mut sum = history::Figures::default();
    for round in 0..arguments.histories {
        let apart = if arguments.both { round % 2 == 1 } else { arguments.apart };
        let plan = history::Plan {
            seed: seed + round,
            apart,
            clients: arguments.clients,
            time: Duration::from_secs(arguments.seconds),
            keep: arguments.keep,
        };
        let (figures, problems) = history::run(plan).await?;
        println!("round {} of {}, seed {}: {figures}", round + 1, arguments.histories, plan.seed);
        for problem in problems.iter().take(40) {
            println!("  {problem}");
        }
        sum.add(&figures);
        if !problems.is_empty() {
            println!("{round} passed, 1 failed");
            bail!("{} problems with seed {}", problems.len(), plan.seed);
        }
    }
    println!("all: {sum}");
    println!("{} passed, 0 failed", arguments.histories);
    Ok(())
}

//! One round: an installation, clients, harm, and the count afterwards.

use crate::administrator::Administrator;
use crate::caseworker::{Caseworker, Common};
use crate::check;
use crate::client::{Caller, Phase};
use crate::site::{Harm, Site};
use crate::writes::{Told, Writes};
use anyhow::Result;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::Dice;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What a round is like.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    pub apart: bool,
    pub clients: usize,
    pub time: Duration,
    pub keep: bool,
}

/// How much there was of everything.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    rounds: u64,
    done: usize,
    unknown: usize,
    tries: u64,
    harms: BTreeMap<String, u64>,
    statuses: BTreeMap<u16, u64>,
}

impl Figures {
    pub fn add(&mut self, more: &Self) {
        self.rounds += more.rounds;
        self.done += more.done;
        self.unknown += more.unknown;
        self.tries += more.tries;
        for (name, count) in &more.harms {
            *self.harms.entry(name.clone()).or_default() += count;
        }
        for (status, count) in &more.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rounds, done, unknown, tries, harms, statuses } = self;
        let harmed: u64 = harms.values().sum();
        write!(f, "{rounds} rounds, {done} writes acknowledged, {unknown} not, {tries} tries; ")?;
        write!(f, "harmed {harmed} times {harms:?}; answers {statuses:?} (0: none)")
    }
}

/// Runs a round; gives its figures and everything that does not hold.
pub async fn run(plan: Plan) -> Result<(Figures, Vec<String>)> {
    let mut dice = Dice::new(plan.seed);
    let begun = Instant::now();
    let mut site = if plan.apart { Site::apart()? } else { Site::together()? };
    site.staff().await?;
    site.wait_until_ready().await?;
    eprintln!("  ready after {:.1?}", begun.elapsed());
    let writes = Arc::new(Writes::default());
    let (phase, watched) = watch::channel(Phase::Writing);
    let mut clients = start_clients(&site, plan, &mut dice, &writes, &watched);
    let harms = do_harm(&mut site, plan.time, &writes, &mut dice).await?;
    phase.send_replace(Phase::Finishing);
    site.wait_until_ready().await?;
    let finished = async { while clients.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(Duration::from_mins(1), finished).await;
    phase.send_replace(Phase::Over);
    while let Some(ended) = clients.join_next().await {
        ended?;
    }
    eprintln!("  counting after {:.1?}", begun.elapsed());
    let problems = check::all(&mut site, &writes).await?;
    eprintln!("  counted after {:.1?}", begun.elapsed());
    if plan.keep && !problems.is_empty() {
        keep(&site)?;
    }
    Ok((figures(&writes, harms), problems))
}

fn start_clients(
    site: &Site,
    plan: Plan,
    dice: &mut Dice,
    writes: &Arc<Writes>,
    phase: &watch::Receiver<Phase>,
) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    let common = [Common::default(), Common::default()];
    for number in 0..plan.clients {
        let caller = |user: &str, dice: &mut Dice| {
            let dice = dice.fork();
            Caller::new(number, site.script(user), dice, plan.seed, writes.clone(), phase.clone())
        };
        if number % 10 == 9 {
            clients.spawn(Administrator::new(caller("admin", dice)).work());
        } else {
            let (user, common) = [("salma", &common[0]), ("tomas", &common[1])][number % 2];
            let shares = number < 6;
            let caller = caller(user, dice);
            clients.spawn(Caseworker::new(caller, common.clone(), shares).work());
        }
    }
    clients
}

/// Harms in turn at random moments until the time is over. JetStream is wiped once.
async fn do_harm(
    site: &mut Site,
    time: Duration,
    writes: &Writes,
    dice: &mut Dice,
) -> Result<BTreeMap<String, u64>> {
    let begun = Instant::now();
    let mut harms = BTreeMap::new();
    let mut deck = site.deck(dice, true);
    while begun.elapsed() < time || deck.contains(&Harm::WipeJetStream) {
        // Sometimes the next harm comes while the last one still hurts.
        if !dice.percent(15) {
            recover(writes, dice).await;
        }
        let Some(harm) = deck.pop() else {
            deck = site.deck(dice, false);
            continue;
        };
        let written = writes.done();
        eprintln!("    {:6.1?} after {written} writes: {harm:?}", begun.elapsed());
        site.harm(harm, dice).await?;
        *harms.entry(format!("{harm:?}")).or_default() += 1;
    }
    recover(writes, dice).await;
    Ok(harms)
}

/// Waits for some more writes, and a moment, so that there is something to lose.
async fn recover(writes: &Writes, dice: &mut Dice) {
    const PATIENCE: Duration = Duration::from_secs(20);
    let (begun, enough) = (Instant::now(), writes.done() + 20 + dice.below(60));
    while writes.done() < enough && begun.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(dice.pause(0, 1_000)).await;
}

fn figures(writes: &Writes, harms: BTreeMap<String, u64>) -> Figures {
    let all = writes.all();
    Figures {
        rounds: 1,
        done: all.iter().filter(|write| write.told == Told::Done).count(),
        unknown: all.iter().filter(|write| write.told == Told::Nothing).count(),
        tries: all.iter().map(|write| u64::from(write.tries)).sum(),
        harms,
        statuses: writes.statuses(),
    }
}

/// Copies everything to where it stays.
fn keep(site: &Site) -> Result<()> {
    let kept = tempfile::Builder::new().prefix("amparo-faults-").tempdir()?.keep();
    let from = site.installation.folder();
    std::process::Command::new("cp").arg("-a").arg(from).arg(&kept).status()?;
    eprintln!("  kept in {}", kept.display());
    Ok(())
}

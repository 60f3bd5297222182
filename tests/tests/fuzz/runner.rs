//! Feeds a target until the time is over, and watches it: a panic, an input that takes too long,
//! or memory without end is a finding, told with the seed and the input.

use super::mutation::{Dice, input};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What is fed, from which seeds.
pub struct Target {
    pub name: &'static str,
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Panics when something does not hold.
    pub feed: fn(&[u8]),
}

/// Seconds for each target of an ordinary test run.
const SECONDS: u64 = 2;
/// One input takes no longer, on a machine that does other things as well.
const SLOWEST: Duration = Duration::from_secs(20);
/// The process gets no larger, with the other tests that run in it.
const LARGEST: u64 = 3 << 30;

/// What is being fed now.
#[derive(Default)]
struct Bench {
    input: Mutex<(Vec<u8>, Option<Instant>)>,
    fed: AtomicU64,
    /// The longest that one input took, in microseconds.
    slowest: AtomicU64,
}

/// Runs a target for as long as `AMPARO_FUZZ_SECONDS` says, from the seed `AMPARO_FUZZ_SEED`.
pub fn run(target: &Target) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = number("AMPARO_FUZZ_SECONDS").unwrap_or(SECONDS);
    let seed = number("AMPARO_FUZZ_SEED").unwrap_or_else(|| fresh_seed(seconds));
    println!("{}: seed {seed}, {seconds} s", target.name);
    let (bench, end) = (Arc::new(Bench::default()), Instant::now() + Duration::from_secs(seconds));
    let (done, finished) = channel();
    let (seeds, feed, at_work) = ((target.seeds)(), target.feed, Arc::clone(&bench));
    std::thread::spawn(move || done.send(work(&at_work, &seeds, feed, seed, end)));
    loop {
        match finished.recv_timeout(Duration::from_millis(50)) {
            Ok(Ok(())) => break,
            Ok(Err(())) | Err(RecvTimeoutError::Disconnected) => {
                found(target, &bench, seed, "it panicked")
            }
            Err(RecvTimeoutError::Timeout) => watch(target, &bench, seed),
        }
    }
    let (count, slowest) =
        (bench.fed.load(Ordering::Relaxed), bench.slowest.load(Ordering::Relaxed) / 1_000);
    println!("{}: {count} inputs without a finding, the slowest took {slowest} ms", target.name);
    assert!(count > 0, "nothing was fed");
}

/// Short runs repeat; long ones are to see something new.
fn fresh_seed(seconds: u64) -> u64 {
    if seconds <= SECONDS { 1 } else { tests::fresh_id().as_u64_pair().0 >> 1 }
}

fn work(
    bench: &Bench,
    seeds: &[Vec<u8>],
    feed: fn(&[u8]),
    seed: u64,
    end: Instant,
) -> Result<(), ()> {
    let mut dice = Dice::new(seed);
    let mut fresh = seeds.iter().cloned();
    while Instant::now() < end {
        let next = fresh.next().unwrap_or_else(|| input(&mut dice, seeds));
        let start = Instant::now();
        *bench.input.lock().unwrap() = (next.clone(), Some(start));
        catch_unwind(AssertUnwindSafe(|| feed(&next))).map_err(drop)?;
        let took = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        bench.slowest.fetch_max(took, Ordering::Relaxed);
        bench.fed.fetch_add(1, Ordering::Relaxed);
    }
    bench.input.lock().unwrap().1 = None;
    Ok(())
}

fn watch(target: &Target, bench: &Bench, seed: u64) {
    let started = bench.input.lock().unwrap().1;
    if started.is_some_and(|at| at.elapsed() > SLOWEST) {
        found(target, bench, seed, "it takes too long");
    }
    if resident() > LARGEST {
        found(target, bench, seed, "it takes too much memory");
    }
}

/// Tells the finding; the input is kept in a file as well, since it may be long.
fn found(target: &Target, bench: &Bench, seed: u64, what: &str) -> ! {
    let input = bench.input.lock().unwrap().0.clone();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}", target.name));
    let kept = std::fs::write(&file, &input).is_ok();
    let start = String::from_utf8_lossy(&input[..input.len().min(2_000)]).into_owned();
    let fed = bench.fed.load(Ordering::Relaxed);
    panic!(
        "{}: {what}; seed {seed}, input {fed}, {} bytes (kept in {}: {kept}):\n{start}",
        target.name,
        input.len(),
        file.display()
    );
}

/// Bytes of memory that this process has.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default() * 4_096
}

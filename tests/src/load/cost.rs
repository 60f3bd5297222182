//! What calls cost: processor time of Amparo, Postgres and NATS, and memory. Unlike latency it
//! hardly depends on what else the machine does.

use std::fmt;
use std::path::Path;
use std::time::Duration;
use tests::Installation;

/// Processor time so far.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    amparo: Duration,
    postgres: Duration,
    nats: Duration,
}

impl Cost {
    /// Of an installation that runs all in one process.
    pub fn of(installation: &Installation) -> Self {
        let of_file = |file: &str| pid_in(&installation.data().join(file)).map_or(0, with_children);
        let amparo = installation.pids().first().map_or(0, |(_, pid)| own(*pid, false));
        Self {
            amparo: ticks(amparo),
            postgres: ticks(of_file("postgres/postmaster.pid")),
            nats: ticks(of_file("nats/pid")),
        }
    }

    /// What was added since then, for each of so many calls.
    pub fn per_call(self, before: Self, calls: usize) -> PerCall {
        let calls = u32::try_from(calls.max(1)).unwrap_or(u32::MAX);
        let share = |now: Duration, then: Duration| now.saturating_sub(then) / calls;
        PerCall(Self {
            amparo: share(self.amparo, before.amparo),
            postgres: share(self.postgres, before.postgres),
            nats: share(self.nats, before.nats),
        })
    }
}

/// The processor time of one call.
#[derive(Debug, Clone, Copy)]
pub struct PerCall(Cost);

impl fmt::Display for PerCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        let Cost { amparo, postgres, nats } = self.0;
        write!(
            f,
            "processor per call: {:.2} ms (Amparo {:.2}, Postgres {:.2}, NATS {:.2})",
            millis(amparo + postgres + nats),
            millis(amparo),
            millis(postgres),
            millis(nats)
        )
    }
}

/// Memory of the amparo process now, in megabytes.
pub fn memory(installation: &Installation) -> Option<u64> {
    let (_, pid) = *installation.pids().first()?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes >> 10)
}

fn pid_in(file: &Path) -> Option<i32> {
    std::fs::read_to_string(file).ok()?.split_whitespace().next()?.parse().ok()
}

/// Of a process and those that it started.
fn with_children(pid: i32) -> u64 {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    let children = children.unwrap_or_default();
    let children = children.split_whitespace().filter_map(|word| word.parse().ok());
    own(pid, true) + children.map(with_children).sum::<u64>()
}

/// Clock ticks of a process alone, with those of children that are no more if they are wanted.
fn own(pid: i32, and_past_children: bool) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<u64> = after.split_whitespace().map(|it| it.parse().unwrap_or(0)).collect();
    // utime, stime, cutime, cstime: the 14th to the 17th of the line, two of which come before.
    let wanted = if and_past_children { 11..15 } else { 11..13 };
    fields.get(wanted).map_or(0, |fields| fields.iter().sum())
}

fn ticks(ticks: u64) -> Duration {
    let second = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok().flatten();
    let second = second.and_then(|it| u64::try_from(it).ok()).unwrap_or(100);
    Duration::from_millis(ticks * 1000 / second)
}

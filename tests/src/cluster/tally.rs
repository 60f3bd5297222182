//! What came of the calls, by the part of the test in which they began.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What one try came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// An answer that says what became of it.
    Answered,
    /// Not now: 429, 503, or nobody at the door.
    Later(&'static str),
    /// What must not be.
    Wrong(String),
}

#[derive(Debug, Default)]
struct Part {
    name: String,
    /// Of whole calls, tries included.
    took: Vec<Duration>,
    tries: usize,
    later: BTreeMap<&'static str, usize>,
}

/// The parts so far; the last one goes on.
#[derive(Debug, Default)]
pub struct Tally {
    parts: Mutex<Vec<Part>>,
    problems: Mutex<Vec<String>>,
}

impl Tally {
    /// What begins from now on belongs to this part.
    pub fn begin(&self, name: &str) {
        self.parts().push(Part { name: name.to_owned(), ..Part::default() });
    }

    /// The part that goes on.
    pub fn now(&self) -> usize {
        self.parts().len().saturating_sub(1)
    }

    /// Counts a try.
    pub fn tried(&self, part: usize, came: &Came) {
        if let Some(part) = self.parts().get_mut(part) {
            part.tries += 1;
            if let Came::Later(why) = came {
                *part.later.entry(why).or_default() += 1;
            }
        }
        if let Came::Wrong(what) = came {
            let name = self.parts().get(part).map(|part| part.name.clone()).unwrap_or_default();
            self.complain(format!("{name}: {what}"));
        }
    }

    /// Counts a call that was answered in the end.
    pub fn called(&self, part: usize, begun: Instant) {
        if let Some(part) = self.parts().get_mut(part) {
            part.took.push(begun.elapsed());
        }
    }

    /// Notes what must not be.
    pub fn complain(&self, problem: String) {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).push(problem);
    }

    /// All that must not be and was.
    pub fn problems(&self) -> Vec<String> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many calls were answered so far.
    pub fn answered(&self) -> usize {
        self.parts().iter().map(|part| part.took.len()).sum()
    }

    /// One line per part.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let _ = write!(text, "{:<28}", "part");
        for title in ["calls", "tries", "p50 ms", "p95 ms", "p99 ms", "most ms"] {
            let _ = write!(text, "{title:>9}");
        }
        text.push_str("  told to come later\n");
        for part in self.parts().iter_mut() {
            part.took.sort_unstable();
            let _ = write!(text, "{:<28}{:>9}{:>9}", part.name, part.took.len(), part.tries);
            for percent in [50, 95, 99, 100] {
                let _ = write!(text, "{:>9}", rank(&part.took, percent).as_millis());
            }
            let _ = writeln!(text, "  {:?}", part.later);
        }
        text
    }

    fn parts(&self) -> std::sync::MutexGuard<'_, Vec<Part>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The smallest of these that so many percent do not exceed.
pub fn rank(sorted: &[Duration], percent: usize) -> Duration {
    let place = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(place - 1).copied().unwrap_or_default()
}

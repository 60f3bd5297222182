//! What came of it, one line for each organisation.

use std::fmt::Write as _;
use std::time::Duration;

/// One organisation.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub name: String,
    pub time: Duration,
    /// Successes, sorted.
    pub took: Vec<Duration>,
    /// Told to come later: 429, 503.
    pub shed: usize,
    /// Anything else.
    pub failed: usize,
}

impl Row {
    fn add(&mut self, more: Self) {
        self.time += more.time;
        self.took.extend(more.took);
        self.took.sort_unstable();
        self.shed += more.shed;
        self.failed += more.failed;
    }
}

/// Adds another measurement of the same organisations.
pub fn add(rows: &mut Vec<Row>, more: Vec<Row>) {
    if rows.is_empty() {
        *rows = more;
        return;
    }
    for (row, more) in rows.iter_mut().zip(more) {
        row.add(more);
    }
}

/// All of them, and a line over all.
pub fn all(rows: &[Row]) -> String {
    let mut text = format!("{:<20}", "organisation");
    for title in ["per s", "p50 ms", "p95 ms", "p99 ms", "shed %", "failed %"] {
        let _ = write!(text, "{title:>10}");
    }
    text.push('\n');
    let mut sum = Row { name: "all".into(), ..Row::default() };
    for row in rows {
        text.push_str(&line(row));
        sum.add(Row { time: Duration::ZERO, ..row.clone() });
        sum.time = row.time;
    }
    text + &line(&sum)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn line(row: &Row) -> String {
    let asked = (row.took.len() + row.shed + row.failed).max(1) as f64;
    let mut text =
        format!("{:<20}{:>10.1}", row.name, row.took.len() as f64 / row.time.as_secs_f64());
    for percent in [50, 95, 99] {
        let _ = write!(text, "{:>10.1}", rank(&row.took, percent).as_secs_f64() * 1000.0);
    }
    for count in [row.shed, row.failed] {
        let _ = write!(text, "{:>10.2}", count as f64 * 100.0 / asked);
    }
    text + "\n"
}

/// The smallest of these that so many percent do not exceed.
pub fn rank(sorted: &[Duration], percent: usize) -> Duration {
    let place = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(place - 1).copied().unwrap_or_default()
}

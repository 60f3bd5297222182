//! The table that the measurements fill.

/// One figure beside its peer's.
#[derive(Debug)]
struct Line {
    figure: String,
    ours: String,
    peer: String,
    ratio: String,
    target: String,
    verdict: &'static str,
}

/// All figures, in the order in which they were measured.
#[derive(Debug, Default)]
pub struct Table(Vec<Line>);

/// What a figure is held against.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// At least this.
    Least(f64),
    /// At most this.
    Most(f64),
    /// Only told.
    None,
}

impl Target {
    fn verdict(self, value: f64) -> &'static str {
        match self {
            Self::Least(least) if value >= least => "met",
            Self::Most(most) if value <= most => "met",
            Self::None => "",
            Self::Least(_) | Self::Most(_) => "MISSED",
        }
    }

    fn text(self, unit: &str) -> String {
        match self {
            Self::Least(least) => format!("at least {}{unit}", number(least)),
            Self::Most(most) => format!("at most {}{unit}", number(most)),
            Self::None => String::new(),
        }
    }
}

impl Table {
    /// A figure that is held against a number.
    pub fn add(&mut self, figure: &str, value: f64, unit: &str, target: Target) {
        self.push(Line {
            figure: figure.to_owned(),
            ours: format!("{}{unit}", number(value)),
            peer: String::new(),
            ratio: String::new(),
            target: target.text(unit),
            verdict: target.verdict(value),
        });
    }

    /// A figure that is held against another one, measured in the same run.
    pub fn compare(&mut self, figure: &str, ours: f64, peer: f64, unit: &str, target: Target) {
        let ratio = ours / peer;
        self.push(Line {
            figure: figure.to_owned(),
            ours: format!("{}{unit}", number(ours)),
            peer: format!("{}{unit}", number(peer)),
            ratio: format!("{ratio:.2}"),
            target: target.text(""),
            verdict: target.verdict(ratio),
        });
    }

    /// A figure that could not be measured.
    pub fn failed(&mut self, figure: &str, outcome: anyhow::Result<()>) {
        let Err(error) = outcome else { return };
        self.push(Line {
            figure: figure.to_owned(),
            ours: "failed".to_owned(),
            peer: String::new(),
            ratio: String::new(),
            target: format!("{error:#}").lines().next().unwrap_or_default().to_owned(),
            verdict: "MISSED",
        });
    }

    fn push(&mut self, line: Line) {
        println!("{}: {} {} {} {}", line.figure, line.ours, line.peer, line.ratio, line.verdict);
        self.0.push(line);
    }

    /// Prints it as Markdown.
    pub fn print(&self) {
        println!("| figure | Amparo | peer | ratio | target | |");
        println!("| --- | ---: | ---: | ---: | --- | --- |");
        for Line { figure, ours, peer, ratio, target, verdict } in &self.0 {
            println!("| {figure} | {ours} | {peer} | {ratio} | {target} | {verdict} |");
        }
    }
}

/// Few digits where few matter.
fn number(value: f64) -> String {
    if value >= 1_000.0 {
        let digits = format!("{value:.0}");
        let (head, tail) = digits.split_at(digits.len() - 3);
        return match head.len() {
            0..=3 => format!("{head},{tail}"),
            more => format!("{},{},{tail}", &head[..more - 3], &head[more - 3..]),
        };
    }
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

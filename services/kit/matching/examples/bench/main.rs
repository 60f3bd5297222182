//! Measures the matching engine on generated sets; see `tests/matching/README.md`.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures are for reading"
)]

mod build;
mod dump;
mod figures;
mod sets;

use std::path::Path;
use std::time::Instant;

use figures::Figures;
use kit_matching::{CLUES, FIELDS};
use sets::Set;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["dump", folder, into] => dump::dump(Path::new(folder), Path::new(into)).expect("written"),
        ["clues"] => clues(),
        ["set", folder] => print(&measure(Path::new(folder))),
        _ => eprintln!("bench set FOLDER | bench dump FOLDER FILE"),
    }
}

fn measure(folder: &Path) -> Figures {
    let set = Set::read(folder);
    let mut figures = Figures::new();
    let begin = Instant::now();
    let index = build::index_of(&set.cases);
    figures.insert("build_s", begin.elapsed().as_secs_f64());
    let bytes: usize = index.bytes().iter().map(|(_, bytes)| bytes).sum();
    for (part, bytes) in index.bytes() {
        eprintln!("{part}: {} bytes per case", bytes / set.cases.len());
    }
    figures.insert("bytes_per_case", bytes as f64 / set.cases.len() as f64);
    let mut answers = figures::ask(&index, &set, &mut figures);
    figures::families(&index, &set.traces, &mut answers);
    figures::quality(&answers, &mut figures);
    figures
}

/// The clues of the model by field, as JSON.
fn clues() {
    let each = FIELDS.iter().zip(CLUES).map(|(field, clues)| {
        serde_json::json!({ "field": field, "own": field.is_own(), "clues": clues })
    });
    println!("{}", serde_json::Value::Array(each.collect()));
}

fn print(figures: &Figures) {
    for (name, value) in figures {
        println!("{name}\t{value:.4}");
    }
}

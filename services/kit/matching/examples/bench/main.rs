//! Measures the matching engine on generated sets; see `tests/matching/README.md`.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures are for reading"
)]

mod build;
mod dump;
mod febrl;
mod figures;
mod names;
mod sets;
mod table;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use figures::Figures;
use kit_matching::{CLUES, FIELDS};
use sets::Set;

const USAGE: &str = "bench table FOLDER | set FOLDER | reach FOLDER | clues | dump FOLDER FILE";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["table", folder] => std::process::exit(i32::from(table(Path::new(folder)) > 0)),
        ["set", folder] => print(&measure(Path::new(folder))),
        ["names", file] => print(&names::measure(Path::new(file))),
        ["febrl", folder] => print(&febrl::measure(Path::new(folder))),
        ["reach", folder] => dump::reach(Path::new(folder)),
        ["clues"] => clues(),
        ["dump", folder, into] => dump::dump(Path::new(folder), Path::new(into)).expect("written"),
        _ => eprintln!("{USAGE}"),
    }
}

/// Measures every set that lies in a folder and prints the table.
fn table(folder: &Path) -> usize {
    let mut sets = BTreeMap::new();
    for set in ["mixed", "syria", "million"] {
        if folder.join(set).exists() {
            eprintln!("{set}");
            sets.insert(set, measure(&folder.join(set)));
        }
    }
    for pairs in ["arabic", "latin"] {
        let file = folder.join(format!("{pairs}.tsv"));
        if file.exists() {
            sets.insert(pairs, names::measure(&file));
        }
    }
    if folder.join("febrl").exists() {
        sets.insert("febrl", febrl::measure(&folder.join("febrl")));
    }
    table::print(&sets)
}

fn measure(folder: &Path) -> Figures {
    let set = Set::read(folder);
    let mut figures = Figures::new();
    let begin = Instant::now();
    let index = build::index_of(&set.cases);
    figures.insert("build_s", begin.elapsed().as_secs_f64());
    let bytes: usize = index.bytes().iter().map(|(_, bytes)| bytes).sum();
    figures.insert("bytes_per_case", bytes as f64 / set.cases.len() as f64);
    let mut answers = figures::ask(&index, &set, &mut figures);
    figures::families(&index, &set.traces, &mut answers);
    figures::quality(&answers, &mut figures);
    if set.cases.len() <= 100_000 {
        let again = build::index_of(&set.cases).digest() == index.digest();
        figures.insert("replay", f64::from(u8::from(again)));
    }
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

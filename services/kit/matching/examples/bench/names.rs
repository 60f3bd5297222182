//! Pairs of spellings of one name: how often the right one is found among all, without a
//! dictionary.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use kit_matching::Word;
use kit_records::fold::words;

use crate::figures::Figures;

/// Queries of one file.
const ASKED: usize = 2_000;

/// Recall of the second column's names by those of the first.
pub fn measure(file: &Path) -> Figures {
    let text = fs::read_to_string(file).expect("the pairs have been generated");
    let mut names: Vec<Word> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut number = |text: &str| -> Option<usize> {
        let joined = words(text).join("");
        let next = known.len();
        let at = *known.entry(joined.clone()).or_insert(next);
        if at == next {
            names.push(Word::new(&joined));
        }
        (!joined.is_empty()).then_some(at)
    };
    let pairs: Vec<(usize, usize)> = text
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(one, other)| Some((number(one)?, number(other)?)))
        .collect();
    let mut gold: HashMap<usize, Vec<usize>> = HashMap::new();
    for (one, other) in &pairs {
        gold.entry(*one).or_default().push(*other);
    }
    let mut pool: Vec<usize> = pairs.iter().map(|pair| pair.1).collect();
    pool.sort_unstable();
    pool.dedup();
    recalls(&names, &pairs, &gold, &pool)
}

fn recalls(
    names: &[Word],
    pairs: &[(usize, usize)],
    gold: &HashMap<usize, Vec<usize>>,
    pool: &[usize],
) -> Figures {
    let (mut first, mut tenth, mut of) = (0.0, 0.0, 0.0);
    for (asked, _) in pairs.iter().step_by((pairs.len() / ASKED).max(1)) {
        let right = &gold[asked];
        let likeness = |at: &usize| if at == asked { 0 } else { names[*asked].alike(&names[*at]) };
        let best = right.iter().map(likeness).max().unwrap_or_default();
        let (mut above, mut equal) = (0.0, 1.0);
        for at in pool.iter().filter(|at| !right.contains(at)) {
            match likeness(at).cmp(&best) {
                std::cmp::Ordering::Greater => above += 1.0,
                std::cmp::Ordering::Equal => equal += 1.0,
                std::cmp::Ordering::Less => {}
            }
        }
        // Equals in a fair order.
        first += ((1.0_f64 - above) / equal).clamp(0.0, 1.0);
        tenth += ((10.0_f64 - above) / equal).clamp(0.0, 1.0);
        of += 1.0;
    }
    Figures::from([
        ("names_1", first / of),
        ("names_10", tenth / of),
        ("names_pool", pool.len() as f64),
    ])
}

//! Writes the clues of all candidates of all traces, for `tests/matching/fit.py`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use kit_matching::{Desk, tell};

use crate::build::index_of;
use crate::sets::Set;

/// Candidates of each trace.
const PAIRS: usize = 100;

/// For each pair: question, label (1 the child, 2 its family, 0 neither), count of clues, clues.
pub fn dump(folder: &Path, into: &Path) -> std::io::Result<()> {
    let set = Set::read(folder);
    let index = index_of(&set.cases);
    let mut out = BufWriter::new(File::create(into)?);
    let mut desk = Desk::default();
    out.write_all(&u32::try_from(index.len()).unwrap_or_default().to_le_bytes())?;
    for (number, trace) in set.traces.iter().enumerate() {
        let truth = &set.truth[&trace.id];
        for (id, comparison) in index.comparisons(&trace.profile, PAIRS, &mut desk) {
            let label = if truth.case == Some(id) {
                1_u8
            } else if truth.family.contains(&id) {
                2
            } else {
                0
            };
            let mut clues: Vec<(u8, f32)> = Vec::new();
            tell(&comparison, |_, clue, amount| {
                clues.push((u8::try_from(clue).unwrap_or(u8::MAX), amount));
            });
            out.write_all(&u32::try_from(number).unwrap_or_default().to_le_bytes())?;
            out.write_all(&[label, u8::try_from(clues.len()).unwrap_or(u8::MAX)])?;
            for (clue, amount) in clues {
                out.write_all(&[clue])?;
                out.write_all(&amount.to_le_bytes())?;
            }
        }
    }
    out.flush()
}

/// The share of traces whose case is among so many candidates.
pub fn reach(folder: &Path) {
    let set = Set::read(folder);
    let index = index_of(&set.cases);
    let mut desk = Desk::default();
    for most in [30, 60, 100, 150, 200, 400, 1000, 10_000] {
        let (mut hits, mut of) = (0, 0);
        for trace in set.traces.iter().take(3000) {
            if let Some(case) = set.truth[&trace.id].case {
                of += 1;
                let found = index.comparisons(&trace.profile, most, &mut desk);
                hits += u32::from(found.iter().any(|(id, _)| *id == case));
            }
        }
        println!("{most}\t{:.4}", f64::from(hits) / f64::from(of));
    }
}

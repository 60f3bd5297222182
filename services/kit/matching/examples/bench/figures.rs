//! Figures of one set: how often the right child stands first, how sure the engine is when it is
//! right, how fast it is, what it takes.

use std::collections::BTreeMap;
use std::time::Instant;

use kit_matching::{Ask, Desk, Index, Match, Tier};
use uuid::Uuid;

use crate::sets::{Entry, Set, Truth};

/// Answers kept of each question.
const KEPT: usize = 20;

/// The answers to a trace.
pub struct Answer<'a> {
    pub truth: &'a Truth,
    pub matches: Vec<Match>,
    pub family_first: Option<Uuid>,
}

/// Figures by name.
pub type Figures = BTreeMap<&'static str, f64>;

/// Asks all traces and measures time.
pub fn ask<'a>(index: &Index, set: &'a Set, figures: &mut Figures) -> Vec<Answer<'a>> {
    let mut desk = Desk::default();
    let mut times = Vec::with_capacity(set.traces.len());
    let mut answers = Vec::with_capacity(set.traces.len());
    for trace in &set.traces {
        let mut fastest = f64::MAX;
        let mut matches = Vec::new();
        // The fastest of three: what others do on the machine does not count.
        for _ in 0..3 {
            let begin = Instant::now();
            matches = index.matches(&trace.profile, Ask::first(KEPT), &mut desk);
            fastest = fastest.min(begin.elapsed().as_secs_f64() * 1000.0);
        }
        times.push(fastest);
        answers.push(Answer { truth: &set.truth[&trace.id], matches, family_first: None });
    }
    times.sort_by(f64::total_cmp);
    figures.insert("per_second", times.len() as f64 * 1000.0 / times.iter().sum::<f64>());
    figures.insert("p50_ms", times[times.len() / 2]);
    figures.insert("p99_ms", times[times.len() * 99 / 100]);
    answers
}

/// Which family stands first, for traces without a case of their own.
pub fn families(index: &Index, traces: &[Entry], answers: &mut [Answer<'_>]) {
    let mut desk = Desk::default();
    for (trace, answer) in traces.iter().zip(answers) {
        if answer.truth.case.is_none() && !answer.truth.family.is_empty() {
            let first = index.families(&trace.profile, Ask::first(1), &mut desk);
            answer.family_first = first.first().map(|one| one.id);
        }
    }
}

/// All figures about being right.
pub fn quality(answers: &[Answer<'_>], figures: &mut Figures) {
    let found: Vec<&Answer<'_>> = answers.iter().filter(|it| it.truth.case.is_some()).collect();
    figures.insert("recall_1", recall(&found, 1));
    figures.insert("recall_5", recall(&found, 5));
    figures.insert("recall_10", recall(&found, 10));
    let hard: Vec<&Answer<'_>> =
        found.iter().copied().filter(|it| it.truth.level == "hard").collect();
    figures.insert("hard_1", recall(&hard, 1));
    figures.insert("hard_10", recall(&hard, 10));
    let traditions: std::collections::BTreeSet<&str> =
        found.iter().map(|it| it.truth.tradition.as_str()).collect();
    let by: Vec<f64> = traditions
        .iter()
        .map(|one| {
            let of: Vec<&Answer<'_>> =
                found.iter().copied().filter(|it| it.truth.tradition == *one).collect();
            recall(&of, 1)
        })
        .collect();
    let spread = by.iter().copied().fold(0.0, f64::max) - by.iter().copied().fold(1.0, f64::min);
    figures.insert("traditions_gap", spread);
    figures.insert("at_false_alarm", at_false_alarm(answers, &found));
    strong(answers, found.len(), figures);
    figures.insert("calibration", calibration(answers));
    let siblings: Vec<&Answer<'_>> = answers
        .iter()
        .filter(|it| it.truth.case.is_none() && !it.truth.family.is_empty())
        .collect();
    let right = siblings
        .iter()
        .filter(|it| it.family_first.is_some_and(|id| it.truth.family.contains(&id)))
        .count();
    figures.insert("sibling_family", right as f64 / siblings.len().max(1) as f64);
}

fn rank(answer: &Answer<'_>) -> Option<usize> {
    answer.matches.iter().position(|it| Some(it.id) == answer.truth.case)
}

fn recall(answers: &[&Answer<'_>], within: usize) -> f64 {
    let hits = answers.iter().filter(|it| rank(it).is_some_and(|rank| rank < within)).count();
    hits as f64 / answers.len().max(1) as f64
}

/// The share found first with odds that one in a hundred traces without a case exceeds.
fn at_false_alarm(answers: &[Answer<'_>], found: &[&Answer<'_>]) -> f64 {
    let top = |it: &Answer<'_>| it.matches.first().map_or(0.0, |one| one.child);
    let mut alarms: Vec<f32> =
        answers.iter().filter(|it| it.truth.case.is_none()).map(top).collect();
    alarms.sort_by(|one, other| other.total_cmp(one));
    let bound = alarms.get(alarms.len() / 100).copied().unwrap_or_default();
    let sure = found.iter().filter(|it| rank(it) == Some(0) && top(it) > bound).count();
    sure as f64 / found.len().max(1) as f64
}

fn strong(answers: &[Answer<'_>], with_case: usize, figures: &mut Figures) {
    let (mut right, mut wrong) = (0, 0);
    for answer in answers {
        for one in answer.matches.iter().filter(|it| it.tier == Tier::Strong) {
            if Some(one.id) == answer.truth.case { right += 1 } else { wrong += 1 }
        }
    }
    figures.insert("strong_precision", f64::from(right) / f64::from((right + wrong).max(1)));
    figures.insert("strong_recall", f64::from(right) / with_case.max(1) as f64);
}

/// How far what it says lies from what is, over all chances above a hundredth.
fn calibration(answers: &[Answer<'_>]) -> f64 {
    let mut bins = [(0.0_f64, 0.0_f64, 0.0_f64); 20];
    for answer in answers {
        for one in answer.matches.iter().filter(|it| it.child > 0.01) {
            let bin = &mut bins[((one.child * 20.0) as usize).min(19)];
            bin.0 += 1.0;
            bin.1 += f64::from(one.child);
            bin.2 += f64::from(u8::from(Some(one.id) == answer.truth.case));
        }
    }
    let all: f64 = bins.iter().map(|bin| bin.0).sum();
    bins.iter().map(|(_, said, was)| (said - was).abs()).sum::<f64>() / all.max(1.0)
}

//! Which records a question is compared with: those that share the most, and the rarest.

use std::cmp::Reverse;

use crate::index::{Index, PROVINCE};
use crate::keys::keys;
use crate::question::Question;
use crate::symbols::Symbol;

/// Words, places and keys of more records than this say too little; others cover them.
const MOST: usize = 6_000;
const MOST_NEAR: usize = 500;
const MOST_BY_KEY: usize = 400;
/// Classes near to a word by one key: more are no neighbours.
const MOST_CLASSES: usize = 120;
/// In 16ths of a logarithm: what sharing is worth.
const EXACT: f32 = 16.0;
const NEAR: f32 = 5.0;

/// What the search for candidates works with, kept from question to question.
#[derive(Debug, Default)]
pub struct Tally {
    shared: Vec<u16>,
    touched: Vec<u32>,
    found: Vec<u32>,
    classes: Vec<u32>,
}

/// A record that shares something with a question.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    pub slot: u32,
    /// What it shares, in 16ths of a logarithm; what is shared in two ways counts twice.
    pub shared: u16,
}

/// Up to so many records that share most with a question, in no order.
pub fn candidates(question: &Question<'_>, most: usize, tally: &mut Tally) -> Vec<Candidate> {
    let index = question.index;
    tally.shared.resize(index.records.slots().max(tally.shared.len()), 0);
    by_words(question, tally);
    by_places(question, tally);
    by_keys(question, tally);
    tally.best(index, most)
}

fn by_words(question: &Question<'_>, tally: &mut Tally) {
    let index = question.index;
    let mut exact = Vec::new();
    for word in &question.ready.words {
        exact.clear();
        exact.extend(word.classes.iter().filter_map(|hash| index.lexicon.class(*hash)));
        for (at, class) in exact.iter().enumerate() {
            let list = &index.by_class[*class as usize];
            let worth = if at == 0 { EXACT } else { EXACT * 0.8 };
            tally.add(list, MOST, worth * index.rarity(list.len()));
        }
        let mut near = std::mem::take(&mut tally.classes);
        near.clear();
        index.lexicon.near(word, MOST_CLASSES, &mut near);
        near.sort_unstable();
        near.dedup();
        for class in near.iter().filter(|class| !exact.contains(class)) {
            let list = &index.by_class[*class as usize];
            tally.add(list, MOST_NEAR, NEAR * index.rarity(list.len()));
        }
        tally.classes = near;
    }
}

fn by_places(question: &Question<'_>, tally: &mut Tally) {
    let index = question.index;
    let mut places: Vec<Symbol> = vec![question.last_place.place, question.separation_place.place];
    places.retain(|place| index.places.depth(*place) > PROVINCE);
    places.dedup();
    for place in places {
        let list = &index.by_place[place as usize];
        tally.add(list, MOST, EXACT * index.rarity(list.len()));
    }
}

fn by_keys(question: &Question<'_>, tally: &mut Tally) {
    let index = question.index;
    let mut found = std::mem::take(&mut tally.found);
    for key in keys(&question.sources()) {
        if let Some(list) = index.by_key.get(key, MOST_BY_KEY, &mut found) {
            tally.add(list, MOST_BY_KEY, EXACT * index.rarity(list.len()));
        }
    }
    tally.found = found;
}

impl Index {
    /// How much sharing what so many share says.
    #[expect(clippy::cast_precision_loss, reason = "counts are estimates")]
    fn rarity(&self, sharing: usize) -> f32 {
        ((self.len() as f32 + 1.0) / (sharing as f32 + 0.01)).ln().max(0.0)
    }
}

impl Tally {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small and not negative"
    )]
    fn add(&mut self, list: &[u32], most: usize, worth: f32) {
        let worth = worth as u16;
        if list.len() > most || worth == 0 {
            return;
        }
        for slot in list {
            let shared = &mut self.shared[*slot as usize];
            if *shared == 0 {
                self.touched.push(*slot);
            }
            *shared = shared.saturating_add(worth);
        }
    }

    /// The records that share most; equal ones by id, so that slots do not matter.
    fn best(&mut self, index: &Index, most: usize) -> Vec<Candidate> {
        let mut touched = std::mem::take(&mut self.touched);
        let least = self.least(&touched, most);
        let all = touched
            .iter()
            .map(|slot| Candidate { slot: *slot, shared: self.shared[*slot as usize] });
        let mut best: Vec<Candidate> = all.filter(|one| one.shared >= least).collect();
        if best.len() > most {
            let rank = |one: &Candidate| (Reverse(one.shared), index.ids[one.slot as usize]);
            best.select_nth_unstable_by_key(most, rank);
            best.truncate(most);
        }
        touched.drain(..).for_each(|slot| self.shared[slot as usize] = 0);
        self.touched = touched;
        best
    }

    /// What a record must share to be among so many, from below.
    fn least(&self, touched: &[u32], most: usize) -> u16 {
        let mut steps = [0_u32; STEPS];
        for slot in touched {
            steps[usize::from(self.shared[*slot as usize] / STEP).min(STEPS - 1)] += 1;
        }
        let mut above = 0;
        for (step, count) in steps.iter().enumerate().rev() {
            above += *count as usize;
            if above >= most {
                return u16::try_from(step).unwrap_or_default() * STEP;
            }
        }
        1
    }
}

/// Width of a step when records are counted by what they share.
const STEP: u16 = 8;
/// Steps that are told apart.
const STEPS: usize = 1_024;

//! Which records a question is compared with: those that share the most, and the rarest.

use crate::index::{Index, PROVINCE};
use crate::keys::keys;
use crate::question::Question;
use crate::symbols::Symbol;

/// Words, places and keys of more records than this say too little; others cover them.
const MOST: usize = 20_000;
const MOST_NEAR: usize = 2_500;
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

/// Up to so many records that share most with a question, in no order.
pub fn candidates(question: &Question<'_>, most: usize, tally: &mut Tally) -> Vec<u32> {
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
    let mut places: Vec<Symbol> = vec![question.last_place, question.separation_place];
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
        ((self.ids.len() as f32 + 1.0) / (sharing as f32 + 0.01)).ln().max(0.0)
    }
}

impl Tally {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and not negative")]
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

    /// The slots that share most; equal ones by id, so that slots do not matter.
    fn best(&mut self, index: &Index, most: usize) -> Vec<u32> {
        let mut touched = std::mem::take(&mut self.touched);
        let least = self.cut(&touched, most);
        let mut best: Vec<u32> =
            touched.iter().copied().filter(|slot| self.shared[*slot as usize] >= least).collect();
        if best.len() > most {
            let rank = |slot: &u32| {
                (std::cmp::Reverse(self.shared[*slot as usize]), index.ids[*slot as usize])
            };
            best.select_nth_unstable_by_key(most, rank);
            best.truncate(most);
        }
        touched.drain(..).for_each(|slot| self.shared[slot as usize] = 0);
        self.touched = touched;
        best
    }

    /// What a record must share to be among so many, from below.
    fn cut(&self, touched: &[u32], most: usize) -> u16 {
        const STEP: u16 = 8;
        let mut steps = vec![0_u32; usize::from(u16::MAX / STEP) + 1];
        for slot in touched {
            steps[usize::from(self.shared[*slot as usize] / STEP)] += 1;
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

//! One word of a name as matching uses it: its sounds, its class (the skeleton that it shares with
//! other spellings), and the keys under which it is looked for.

use kit_records::fold::{Folded, Script, coarse, skeleton, words};
use kit_records::variants;

use crate::sound::{Heard, SAME, Shape, alike, heard};
use crate::table::hash;

/// Kinds of hashes; one number never stands for two things.
mod kind {
    pub const SPELLING: u8 = 1;
    pub const CLASS: u8 = 2;
    pub const COARSE: u8 = 3;
    pub const LESS: u8 = 4;
}

/// Coarse skeletons shorter than this have too many neighbours.
const NEIGHBOURS_FROM: usize = 4;
/// No skeleton of a name is longer.
const NEIGHBOURS_TO: usize = 10;

/// A word, folded and hashed.
#[derive(Debug, Clone)]
pub struct Word {
    /// Stands for the spelling.
    pub spelling: u64,
    /// The skeletons of its readings, the usual one first: spellings of one name share one.
    pub classes: Vec<u64>,
    /// Skeletons of confusable sounds, and those with one sound left out.
    pub near: Vec<u64>,
    pub codes: Vec<u8>,
    pub shape: Shape,
    /// The group of equivalents of other peoples, from 1; 0 is none.
    pub variant: u8,
}

impl Word {
    /// Folds one word as `kit_records::fold::words` gives it.
    pub fn new(text: &str) -> Self {
        let folded = Folded::new(text);
        let (codes, shape) = heard(&folded);
        let group = variants::group(&folded).map_or(0, |group| group + 1);
        Self {
            spelling: hash(kind::SPELLING, folded.plain.as_bytes()),
            classes: classes(&folded),
            near: near(&folded),
            codes,
            shape,
            variant: u8::try_from(group).unwrap_or_default(),
        }
    }

    /// The words of a name, at most so many.
    pub fn all(name: &str, most: usize) -> Vec<Self> {
        words(name).iter().take(most).map(|one| Self::new(one)).collect()
    }

    /// Its sounds, to be compared.
    pub fn heard(&self) -> Heard<'_> {
        Heard { codes: &self.codes, shape: self.shape }
    }

    /// How alike it is to another.
    pub fn alike(&self, other: &Self) -> u8 {
        if self.spelling == other.spelling { SAME } else { alike(self.heard(), other.heard()) }
    }
}

fn classes(word: &Folded) -> Vec<u64> {
    if word.script == Script::Other || word.readings.is_empty() {
        return vec![hash(kind::CLASS, word.plain.as_bytes())];
    }
    distinct(word.all().map(|reading| hash(kind::CLASS, skeleton(reading).as_bytes())))
}

fn near(word: &Folded) -> Vec<u64> {
    let all: Vec<String> = word.all().map(|reading| coarse(reading)).collect();
    let exact = all.iter().map(|one| hash(kind::COARSE, one.as_bytes()));
    let usual = word.readings.first().into_iter().chain(&word.core);
    let less = usual.flat_map(|reading| one_less(&coarse(reading)));
    distinct(exact.chain(less.map(|one| hash(kind::LESS, one.as_bytes()))))
}

/// A skeleton and all with one sound left out: two that differ by one sound share one.
fn one_less(skeleton: &str) -> Vec<String> {
    let sounds: Vec<char> = skeleton.chars().take(NEIGHBOURS_TO).collect();
    if sounds.len() < NEIGHBOURS_FROM {
        return vec![skeleton.to_owned()];
    }
    let without = |gone: usize| {
        sounds.iter().enumerate().filter(move |(at, _)| *at != gone).map(|(_, one)| one).collect()
    };
    (0..sounds.len()).map(without).chain([sounds.iter().collect()]).collect()
}

fn distinct(hashes: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut seen = Vec::new();
    for one in hashes {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(one: &str, other: &str, keys: impl Fn(&Word) -> Vec<u64>) -> bool {
        let (one, other) = (Word::new(one), Word::new(other));
        keys(&one).iter().any(|key| keys(&other).contains(key))
    }

    #[test]
    fn spellings_of_one_name_share_a_class() {
        for (one, other) in [("mohammed", "محمد"), ("gamal", "جمال"), ("hassan", "alhassan")]
        {
            assert!(share(one, other, |word| word.classes.clone()), "{one} {other}");
        }
    }

    #[test]
    fn one_wrong_sound_is_near() {
        for (one, other) in [("cristobal", "cristopal"), ("gebremedhin", "gebremein")] {
            assert!(share(one, other, |word| word.near.clone()), "{one} {other}");
        }
        assert!(!share("fatima", "hussein", |word| word.near.clone()));
    }

    #[test]
    fn equivalents_have_a_group() {
        assert_eq!(Word::new("yusuf").variant, Word::new("joseph").variant);
        assert_ne!(Word::new("yusuf").variant, 0);
    }

    #[test]
    fn scripts_without_a_table_are_compared_by_spelling() {
        let (one, same) = (Word::new("মোহাম্মদ"), Word::new("মোহাম্মদ"));
        assert_eq!(one.alike(&same), SAME);
        assert_eq!(one.alike(&Word::new("রহিম")), 0);
    }
}

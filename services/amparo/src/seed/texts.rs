//! What invented case workers write: short sentences, joined at random.

mod arabic;
mod english;
mod french;
mod spanish;

use crate::seed::dice::Dice;
use crate::seed::names::Language;
use arabic::ARABIC;
use english::ENGLISH;
use french::FRENCH;
use spanish::SPANISH;

/// Sentences of one language by what they are about.
#[derive(Debug)]
pub struct Phrases {
    pub subjects: &'static [&'static str],
    pub notes: &'static [&'static str],
    pub visits: &'static [&'static str],
    pub services: &'static [&'static str],
    pub concerns: &'static [&'static str],
    pub goals: &'static [&'static str],
    pub assessments: &'static [&'static str],
    pub tracing: &'static [&'static str],
    pub closings: &'static [&'static str],
    pub streets: &'static [&'static str],
}

/// The sentences of a language.
pub const fn phrases(language: Language) -> &'static Phrases {
    match language {
        Language::English => &ENGLISH,
        Language::French => &FRENCH,
        Language::Spanish => &SPANISH,
        Language::Arabic => &ARABIC,
    }
}

/// One to three different sentences of a list.
pub fn some(dice: &mut Dice, sentences: &'static [&'static str]) -> String {
    let first = dice.below(sentences.len());
    let count = 1 + dice.below(3);
    let step = 1 + dice.below(sentences.len() - 1);
    let chosen: Vec<&str> = (0..count.min(sentences.len()))
        .map(|at| sentences[(first + at * step) % sentences.len()])
        .collect();
    let mut distinct = chosen.clone();
    distinct.dedup();
    distinct.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_joined_without_repeating_themselves_at_once() {
        let mut dice = Dice::new(1, 1);
        for _ in 0..200 {
            let text = some(&mut dice, ENGLISH.notes);
            let sentences: Vec<&str> = text.split_inclusive('.').map(str::trim).collect();
            assert!(sentences.windows(2).all(|pair| pair[0] != pair[1]), "{text}");
        }
    }
}

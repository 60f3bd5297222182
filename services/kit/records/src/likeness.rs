//! How alike two folded words are: a weighted edit distance over sounds, 0 to 1.
//!
//! Vowels weigh little, least across scripts, where short vowels are not written; sounds that
//! ears or spellings confuse cost less than others.

use crate::fold::{Folded, Script, Sound};

/// Below this, two words are different names.
pub const SAME_NAME: f64 = 0.75;
/// What a weaker reading is worth at most.
const WEAKER: f64 = 0.92;
/// Longer words are compared by their beginning.
const LONGEST: usize = 40;

/// How alike two words are.
pub fn likeness(left: &Folded, right: &Folded) -> f64 {
    if left.plain == right.plain {
        return 1.0;
    }
    if left.readings.is_empty() || right.readings.is_empty() {
        return letters(left, right);
    }
    let across = left.script != right.script;
    // Another spelling is never quite the same spelling.
    let full = 0.99 * best(left.readings.iter(), || right.readings.iter(), across);
    // Most words have no weaker reading.
    if full >= WEAKER || (left.core.is_none() && right.core.is_none()) {
        return full;
    }
    full.max(WEAKER * best(left.all(), || right.all(), across))
}

/// The likest of some readings of one word and some of another.
fn best<'a, I: Iterator<Item = &'a Vec<Sound>>>(
    of: impl Iterator<Item = &'a Vec<Sound>>,
    others: impl Fn() -> I,
    across: bool,
) -> f64 {
    of.flat_map(|one| others().map(move |other| sounds(one, other, across))).fold(0.0, f64::max)
}

/// Scripts without a table: letters count alike.
fn letters(left: &Folded, right: &Folded) -> f64 {
    if left.script != Script::Other || right.script != Script::Other {
        return 0.0;
    }
    let (one, other): (Vec<char>, Vec<char>) =
        (left.plain.chars().take(LONGEST).collect(), right.plain.chars().take(LONGEST).collect());
    let longest = one.len().max(other.len());
    let distance = distance(&one, &other, |_| 1.0, |a, b| if a == b { 0.0 } else { 1.0 });
    ratio(distance, longest)
}

#[expect(clippy::cast_precision_loss, reason = "words are short")]
fn ratio(distance: f64, longest: usize) -> f64 {
    if longest == 0 { 0.0 } else { (1.0 - distance / longest as f64).max(0.0) }
}

fn sounds(one: &[Sound], other: &[Sound], across: bool) -> f64 {
    let (one, other) = (&one[..one.len().min(LONGEST)], &other[..other.len().min(LONGEST)]);
    let weight = |sound: &Sound| weight(*sound, across);
    let total = |word: &[Sound]| word.iter().map(weight).sum::<f64>();
    let longest = total(one).max(total(other));
    if longest == 0.0 {
        return 0.0;
    }
    let distance = distance(one, other, weight, |a, b| confusion(*a, *b));
    (1.0 - distance / longest).max(0.0)
}

fn distance<T>(
    one: &[T],
    other: &[T],
    weight: impl Fn(&T) -> f64,
    change: impl Fn(&T, &T) -> f64,
) -> f64 {
    let mut row = vec![0.0];
    for letter in other {
        row.push(row[row.len() - 1] + weight(letter));
    }
    for left in one {
        let mut diagonal = row[0];
        row[0] += weight(left);
        for (at, right) in other.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = (diagonal + change(left, right))
                .min(above + weight(left))
                .min(row[at] + weight(right));
            diagonal = above;
        }
    }
    row[other.len()]
}

/// What a sound costs that only one of two words has; `across` two scripts, vowels cost less.
pub fn weight(sound: Sound, across: bool) -> f64 {
    match sound {
        vowel if vowel.is_vowel() && across => 0.2,
        vowel if vowel.is_vowel() => 0.35,
        Sound::H => 0.6,
        _ => 1.0,
    }
}

/// What it costs to read one sound for another.
pub fn confusion(left: Sound, right: Sound) -> f64 {
    use Sound::{B, C, D, F, G, H, I, J, K, L, M, N, P, R, S, T, U, Z};
    if left == right {
        return 0.0;
    }
    match (left.min(right), left.max(right)) {
        (one, other) if one.is_vowel() && other.is_vowel() => 0.18,
        (S, Z) => 0.2,
        (B, P) | (K | J, G) => 0.35,
        (D, Z) | (L, R) | (P, F) => 0.4,
        (T, S | D) | (H, K) | (C, J) | (S, C) | (I, J | L) | (B, F) | (U, B) => 0.45,
        (M, N) => 0.6,
        (one, _) if one.is_vowel() => 0.9,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(left: &str, right: &str) -> f64 {
        likeness(&Folded::new(left), &Folded::new(right))
    }

    #[test]
    fn equal_spellings_are_one_and_nothing_else_is() {
        assert!((alike("محمد", "مُحَمَّد") - 1.0).abs() < f64::EPSILON);
        assert!(alike("mohammed", "muhammad") < 1.0);
    }

    #[test]
    fn the_same_name_is_above_the_bar_and_another_below() {
        for (one, other) in [
            ("mohammed", "محمد"),
            ("yousef", "يوسف"),
            ("fatima", "fatma"),
            ("hussein", "حسين"),
            ("aicha", "عائشة"),
            ("ahmad", "ahmed"),
            ("ahmet", "ahmed"),
            ("khadija", "khadidja"),
            ("reza", "رضا"),
            ("алексей", "alexey"),
            ("hassan", "hasan"),
            ("abdulrahman", "عبدالرحمن"),
            ("መሐመድ", "mohamed"),
        ] {
            assert!(alike(one, other) >= SAME_NAME, "{one} {other} {}", alike(one, other));
        }
        for (one, other) in [
            ("ali", "omar"),
            ("fatima", "amina"),
            ("hassan", "hussein"),
            ("sami", "rami"),
            ("maria", "mario"),
            ("yousef", "yasin"),
            ("حسن", "محسن"),
            ("zahra", "zohra"),
        ] {
            assert!(alike(one, other) <= 0.97, "{one} {other} {}", alike(one, other));
        }
        for (one, other) in [
            ("ali", "omar"),
            ("fatima", "amina"),
            ("sami", "rami"),
            ("yousef", "yasin"),
            ("nour", "samir"),
        ] {
            assert!(alike(one, other) < SAME_NAME, "{one} {other} {}", alike(one, other));
        }
    }

    #[test]
    fn likeness_does_not_depend_on_order() {
        for (one, other) in
            [("mohammed", "محمد"), ("alhassan", "hassan"), ("ali", "omar"), ("reza", "رضا")]
        {
            assert!((alike(one, other) - alike(other, one)).abs() < 1e-9, "{one} {other}");
        }
    }

    #[test]
    fn other_scripts_compare_by_letters() {
        assert!(alike("মোহাম্মদ", "মোহাম্মেদ") > SAME_NAME);
        assert!(alike("মোহাম্মদ", "ali") < 0.1);
    }
}

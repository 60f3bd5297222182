//! Whether an opened record's text matches a query, how well, and why; see `search`.

use crate::fold::{Folded, skeleton, words};
use crate::likeness::{SAME_NAME, likeness};
use crate::search::{Match, Reason};
use crate::search_keys::{WORDS, identifier, phone_tail, phones};
use crate::split::Purpose;
use crate::variants;

/// What a name loses that is a nickname or a former name.
const NICKNAME: f64 = 0.05;
/// What a name loses per word that was not asked for, and at most.
const EXTRA: (f64, f64) = (0.02, 0.08);

/// A query, taken apart once for all rows.
#[derive(Debug, Clone)]
pub struct Query {
    purpose: Purpose,
    words: Vec<Asked>,
    /// Letters and digits of an identifier, or the digits of a phone number.
    whole: String,
}

/// A word of a name that is asked for, with what every row's words are held against.
#[derive(Debug, Clone)]
struct Asked {
    word: Folded,
    weight: f64,
    skeletons: Vec<String>,
    /// Of well-known equivalents.
    group: Option<usize>,
}

impl Asked {
    fn new(word: Folded) -> Self {
        Self {
            weight: weight(&word),
            skeletons: word.readings.iter().map(|one| skeleton(one)).collect(),
            group: variants::group(&word),
            word,
        }
    }
}

impl Query {
    /// Prepares a query text.
    pub fn new(purpose: Purpose, text: &str) -> Self {
        let words = match purpose {
            Purpose::Name => folded(text).map(Asked::new).collect(),
            _ => Vec::new(),
        };
        let whole = match purpose {
            Purpose::Phone => phones(text).into_iter().next().unwrap_or_default(),
            Purpose::Identifier => identifier(text),
            Purpose::Name | Purpose::Text => String::new(),
        };
        Self { purpose, words, whole }
    }

    /// How one field's text matches.
    pub fn matches(&self, field: &str, text: &str) -> Option<Match> {
        let (score, reason) = match self.purpose {
            Purpose::Name => self.name(field, text)?,
            Purpose::Identifier => self.identifier(text)?,
            Purpose::Phone => self.phone(text)?,
            Purpose::Text => return None,
        };
        Some(Match { score, field: field.to_owned(), reason })
    }

    fn identifier(&self, text: &str) -> Option<(f64, Reason)> {
        let stored = identifier(text);
        if self.whole.is_empty() || !stored.contains(&self.whole) {
            return None;
        }
        if stored == self.whole {
            return Some((1.0, Reason::SameIdentifier));
        }
        #[expect(clippy::cast_precision_loss, reason = "identifiers are short")]
        let share = self.whole.len() as f64 / stored.len() as f64;
        Some((0.5 + share * 0.4, Reason::IdentifierPart))
    }

    fn phone(&self, text: &str) -> Option<(f64, Reason)> {
        let numbers = phones(text);
        let same_end = |number: &&String| phone_tail(number) == phone_tail(&self.whole);
        let best = numbers.iter().filter(same_end).max_by_key(|number| **number == self.whole)?;
        let score = if *best == self.whole { 1.0 } else { 0.95 };
        (!self.whole.is_empty()).then_some((score, Reason::SameIdentifier))
    }

    fn name(&self, field: &str, text: &str) -> Option<(f64, Reason)> {
        let stored: Vec<Folded> = folded(text).collect();
        let mut free: Vec<usize> = (0..stored.len()).collect();
        let (mut sum, mut weights, mut reason) = (0.0, 0.0, None);
        for asked in &self.words {
            weights += asked.weight;
            let likest = free
                .iter()
                .map(|at| (*at, alike(asked, &stored[*at])))
                .max_by(|left, right| left.1.0.total_cmp(&right.1.0));
            if let Some((at, (score, why))) = likest
                && score >= SAME_NAME
            {
                sum += score * asked.weight;
                reason = reason.max(Some(why));
                free.retain(|one| *one != at);
            }
        }
        let extra = (EXTRA.0 * f64::from(u8::try_from(free.len()).unwrap_or(u8::MAX))).min(EXTRA.1);
        let is_nickname = field.contains("nick") || field.contains("other");
        let score = sum / weights - extra - if is_nickname { NICKNAME } else { 0.0 };
        let reason = if is_nickname { Reason::NicknamePart } else { reason? };
        (sum > 0.0).then_some((score.max(0.01), reason))
    }
}

/// The words that the index knows, so that a long text does not take long.
fn folded(text: &str) -> impl Iterator<Item = Folded> {
    words(text).into_iter().take(WORDS).map(|word| Folded::new(&word))
}

/// Longer words say more.
fn weight(word: &Folded) -> f64 {
    let length = word.readings.first().map_or_else(|| word.plain.chars().count(), Vec::len);
    f64::from(u8::try_from(length.clamp(2, 8)).unwrap_or(8))
}

fn alike(asked: &Asked, stored: &Folded) -> (f64, Reason) {
    let score = likeness(&asked.word, stored);
    if asked.word.plain == stored.plain {
        return (score, Reason::SameSpelling);
    }
    let known = || asked.group.is_some_and(|group| variants::group(stored) == Some(group));
    let shared = || stored.readings.iter().any(|one| asked.skeletons.contains(&skeleton(one)));
    match () {
        () if score >= SAME_NAME && shared() && asked.word.script != stored.script => {
            (score, Reason::SameSoundOtherScript)
        }
        () if score >= SAME_NAME && shared() => (score, Reason::SameSound),
        () if known() => (score.max(SAME_NAME), Reason::KnownVariant),
        () => (score, Reason::NearSpelling),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(query: &str, stored: &str) -> Option<Match> {
        Query::new(Purpose::Name, query).matches("name", stored)
    }

    fn reason(query: &str, stored: &str) -> Option<Reason> {
        name(query, stored).map(|found| found.reason)
    }

    #[test]
    fn reasons_say_how_a_name_matched() {
        assert_eq!(reason("hassan", "Hassan"), Some(Reason::SameSpelling));
        assert_eq!(reason("محمد", "Mohammed Ali"), Some(Reason::SameSoundOtherScript));
        assert_eq!(reason("Muhammad", "Mohamed"), Some(Reason::SameSound));
        assert_eq!(reason("Ahmet", "Ahmed"), Some(Reason::NearSpelling));
        assert_eq!(reason("Fatoumata", "Fatima"), Some(Reason::KnownVariant));
        assert_eq!(reason("Omar", "Khadija"), None);
        let nickname = Query::new(Purpose::Name, "Momo").matches("name_nickname", "Momo");
        assert_eq!(nickname.unwrap().reason, Reason::NicknamePart);
    }

    #[test]
    fn closer_names_rank_higher() {
        let score = |query, stored| name(query, stored).map_or(0.0, |found| found.score);
        let ranked = [
            "Mohammed Hassan",
            "Muhammad Hasan",
            "Mohammed Hassan Omar Ali",
            "Mohammed Omar",
            "Omar Ali",
        ];
        let scores: Vec<f64> =
            ranked.iter().map(|stored| score("Mohammed Hassan", stored)).collect();
        assert!(scores.windows(2).all(|pair| pair[0] > pair[1]), "{scores:?}");
        assert!(score("mohammed", "Mohammed") > score("mohammed", "Mahmoud"));
    }

    #[test]
    fn word_order_does_not_matter() {
        let forth = name("Ali Mohammed", "Mohammed Ali").unwrap();
        assert!((forth.score - 1.0).abs() < 1e-9);
    }

    #[test]
    fn one_stored_word_answers_one_asked_word() {
        let twice = name("Ali Ali", "Ali").unwrap();
        assert!(twice.score < 0.6, "{twice:?}");
    }

    #[test]
    fn identifiers_and_phones() {
        let id =
            |query: &str, stored: &str| Query::new(Purpose::Identifier, query).matches("f", stored);
        assert_eq!(id("s-1", "S1").unwrap().reason, Reason::SameIdentifier);
        assert_eq!(id("17-A", "S-17-AA").unwrap().reason, Reason::IdentifierPart);
        assert_eq!(id("17-B", "S-17-AA"), None);
        assert_eq!(id("", "S-17-AA"), None);
        let phone =
            |query: &str, stored: &str| Query::new(Purpose::Phone, query).matches("f", stored);
        assert!(phone("+9647701234567", "07701234567").is_some());
        assert!(phone("0", "").is_none() && phone("", "0770").is_none());
    }
}

//! How texts become keys, by purpose; see `search`.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use crate::fold::{Folded, Script, coarse, skeleton, words};
use crate::search::{Key, Plan};
use crate::split::{Purpose, TokenSource};
use crate::values::is_invisible;
use crate::variants;

/// Words of one text that are indexed; a name has fewer.
pub const WORDS: usize = 12;
/// Words of a name that are also keyed two by two.
const PAIRED: usize = 4;
/// Characters of an identifier that parts are taken from.
const LONGEST: usize = 48;
/// Parts that a candidate is asked for.
const PARTS: usize = 8;
/// Digits at the end of a phone number that tell it apart from others, country code or not.
pub const PHONE_TAIL: usize = 8;
/// Coarse skeletons shorter than this have too many neighbours.
const NEIGHBOURS_FROM: usize = 4;
/// Sounds of a word that neighbours are made of; no name has more. Without an end, the neighbours
/// of a text of letters would take its length squared.
const NEIGHBOURS_TO: usize = 24;

pub fn index_keys(source: &TokenSource) -> BTreeSet<Key> {
    match source.purpose {
        Purpose::Text => [equality_key(&source.field, &source.text)].into(),
        Purpose::Name => {
            let words = words(&source.text);
            let each = words.iter().take(WORDS).flat_map(|one| word_keys(one));
            each.chain(pair_keys(&words)).collect()
        }
        Purpose::Identifier => identifier_keys(&source.text),
        Purpose::Phone => {
            phones(&source.text).iter().flat_map(|number| phone_keys(number)).collect()
        }
    }
}

pub fn plan(purpose: Purpose, text: &str) -> Plan {
    match purpose {
        Purpose::Name => {
            let words = words(text);
            let mut groups: Vec<_> = words.iter().take(WORDS).map(|one| word_keys(one)).collect();
            groups.extend(Some(pair_keys(&words)).filter(|pairs| !pairs.is_empty()));
            if groups.is_empty() { Plan::Nothing } else { Plan::AnyGroup(groups) }
        }
        Purpose::Identifier => identifier_plan(&identifier(text)),
        Purpose::Phone => {
            match phones(text).first().and_then(|number| phone_keys(number).pop_last()) {
                Some(key) => Plan::All([key].into()),
                None => Plan::Nothing,
            }
        }
        // Without its field a text is not found.
        Purpose::Text => Plan::Nothing,
    }
}

pub fn equality_key(field: &str, text: &str) -> Key {
    Key { purpose: Purpose::Text, text: format!("{field}={}", normal(text)) }
}

/// Text as equality sees it: one form per character, lower case, single blanks.
pub fn normal(text: &str) -> String {
    let folded: String =
        text.nfkc().filter(|one| !is_invisible(*one)).flat_map(char::to_lowercase).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Keys of one word, from sharp to blunt: spelling, skeletons, known variants, confusable
/// skeleton, and that skeleton with one sound left out.
fn word_keys(word: &str) -> BTreeSet<Key> {
    let folded = Folded::new(word);
    let mut keys = BTreeSet::new();
    let mut add = |kind: char, text: &str| {
        keys.insert(Key { purpose: Purpose::Name, text: format!("{kind}{text}") });
    };
    add('w', &folded.plain);
    if folded.script == Script::Other {
        return keys;
    }
    for reading in folded.all() {
        add('x', &skeleton(reading));
    }
    if let Some(group) = variants::group(&folded) {
        add('v', &group.to_string());
    }
    for reading in folded.all() {
        add('c', &coarse(reading));
    }
    for reading in folded.readings.first().into_iter().chain(&folded.core) {
        for near in neighbours(&coarse(reading)) {
            add('d', &near);
        }
    }
    keys
}

/// Keys of two words together, in any order: each may be everybody's name, both together are not.
fn pair_keys(words: &[impl AsRef<str>]) -> BTreeSet<Key> {
    let sounds: Vec<String> = words
        .iter()
        .take(PAIRED)
        .map(|word| {
            let folded = Folded::new(word.as_ref());
            folded.readings.first().map_or_else(|| folded.plain.clone(), |one| skeleton(one))
        })
        .collect();
    let mut keys = BTreeSet::new();
    for (at, one) in sounds.iter().enumerate() {
        for other in &sounds[at + 1..] {
            let (first, second) = if one <= other { (one, other) } else { (other, one) };
            keys.insert(Key { purpose: Purpose::Name, text: format!("p{first} {second}") });
        }
    }
    keys
}

/// The skeleton itself and all with one sound left out: two words that differ by one share one.
fn neighbours(skeleton: &str) -> Vec<String> {
    let sounds: Vec<char> = skeleton.chars().take(NEIGHBOURS_TO).collect();
    if sounds.len() < NEIGHBOURS_FROM {
        return Vec::new();
    }
    let without = |gone: usize| {
        sounds.iter().enumerate().filter(move |(at, _)| *at != gone).map(|(_, one)| one).collect()
    };
    (0..sounds.len()).map(without).chain([sounds.iter().collect()]).collect()
}

/// An identifier's letters and digits, one form each.
pub fn identifier(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .filter_map(|one| digit(one).or_else(|| one.is_alphanumeric().then_some(one)))
        .collect()
}

/// Digits of any script as ASCII.
fn digit(one: char) -> Option<char> {
    const ZEROS: [u32; 10] =
        [0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xe50, 0xed0, 0x1040, 0x17e0];
    let value =
        ZEROS.iter().find_map(|zero| u32::from(one).checked_sub(*zero).filter(|n| *n < 10))?;
    char::from_digit(value, 10)
}

/// A UUID is sought as a whole: its parts tell nothing and cost thirty keys.
fn is_uuid(identifier: &str) -> bool {
    identifier.len() == 32 && identifier.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn identifier_key(kind: char, text: &str) -> Key {
    Key { purpose: Purpose::Identifier, text: format!("{kind}{text}") }
}

fn parts(identifier: &str) -> Vec<String> {
    let letters: Vec<char> = identifier.chars().take(LONGEST).collect();
    letters.windows(3).map(|part| part.iter().collect()).collect()
}

fn identifier_keys(text: &str) -> BTreeSet<Key> {
    let identifier = identifier(text);
    if identifier.is_empty() {
        return BTreeSet::new();
    }
    let mut keys = BTreeSet::from([identifier_key('=', &identifier)]);
    if !is_uuid(&identifier) {
        keys.extend(parts(&identifier).iter().map(|part| identifier_key('3', part)));
    }
    keys
}

fn identifier_plan(sought: &str) -> Plan {
    if sought.is_empty() {
        return Plan::Nothing;
    }
    let parts = parts(sought);
    if is_uuid(sought) {
        return Plan::All([identifier_key('=', sought)].into());
    }
    if parts.is_empty() {
        return Plan::Short(identifier_key('=', sought));
    }
    // Spread over the whole, as neighbours say much the same.
    let step = parts.len().div_ceil(PARTS);
    let spread = parts.iter().step_by(step).chain(parts.last());
    Plan::All(spread.map(|part| identifier_key('3', part)).collect())
}

/// The numbers in a text, as digits.
pub fn phones(text: &str) -> Vec<String> {
    text.split([',', ';', '/', '\n', '|'])
        .map(|one| one.chars().filter_map(digit).collect::<String>())
        .filter(|digits| !digits.is_empty())
        .collect()
}

/// The end of a number, without what is written before it abroad or at home.
pub fn phone_tail(digits: &str) -> &str {
    let from = digits.len().saturating_sub(PHONE_TAIL);
    &digits[from..]
}

fn phone_keys(digits: &str) -> BTreeSet<Key> {
    [Key { purpose: Purpose::Phone, text: phone_tail(digits).to_owned() }].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(purpose: Purpose, text: &str) -> BTreeSet<Key> {
        index_keys(&TokenSource { purpose, field: "f".into(), text: text.into() })
    }

    /// Whether a record with `stored` is a candidate for `query`.
    fn finds(purpose: Purpose, stored: &str, query: &str) -> bool {
        let stored = keys(purpose, stored);
        match plan(purpose, query) {
            Plan::AnyGroup(groups) => groups.iter().any(|group| !group.is_disjoint(&stored)),
            Plan::All(all) => all.is_subset(&stored),
            Plan::Short(key) => stored.contains(&key),
            Plan::Nothing => false,
        }
    }

    #[test]
    fn names_are_found_by_any_word_in_any_script() {
        for query in
            ["Mohammed", "محمد", "Muhamad", "Мухаммед", "hasan", "Mohamed Ali", "Mamadou", "Mehmet"]
        {
            assert!(finds(Purpose::Name, "Muhammad Hassan", query), "{query}");
        }
        for query in ["Omar", "فاطمة", "  ", "!!"] {
            assert!(!finds(Purpose::Name, "Muhammad Hassan", query), "{query}");
        }
    }

    #[test]
    fn two_words_together_are_sharper_than_each() {
        let pairs = |text: &str| -> BTreeSet<Key> {
            keys(Purpose::Name, text).into_iter().filter(|key| key.text.starts_with('p')).collect()
        };
        assert_eq!(pairs("Muhammad Hassan"), pairs("Hasan Mohammed"));
        assert_eq!(pairs("Muhammad Hassan").len(), 1);
        assert!(pairs("Muhammad Hassan Omar").is_superset(&pairs("Omar Muhammad")));
        assert!(pairs("Muhammad").is_empty());
        let Plan::AnyGroup(groups) = plan(Purpose::Name, "Hassan Muhammad") else { panic!() };
        assert_eq!(groups.len(), 3);
        assert!(groups[2].iter().all(|key| key.sharpness() > 8 + 8));
    }

    #[test]
    fn one_wrong_sound_in_a_long_name_is_found() {
        assert!(finds(Purpose::Name, "Abdulrahman", "Abdulraman"));
        assert!(finds(Purpose::Name, "Gebremedhin", "Gebremedin"));
        assert!(finds(Purpose::Name, "Cristobal", "Cristoval"));
    }

    #[test]
    fn a_name_costs_few_keys() {
        for name in ["Muhammad Hassan Ibrahim", "Abdulrahman al-Khatib", "محمد عبد الرحمن الخطيب"]
        {
            let count = keys(Purpose::Name, name).len();
            assert!(count <= 36, "{name}: {count}");
        }
    }

    #[test]
    fn an_endless_word_costs_few_keys_too() {
        let endless = "batadakamalaranasa".repeat(3_000);
        let keys = keys(Purpose::Name, &endless);
        let longest = keys.iter().filter(|key| key.text.starts_with('d')).map(|key| key.text.len());
        assert!(keys.len() <= 60 && longest.max() <= Some(25), "{}", keys.len());
        assert!(finds(Purpose::Name, &endless, &endless));
    }

    #[test]
    fn identifiers_are_found_by_any_part() {
        for query in ["S-17-AA", "17-a", "s17", "7-AA", "S-17-AA-2024"] {
            assert!(finds(Purpose::Identifier, "S-17-AA-2024", query), "{query}");
        }
        for query in ["S-17-zz", "17b", "S-17-AA-2024-1", "-"] {
            assert!(!finds(Purpose::Identifier, "S-17-AA-2024", query), "{query}");
        }
        assert!(finds(Purpose::Identifier, "٢٠٢٤-٧", "2024-7"));
        assert!(finds(Purpose::Identifier, "A7", "a7"), "short ones as a whole");
    }

    #[test]
    fn a_uuid_leaves_one_key_and_is_found_as_a_whole() {
        let id = "01998e6e-7c1c-7a33-9d5c-1f2a3b4c5d6e";
        assert_eq!(keys(Purpose::Identifier, id).len(), 1);
        assert!(finds(Purpose::Identifier, id, &id.to_uppercase()));
    }

    #[test]
    fn part_of_an_id_is_hexadecimal() {
        use crate::search::part_of_id;
        assert_eq!(part_of_id(" E7637B4C-1721 ").as_deref(), Some("e7637b4c1721"));
        for text in ["S-17", "ab", "", "e7637b4c-1721-42ff-827f-c61fc8f1529a0"] {
            assert_eq!(part_of_id(text), None, "{text}");
        }
    }

    #[test]
    fn phones_are_found_with_and_without_country_code() {
        for query in ["+964 770 123 4567", "0770-123-4567", "٠٧٧٠١٢٣٤٥٦٧"] {
            assert!(finds(Purpose::Phone, "07701234567", query), "{query}");
        }
        assert!(finds(Purpose::Phone, "555-1234 / 0770 123 4567", "5551234"));
        assert!(!finds(Purpose::Phone, "07701234567", "07701234568"));
        assert!(!finds(Purpose::Phone, "07701234567", "no digits"));
    }

    #[test]
    fn equality_is_by_field_and_normal_form() {
        assert_eq!(equality_key("a", " Ann\u{200b}  LEE "), equality_key("a", "ann lee"));
        assert_ne!(equality_key("a", "x"), equality_key("b", "x"));
        assert_ne!(equality_key("a", "é"), equality_key("a", "e"));
    }
}

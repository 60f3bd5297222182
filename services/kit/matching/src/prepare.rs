//! A profile made ready: its names folded to words by role, its places and values hashed. The
//! same for a record to be filed and for a question.

use kit_records::fold::words;

use crate::profile::{Birth, Day, Profile, Sex};
use crate::sound::Likeness;
use crate::symbols::{Trait, trait_hash};
use crate::table::hash;
use crate::word::Word;

/// From here on, a word of the child's name is one of a parent's name.
const PARENTS: Likeness = 164;
/// What tells phone numbers apart, country code or not.
const PHONE_TAIL: usize = 8;
/// Numbers shorter than this are extensions, not phones.
const PHONE_LEAST: usize = 6;
const PHONE: u8 = 0x40;

/// Words of a name that are looked at; no name has more that carry it.
pub const NAME: usize = 8;
const PARENT: usize = 6;
const NICKNAMES: usize = 4;
const SIBLINGS: usize = 6;
const RELATIVES: usize = 8;
const PHONES: usize = 2;

/// Which words of a record stand where, by number of its words.
#[derive(Debug, Clone, Default)]
pub struct Roles<T> {
    pub name: Vec<T>,
    pub nicknames: Vec<T>,
    pub father: Vec<T>,
    pub mother: Vec<T>,
    /// The given names of brothers and sisters.
    pub siblings: Vec<T>,
    /// Family names of relatives: what is theirs and may be the child's.
    pub relatives: Vec<T>,
    /// Which words of the name are the child's own, as bits.
    pub given: u8,
}

/// A profile made ready.
#[derive(Debug, Clone, Default)]
pub struct Prepared {
    /// Different words, in the order of their first use.
    pub words: Vec<Word>,
    pub roles: Roles<u8>,
    pub sex: Option<Sex>,
    pub birth: Option<Birth>,
    pub separation_day: Option<Day>,
    pub last_place: Vec<String>,
    pub separation_place: Vec<String>,
    pub phones: Vec<u32>,
    pub traits: [u64; Trait::ALL.len()],
}

impl Prepared {
    /// Folds and hashes what a profile says.
    pub fn new(profile: &Profile) -> Self {
        let mut ready = Self {
            sex: profile.sex,
            birth: profile.birth,
            separation_day: profile.separation_day,
            last_place: place(&profile.last_place),
            separation_place: place(&profile.separation_place),
            phones: phones(&profile.phones),
            traits: traits(profile),
            ..Self::default()
        };
        ready.name(profile);
        ready.roles.given = ready.given();
        ready
    }

    fn name(&mut self, profile: &Profile) {
        self.roles.name = self.say(&words(&profile.name), NAME);
        self.roles.father = self.say(&words(&profile.father), PARENT);
        self.roles.mother = self.say(&words(&profile.mother), PARENT);
        let nicknames: Vec<String> = profile.nicknames.iter().flat_map(|one| words(one)).collect();
        self.roles.nicknames = self.say(&nicknames, NICKNAMES);
        let siblings: Vec<Vec<String>> = profile.siblings.iter().map(|one| words(one)).collect();
        let given: Vec<String> = siblings.iter().filter_map(|it| it.first().cloned()).collect();
        self.roles.siblings = self.say(&given, SIBLINGS);
        let others = profile.relatives.iter().map(|one| words(&one.name)).filter(|it| it.len() > 1);
        let lines: Vec<String> =
            siblings.into_iter().filter(|it| it.len() > 2).chain(others).flat_map(tail).collect();
        self.roles.relatives = self.say(&lines, RELATIVES);
    }

    /// Numbers of words, which new ones get.
    fn say(&mut self, said: &[String], most: usize) -> Vec<u8> {
        let mut numbers = Vec::new();
        for text in said.iter().take(most) {
            let word = Word::new(text);
            let known = self.words.iter().position(|one| one.spelling == word.spelling);
            let at = known.unwrap_or_else(|| {
                self.words.push(word);
                self.words.len() - 1
            });
            numbers.push(u8::try_from(at).unwrap_or_default());
        }
        numbers
    }

    /// The words of the name that no parent has. Where no parent is known: the first.
    fn given(&self) -> u8 {
        let of_parents = |at: &u8| {
            let parents = self.roles.father.iter().chain(&self.roles.mother);
            let word = &self.words[usize::from(*at)];
            parents.into_iter().any(|one| word.alike(&self.words[usize::from(*one)]) >= PARENTS)
        };
        let unknown = self.roles.father.is_empty() && self.roles.mother.is_empty();
        let own = self
            .roles
            .name
            .iter()
            .enumerate()
            .filter(|(at, word)| if unknown { *at == 0 } else { !of_parents(word) });
        let bits = own.fold(0, |bits, (at, _)| bits | 1_u8 << at);
        if bits == 0 { 1 } else { bits }
    }
}

/// Without the relative's own name.
fn tail(words: Vec<String>) -> impl Iterator<Item = String> {
    words.into_iter().skip(1)
}

fn place(path: &[String]) -> Vec<String> {
    path.iter().take(6).take_while(|it| !it.is_empty()).cloned().collect()
}

fn phones(numbers: &[String]) -> Vec<u32> {
    let digits = |text: &String| -> String {
        text.chars()
            .filter_map(|one| one.to_digit(10))
            .filter_map(|it| char::from_digit(it, 10))
            .collect()
    };
    let long = numbers.iter().map(digits).filter(|digits| digits.len() >= PHONE_LEAST);
    long.map(|digits| {
        let tail = &digits[digits.len().saturating_sub(PHONE_TAIL)..];
        crate::lexicon::short(hash(PHONE, tail.as_bytes()))
    })
    .take(PHONES)
    .collect()
}

fn traits(profile: &Profile) -> [u64; 5] {
    let hash = |of: Trait, value: &str| if value.is_empty() { 0 } else { trait_hash(of, value) };
    [
        hash(Trait::Nationality, &profile.nationality),
        hash(Trait::Ethnicity, &profile.ethnicity),
        hash(Trait::Religion, &profile.religion),
        hash(Trait::Language, &profile.language),
        hash(Trait::Cause, &profile.separation_cause),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(name: &str, father: &str, mother: &str) -> u8 {
        let profile = Profile {
            name: name.into(),
            father: father.into(),
            mother: mother.into(),
            ..Profile::default()
        };
        Prepared::new(&profile).roles.given
    }

    #[test]
    fn the_childs_own_words_are_those_of_no_parent() {
        assert_eq!(given("Omar Hassan Ali", "حسن علي", ""), 0b001);
        assert_eq!(given("Ali Omar Hassan", "Hassan Ali", ""), 0b010, "whatever the order");
        assert_eq!(given("María José Pérez Gómez", "Juan Pérez", "Ana Gómez"), 0b0011);
        assert_eq!(given("Omar Hassan", "", ""), 0b01);
        assert_eq!(given("Hassan Ali", "Hassan Ali", ""), 0b01, "the father's namesake");
    }

    #[test]
    fn phones_are_known_by_their_end() {
        let phone = |text: &str| phones(&[text.to_owned()]);
        assert_eq!(phone("+963 944 123 456"), phone("0944123456"));
        assert!(phone("123").is_empty());
    }

    #[test]
    fn relatives_bring_their_family_names_only() {
        let profile = Profile {
            siblings: vec!["Sara Hassan".into()],
            relatives: vec![crate::Relative { name: "Karim Hassan Ali".into() }],
            ..Profile::default()
        };
        let ready = Prepared::new(&profile);
        assert_eq!((ready.roles.siblings.len(), ready.roles.relatives.len()), (1, 2));
    }
}

//! A question and a record, field by field: what agrees, how far, and how rare it is.

use serde::{Deserialize, Serialize};

use crate::dates::{self, Births, Days};
use crate::lexicon::TokenId;
use crate::profile::Sex;
use crate::question::{Memory, Question};
use crate::record::{Head, View};
use crate::sound::Likeness;
use crate::symbols::{Surroundings, Symbol, Symbols};

/// From here on two words are one name.
pub const SAME_NAME: Likeness = 156;
/// What a nickname, a second name and a name found among those of the family lose.
const NICKNAME: Likeness = 10;
const SECOND: Likeness = 8;
const ELSEWHERE: Likeness = 24;
/// Below this a given name is sought among the names of the family.
const FOUND: Likeness = 140;

/// Everything that can be said of two records; what one of them does not tell is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    pub given: Option<Given>,
    pub sex: Option<bool>,
    pub birth: Option<Births>,
    pub line: Option<Names>,
    pub mother: Option<Names>,
    pub relatives: Option<Names>,
    pub siblings: Option<Given>,
    pub last_place: Option<Places>,
    pub separation_place: Option<Places>,
    /// The last place of one is where the other was separated.
    pub on_the_way: Option<Places>,
    pub days: Option<Days>,
    pub phone: Option<bool>,
    pub traits: [Option<Coded>; 5],
}

/// How two given names compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Given {
    pub likeness: Likeness,
    pub rarity: f32,
    pub by: By,
    pub two_scripts: bool,
}

/// Which name it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Name,
    Nickname,
    /// Among the names of the family, as words in another order are.
    Elsewhere,
}

/// How two sets of names compare.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Names {
    /// Sums of the rarity of the words that agree: loosely, nearly, wholly.
    pub rarity: [f32; 3],
    pub agreeing: u8,
    /// At least one agrees across scripts.
    pub two_scripts: bool,
    /// Both have words that the other has not.
    pub conflict: bool,
}

/// How two places compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Places {
    pub how: Nearness,
    /// Of the smallest place around both.
    pub rarity: f32,
}

/// How near two places are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nearness {
    Same,
    /// One lies in the other, below the country.
    Within,
    /// Two places of one province.
    SameProvince,
    /// One is only a country, and the other lies there.
    WithinCountry,
    SameCountry,
    Elsewhere,
}

/// Two coded values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coded {
    pub same: bool,
    pub rarity: f32,
}

/// Compares a question with a record.
pub fn compare(question: &Question<'_>, view: View<'_>, memory: &mut Memory) -> Comparison {
    let mut pair = Pair { question, view, memory };
    Comparison {
        given: pair.given(),
        siblings: pair.siblings(),
        line: pair.line(),
        mother: pair.mother(),
        relatives: pair.relatives(),
        ..facts(question, view.head, view.phones())
    }
}

/// Compares all but names: what costs little.
pub fn facts(question: &Question<'_>, head: &Head, phones: &[u32]) -> Comparison {
    let places = &question.index.places;
    let (asked_last, asked_separation) = (&question.last_place, &question.separation_place);
    let last_place = near(places, asked_last, head.last_place());
    let separation_place = near(places, asked_separation, head.separation_place());
    let is_same = |it: &Places| it.how == Nearness::Same;
    let crossed = [(asked_last, head.separation_place()), (asked_separation, head.last_place())];
    let on_the_way = if last_place.iter().chain(&separation_place).any(is_same) {
        None
    } else {
        crossed.into_iter().filter_map(|(one, other)| near(places, one, other)).find(is_same)
    };
    Comparison {
        sex: sexes(question.ready.sex, head.sex()),
        birth: dates::births(question.ready.birth, head.birth()),
        last_place,
        separation_place,
        on_the_way,
        days: dates::days(question.ready.separation_day, head.separation_day()),
        phone: one_phone(&question.ready.phones, phones),
        traits: traits(question, head),
        ..Comparison::default()
    }
}

fn sexes(one: Option<Sex>, other: Option<Sex>) -> Option<bool> {
    Some(one? == other?)
}

fn one_phone(one: &[u32], other: &[u32]) -> Option<bool> {
    let both = !one.is_empty() && !other.is_empty();
    both.then(|| one.iter().any(|phone| other.contains(phone)))
}

fn traits(question: &Question<'_>, head: &Head) -> [Option<Coded>; 5] {
    let (asked, found) = (question.traits, head.traits());
    std::array::from_fn(|at| {
        let known = question.ready.traits[at] != 0 && found[at] != 0;
        known.then(|| {
            let (value, rarity) = asked[at];
            let same = value == found[at];
            Coded { same, rarity: if same { rarity } else { 0.0 } }
        })
    })
}

fn near(places: &Symbols, asked: &Surroundings, found: Symbol) -> Option<Places> {
    let place = asked.place;
    if place == 0 || found == 0 {
        return None;
    }
    let (common, rarity) = places.common(asked, found);
    let is_end = common == place || common == found;
    let how = match places.depth(common) {
        0 => Nearness::Elsewhere,
        1 if is_end => Nearness::WithinCountry,
        1 => Nearness::SameCountry,
        depth if place == found && depth > crate::index::PROVINCE => Nearness::Same,
        _ if is_end => Nearness::Within,
        _ => Nearness::SameProvince,
    };
    Some(Places { how, rarity })
}

struct Pair<'a, 'q> {
    question: &'a Question<'q>,
    view: View<'a>,
    memory: &'a mut Memory,
}

/// The best so far: likeness, the word asked for, the word found.
type Best = (Likeness, u8, TokenId);

impl Pair<'_, '_> {
    fn alike(&mut self, word: u8, token: TokenId) -> Likeness {
        self.memory.alike(self.question, word, token)
    }

    /// How rare two words that agree are: as rare as the commoner one.
    fn rarity(&self, word: u8, token: TokenId) -> f32 {
        let lexicon = &self.question.index.lexicon;
        let found = lexicon.rarity(lexicon.class_of(token));
        self.question.words[usize::from(word)].rarity.min(found)
    }

    fn told(&self, (likeness, word, token): Best, by: By) -> Given {
        let found = likeness > 0;
        let rarity = if found { self.rarity(word, token) } else { 0.0 };
        Given { likeness, rarity, by, two_scripts: found && self.two_scripts(word, token) }
    }

    fn two_scripts(&self, word: u8, token: TokenId) -> bool {
        let asked = self.question.ready.words[usize::from(word)].shape.script;
        asked != self.question.index.lexicon.heard(token).shape.script
    }

    fn best(
        &mut self,
        asked: impl Iterator<Item = u8>,
        found: &[TokenId],
        bits: u8,
        loses: Likeness,
        best: &mut Best,
    ) {
        for (place, word) in asked.enumerate() {
            for (at, token) in found.iter().enumerate().filter(|(at, _)| bits >> (at % 8) & 1 == 1)
            {
                let second = if place + at > 0 && loses == 0 { SECOND } else { loses };
                let likeness = self.alike(word, *token).saturating_sub(second);
                if likeness > best.0 {
                    *best = (likeness, word, *token);
                }
            }
        }
    }

    fn given(&mut self) -> Option<Given> {
        let (question, view) = (self.question, self.view);
        let roles = &question.ready.roles;
        if roles.name.is_empty() && roles.nicknames.is_empty()
            || view.name().is_empty() && view.nicknames().is_empty()
        {
            return None;
        }
        let mut best: Best = (0, 0, 0);
        let nicknames = || roles.nicknames.iter().copied();
        self.best(question.given(), view.name(), view.head.given(), 0, &mut best);
        let plain = best.0;
        self.best(question.given(), view.nicknames(), 0xff, NICKNAME, &mut best);
        self.best(nicknames(), view.name(), view.head.given(), NICKNAME, &mut best);
        self.best(nicknames(), view.nicknames(), 0xff, NICKNAME, &mut best);
        let named = best.0;
        if named < FOUND {
            self.best(question.given(), view.name(), !view.head.given(), ELSEWHERE, &mut best);
            let line = question.line.iter().copied();
            self.best(line, view.name(), view.head.given(), ELSEWHERE, &mut best);
        }
        let by = match best.0 {
            likeness if likeness == plain => By::Name,
            likeness if likeness == named => By::Nickname,
            _ => By::Elsewhere,
        };
        Some(self.told(best, by))
    }

    fn siblings(&mut self) -> Option<Given> {
        let asked = &self.question.ready.roles.siblings;
        let found = self.view.siblings();
        if asked.is_empty() || found.is_empty() {
            return None;
        }
        let mut best: Best = (0, 0, 0);
        // Which comes first says nothing here.
        self.best(asked.iter().copied(), found, 0xff, 1, &mut best);
        Some(self.told(best, By::Name))
    }

    fn line(&mut self) -> Option<Names> {
        let (question, view) = (self.question, self.view);
        let mut found = Words::default();
        found.add(view.father());
        for (at, token) in view.name().iter().enumerate() {
            if view.head.given() >> at & 1 == 0 {
                found.add(&[*token]);
            }
        }
        let main = found.len;
        found.add(view.name());
        self.names(&question.line, &found, main)
    }

    fn mother(&mut self) -> Option<Names> {
        let mut found = Words::default();
        found.add(self.view.mother());
        let main = found.len;
        self.names(&self.question.ready.roles.mother, &found, main)
    }

    /// What relatives of one have of the family names of the other.
    fn relatives(&mut self) -> Option<Names> {
        let (question, view) = (self.question, self.view);
        let roles = &question.ready.roles;
        let mut found = Words::default();
        if roles.relatives.is_empty() {
            found.add(view.relatives());
            let mut asked = question.line.clone();
            asked.extend(roles.mother.iter().filter(|it| !question.line.contains(it)));
            let main = found.len;
            return self.names(&asked, &found, main);
        }
        found.add(view.father());
        found.add(view.name());
        found.add(view.mother());
        found.add(view.relatives());
        let main = found.len;
        self.names(&roles.relatives, &found, main)
    }

    /// Words asked for against words found, each used once; those after `main` help and are not
    /// missed.
    fn names(&mut self, asked: &[u8], found: &Words, main: usize) -> Option<Names> {
        if asked.is_empty() || main == 0 {
            return None;
        }
        let mut names = Names::default();
        let (mut used, mut missing) = (0_u32, 0);
        for word in asked {
            let mut best = (0, 0);
            for (at, token) in found.tokens[..found.len].iter().enumerate() {
                if used >> at & 1 == 0 {
                    let likeness = self.alike(*word, *token);
                    if likeness > best.0 {
                        best = (likeness, at);
                    }
                }
            }
            if best.0 < SAME_NAME {
                missing += 1;
                continue;
            }
            used |= 1 << best.1;
            names.agreeing += 1;
            names.two_scripts |= self.two_scripts(*word, found.tokens[best.1]);
            names.rarity[closeness(best.0)] += self.rarity(*word, found.tokens[best.1]);
        }
        let of_main = (used & ((1 << main) - 1)).count_ones() as usize;
        names.conflict = missing > 0 && of_main < main;
        Some(names)
    }
}

/// The words of one role without repetition, without an allocation.
#[derive(Default)]
struct Words {
    tokens: [TokenId; 28],
    len: usize,
}

impl Words {
    fn add(&mut self, tokens: &[TokenId]) {
        for token in tokens {
            if self.len < self.tokens.len() && !self.tokens[..self.len].contains(token) {
                self.tokens[self.len] = *token;
                self.len += 1;
            }
        }
    }
}

const fn closeness(likeness: Likeness) -> usize {
    match likeness {
        ..172 => 0,
        172..188 => 1,
        _ => 2,
    }
}

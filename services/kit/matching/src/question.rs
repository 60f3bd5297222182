//! A question to the index: a prepared profile with the index's numbers for its words, places and
//! values, and a memory of how alike its words are to those of the records it met.

use crate::index::Index;
use crate::keys::Sources;
use crate::lexicon::{ClassId, TokenId};
use crate::prepare::Prepared;
use crate::sound::{Likeness, SAME, alike};
use crate::symbols::{Surroundings, Symbol, Symbols, place_hash};

/// Words of a question that are compared.
const WORDS: usize = 24;
/// Cells of the memory; more words than this are rarely met.
const CELLS: usize = 1 << 11;
const UNKNOWN: Likeness = Likeness::MAX;
/// What another people's form of the same name counts as.
const VARIANT: Likeness = 172;

/// A prepared profile as one index sees it.
#[derive(Debug)]
pub struct Question<'a> {
    pub index: &'a Index,
    pub ready: &'a Prepared,
    pub words: Vec<Asked>,
    /// Words of the father's line: his names, and the child's that are not its own.
    pub line: Vec<u8>,
    pub last_place: Surroundings,
    pub separation_place: Surroundings,
    /// Its coded values, and how rare each is.
    pub traits: [(Symbol, f32); 5],
}

/// A word of a question.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub token: Option<TokenId>,
    pub rarity: f32,
}

impl<'a> Question<'a> {
    /// Looks up what the index knows of a profile.
    pub fn new(index: &'a Index, ready: &'a Prepared) -> Self {
        let words = ready.words.iter().map(|word| {
            let class: Option<ClassId> = index.lexicon.class(word.classes[0]);
            let rarity = class.map_or(index.lexicon.rarest(), |it| index.lexicon.rarity(it));
            Asked { token: index.lexicon.token(word.spelling), rarity }
        });
        let place = |path: &[String]| index.places.surroundings(known(&index.places, path));
        let value = |hash| index.values.present(hash).unwrap_or_default();
        Self {
            index,
            ready,
            words: words.collect(),
            line: line(ready),
            last_place: place(&ready.last_place),
            separation_place: place(&ready.separation_place),
            traits: ready.traits.map(value).map(|it| (it, index.values.rarity(it))),
        }
    }

    /// What its keys are made of.
    pub fn sources(&self) -> Sources {
        let ready = self.ready;
        let class = |at: &u8| ready.words[usize::from(*at)].classes[0];
        let name: Vec<u64> = ready.roles.name.iter().map(class).collect();
        let own = |at: &usize| ready.roles.given >> at & 1 == 1;
        let places = [self.last_place.place, self.separation_place.place];
        Sources {
            given: (0..name.len()).filter(own).map(|at| name[at]).collect(),
            name,
            father: ready.roles.father.first().map(class),
            mother: ready.roles.mother.first().map(class),
            provinces: crate::index::provinces_of(&self.index.places, places),
            day: ready.separation_day.map(|day| (day, ready.traits[0])),
            phones: ready.phones.clone(),
        }
    }

    /// The words that are the child's own.
    pub fn given(&self) -> impl Iterator<Item = u8> {
        let bits = self.ready.roles.given;
        let each = self.ready.roles.name.iter().enumerate();
        each.filter(move |(at, _)| bits >> at & 1 == 1).map(|(_, word)| *word)
    }
}

fn line(ready: &Prepared) -> Vec<u8> {
    let mut line = ready.roles.father.clone();
    for (at, word) in ready.roles.name.iter().enumerate() {
        if ready.roles.given >> at & 1 == 0 && !line.contains(word) {
            line.push(*word);
        }
    }
    line
}

/// The smallest place around a path that the index knows.
fn known(places: &Symbols, path: &[String]) -> Symbol {
    (1..=path.len())
        .rev()
        .find_map(|depth| places.present(place_hash(&path[..depth])))
        .unwrap_or_default()
}

/// How alike a question's words are to words of the lexicon, each pair computed once.
#[derive(Debug)]
pub struct Memory {
    cells: Vec<Cell>,
    turn: u32,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    token: TokenId,
    turn: u32,
    likeness: [Likeness; WORDS],
}

impl Default for Memory {
    fn default() -> Self {
        Self { cells: vec![Cell { token: 0, turn: 0, likeness: [UNKNOWN; WORDS] }; CELLS], turn: 0 }
    }
}

impl Memory {
    /// Forgets everything, for the next question.
    pub fn clear(&mut self) {
        self.turn = self.turn.wrapping_add(1);
        if self.turn == 0 {
            self.cells.iter_mut().for_each(|cell| cell.turn = 0);
            self.turn = 1;
        }
    }

    /// How alike a word of a question is to one of the lexicon.
    pub fn alike(&mut self, question: &Question<'_>, word: u8, token: TokenId) -> Likeness {
        let at = usize::from(word);
        if at >= WORDS {
            return 0;
        }
        let cell = &mut self.cells[(token.wrapping_mul(0x9e37_79b1) >> 21) as usize];
        if cell.token != token || cell.turn != self.turn {
            *cell = Cell { token, turn: self.turn, likeness: [UNKNOWN; WORDS] };
        }
        if cell.likeness[at] == UNKNOWN {
            cell.likeness[at] = compare(question, at, token);
        }
        cell.likeness[at]
    }
}

fn compare(question: &Question<'_>, at: usize, token: TokenId) -> Likeness {
    if question.words[at].token == Some(token) {
        return SAME;
    }
    let word = &question.ready.words[at];
    let lexicon = &question.index.lexicon;
    let heard = alike(word.heard(), lexicon.heard(token));
    let same_group = word.variant != 0 && word.variant == lexicon.variant(token);
    if same_group { heard.max(VARIANT) } else { heard }
}

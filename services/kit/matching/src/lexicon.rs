//! All words of all names in the index, each once: its sounds, how often it occurs, and which
//! other classes of words are near to it.

use crate::chains::{Chains, tight};
use crate::sound::{Heard, Shape};
use crate::table::Table;
use crate::word::Word;

/// A spelling.
pub type TokenId = u32;
/// Spellings of one skeleton.
pub type ClassId = u32;

#[derive(Debug, Clone, Copy)]
struct Token {
    spelling: u64,
    /// Where its sounds begin.
    at: u32,
    class: ClassId,
    shape: Shape,
    len: u8,
    variant: u8,
}

#[derive(Debug, Clone, Copy)]
struct Class {
    hash: u64,
    /// How often its spellings occur in names of children and parents.
    count: u32,
}

/// The words known, by number.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    tokens: Vec<Token>,
    sounds: Vec<u8>,
    by_spelling: Table,
    classes: Vec<Class>,
    by_class: Table,
    /// From a near key to classes.
    near: Chains,
    total: u64,
}

impl Lexicon {
    /// The number of a word, which it gets if it has none.
    pub fn intern(&mut self, word: &Word) -> TokenId {
        if let Some(known) = self.token(word.spelling) {
            return known;
        }
        let class = self.intern_class(word.classes[0]);
        for key in &word.near {
            self.near.insert(short(*key), class);
        }
        let id = number(self.tokens.len());
        let at = number(self.sounds.len());
        for code in &word.codes {
            tight(&mut self.sounds);
            self.sounds.push(*code);
        }
        tight(&mut self.tokens);
        self.tokens.push(Token {
            spelling: word.spelling,
            at,
            class,
            shape: word.shape,
            len: u8::try_from(word.codes.len()).unwrap_or(u8::MAX),
            variant: word.variant,
        });
        let tokens = &self.tokens;
        self.by_spelling.insert(word.spelling, id, |one| tokens[one as usize].spelling);
        id
    }

    fn intern_class(&mut self, hash: u64) -> ClassId {
        if let Some(known) = self.class(hash) {
            return known;
        }
        let id = number(self.classes.len());
        tight(&mut self.classes);
        self.classes.push(Class { hash, count: 0 });
        let classes = &self.classes;
        self.by_class.insert(hash, id, |one| classes[one as usize].hash);
        id
    }

    /// The number of a spelling.
    pub fn token(&self, spelling: u64) -> Option<TokenId> {
        self.by_spelling.find(spelling, |one| self.tokens[one as usize].spelling == spelling)
    }

    /// The number of a skeleton.
    pub fn class(&self, hash: u64) -> Option<ClassId> {
        self.by_class.find(hash, |one| self.classes[one as usize].hash == hash)
    }

    /// The classes that share a near key with a word, at most so many for each key.
    pub fn near(&self, word: &Word, most: usize, into: &mut Vec<ClassId>) {
        let mut found = Vec::new();
        for key in &word.near {
            if let Some(classes) = self.near.get(short(*key), most, &mut found) {
                into.extend_from_slice(classes);
            }
        }
    }

    /// Which skeleton a spelling has.
    pub fn class_of(&self, token: TokenId) -> ClassId {
        self.tokens[token as usize].class
    }

    /// What stands for a spelling's skeleton on every machine.
    pub fn class_hash(&self, token: TokenId) -> u64 {
        self.classes[self.class_of(token) as usize].hash
    }

    /// What stands for a spelling on every machine.
    pub fn spelling(&self, token: TokenId) -> u64 {
        self.tokens[token as usize].spelling
    }

    /// The group of equivalents, or 0.
    pub fn variant(&self, token: TokenId) -> u8 {
        self.tokens[token as usize].variant
    }

    /// A spelling's sounds.
    pub fn heard(&self, token: TokenId) -> Heard<'_> {
        let token = &self.tokens[token as usize];
        let from = token.at as usize;
        Heard { codes: &self.sounds[from..from + usize::from(token.len)], shape: token.shape }
    }

    /// Counts an occurrence in a name of a child or parent, or takes it back.
    pub fn count(&mut self, token: TokenId, up: bool) {
        let class = self.class_of(token) as usize;
        let count = &mut self.classes[class].count;
        if up {
            *count += 1;
            self.total += 1;
        } else {
            *count = count.saturating_sub(1);
            self.total = self.total.saturating_sub(1);
        }
    }

    /// Counts an occurrence of so many that are not here.
    pub fn assume(&mut self, token: TokenId, count: u64) {
        let class = self.class_of(token) as usize;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let known = &mut self.classes[class].count;
        *known = count.max(*known);
    }

    /// Sets how many words there are, here and elsewhere.
    pub const fn assume_total(&mut self, total: u64) {
        self.total = total;
    }

    /// How rare a class is: minus the logarithm of its share of all words.
    pub fn rarity(&self, class: ClassId) -> f32 {
        self.rarity_of(self.classes[class as usize].count)
    }

    /// How rare a word is that does not occur.
    pub fn rarest(&self) -> f32 {
        self.rarity_of(0)
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of words are estimates")]
    fn rarity_of(&self, count: u32) -> f32 {
        ((self.total as f32 + 200.0) / (count as f32 + 0.5)).ln()
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes.len()
    }

    /// Class hashes and counts of what occurs, in no order.
    pub fn counts(&self) -> impl Iterator<Item = (u64, u32)> {
        self.classes.iter().filter(|one| one.count > 0).map(|one| (one.hash, one.count))
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.tokens.capacity() * size_of::<Token>()
            + self.sounds.capacity()
            + self.classes.capacity() * size_of::<Class>()
            + self.by_spelling.bytes()
            + self.by_class.bytes()
            + self.near.bytes()
    }
}

/// A hash cut to the width of a chain's key.
#[expect(clippy::cast_possible_truncation, reason = "cut on purpose")]
pub const fn short(hash: u64) -> u32 {
    (hash >> 16) as u32
}

/// A length as a number of the index, which ends before it is full.
pub fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX >> 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_once_and_its_class_counts_all_spellings() {
        let mut lexicon = Lexicon::default();
        let tokens = ["mohammed", "muhammad", "محمد"].map(|name| lexicon.intern(&Word::new(name)));
        assert_eq!(lexicon.intern(&Word::new("mohammed")), tokens[0]);
        let class = lexicon.class_of(tokens[0]);
        assert!(tokens.iter().all(|one| lexicon.class_of(*one) == class));
        let before = lexicon.rarity(class);
        for one in tokens {
            lexicon.count(one, true);
        }
        assert!(lexicon.rarity(class) < before);
        for one in tokens {
            lexicon.count(one, false);
        }
        assert_eq!(lexicon.counts().count(), 0);
    }

    #[test]
    fn near_words_are_found() {
        let mut lexicon = Lexicon::default();
        let token = lexicon.intern(&Word::new("cristobal"));
        let mut found = Vec::new();
        lexicon.near(&Word::new("cristopal"), 100, &mut found);
        assert!(found.contains(&lexicon.class_of(token)));
    }
}

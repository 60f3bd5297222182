//! Places with their parents, and coded values (nationality, language, ...): each once, by
//! number, with how often it occurs.

use crate::chains::tight;
use crate::lexicon::number;
use crate::table::{Table, hash, hash_pair};

/// The number of a place or value; 0 is none.
pub type Symbol = u32;

const PLACE: u8 = 0x20;
const ROOT: u64 = 0x51ab_17e5;

#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u64,
    /// The place around it; 0 for countries and values.
    parent: Symbol,
    count: u32,
    depth: u8,
}

/// A place that is asked for, with all around it: found once, compared with many.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    pub place: Symbol,
    /// By depth from the country down: the place around, and how rare it is.
    around: Vec<(Symbol, f32)>,
}

/// The values of all fields with codes.
#[derive(Debug, Clone, Default)]
pub struct Symbols {
    entries: Vec<Entry>,
    table: Table,
    totals: [u64; KINDS],
}

/// How many kinds of symbols there are: places of three depths and more, and five traits.
const KINDS: usize = 16;

/// Fields with coded values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trait {
    Nationality,
    Ethnicity,
    Religion,
    Language,
    Cause,
}

impl Trait {
    /// All, in the order in which records keep them.
    pub const ALL: [Self; 5] =
        [Self::Nationality, Self::Ethnicity, Self::Religion, Self::Language, Self::Cause];
}

/// What stands for a place on every machine: itself and all around it.
pub fn place_hash(path: &[String]) -> u64 {
    path.iter().fold(ROOT, |around, name| hash_pair(PLACE, around, hash(PLACE, name.as_bytes())))
}

/// What stands for a value of a field.
pub fn trait_hash(of: Trait, value: &str) -> u64 {
    hash(0x30 + of as u8, value.as_bytes())
}

impl Symbols {
    /// The number of a place, which it and all around it get if they have none.
    pub fn intern_place(&mut self, path: &[String]) -> Symbol {
        let mut parent = 0;
        for depth in 1..=path.len() {
            parent = self.intern(place_hash(&path[..depth]), parent, depth);
        }
        parent
    }

    /// The number of a value by its hash, which it gets if it has none; 0 stands for none.
    pub fn intern_trait(&mut self, of: Trait, hash: u64) -> Symbol {
        if hash == 0 { 0 } else { self.intern(hash, 0, 8 + of as usize) }
    }

    fn intern(&mut self, hash: u64, parent: Symbol, kind: usize) -> Symbol {
        if let Some(known) = self.find(hash) {
            return known;
        }
        tight(&mut self.entries);
        let depth = u8::try_from(kind).unwrap_or(u8::MAX);
        self.entries.push(Entry { hash, parent, count: 0, depth });
        let id = number(self.entries.len());
        let entries = &self.entries;
        self.table.insert(hash, id, |one| entries[one as usize - 1].hash);
        id
    }

    /// The number of what a hash stands for.
    fn find(&self, hash: u64) -> Option<Symbol> {
        self.table.find(hash, |one| self.entries[one as usize - 1].hash == hash)
    }

    fn entry(&self, symbol: Symbol) -> Option<&Entry> {
        self.entries.get((symbol as usize).checked_sub(1)?)
    }

    /// What stands for a symbol on every machine; 0 for none.
    pub fn hash_of(&self, symbol: Symbol) -> u64 {
        self.entry(symbol).map_or(0, |it| it.hash)
    }

    /// The symbol of a hash, if a record has it now: what only forgotten ones had is as unknown as
    /// what none ever had.
    pub fn present(&self, hash: u64) -> Option<Symbol> {
        self.find(hash).filter(|symbol| self.entry(*symbol).is_some_and(|it| it.count > 0))
    }

    /// How deep a place lies: 1 is a country.
    pub fn depth(&self, place: Symbol) -> u8 {
        self.entry(place).map_or(0, |it| it.depth)
    }

    /// The place at a depth around a place; 0 where it is not known so far down.
    pub fn at_depth(&self, mut place: Symbol, depth: u8) -> Symbol {
        while self.depth(place) > depth {
            place = self.entry(place).map_or(0, |it| it.parent);
        }
        if self.depth(place) == depth { place } else { 0 }
    }

    /// A place and all around it.
    pub fn surroundings(&self, place: Symbol) -> Surroundings {
        let depths = 1..=self.depth(place);
        let around = depths.map(|depth| self.at_depth(place, depth));
        Surroundings { place, around: around.map(|one| (one, self.rarity(one))).collect() }
    }

    /// The smallest place around both, and how rare it is; 0 for none.
    pub fn common(&self, one: &Surroundings, mut other: Symbol) -> (Symbol, f32) {
        while let Some(entry) = self.entry(other) {
            match usize::from(entry.depth).checked_sub(1).and_then(|at| one.around.get(at)) {
                Some((place, rarity)) if *place == other => return (other, *rarity),
                _ => other = entry.parent,
            }
        }
        (0, 0.0)
    }

    /// Counts an occurrence of a value or of a place and all around it, or takes it back.
    pub fn count(&mut self, mut symbol: Symbol, up: bool) {
        while let Some(entry) =
            (symbol as usize).checked_sub(1).and_then(|at| self.entries.get_mut(at))
        {
            let total = &mut self.totals[usize::from(entry.depth) % KINDS];
            if up {
                entry.count += 1;
                *total += 1;
            } else {
                entry.count = entry.count.saturating_sub(1);
                *total = total.saturating_sub(1);
            }
            symbol = entry.parent;
        }
    }

    /// How rare a value or place is among those of its kind.
    #[expect(clippy::cast_precision_loss, reason = "counts are estimates")]
    pub fn rarity(&self, symbol: Symbol) -> f32 {
        self.entry(symbol).map_or(0.0, |it| {
            let total = self.totals[usize::from(it.depth) % KINDS] as f32;
            ((total + 3.0) / (it.count as f32 + 1.0)).ln()
        })
    }

    /// How many symbols there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Hashes and counts of what occurs, in no order.
    pub fn counts(&self) -> impl Iterator<Item = (u64, u32)> {
        self.entries.iter().filter(|one| one.count > 0).map(|one| (one.hash, one.count))
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>() + self.table.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn places_know_what_is_around_them() {
        let mut symbols = Symbols::default();
        let aleppo = symbols.intern_place(&path("SY.02.170063"));
        let manbij = symbols.intern_place(&path("SY.02.166970"));
        let homs = symbols.intern_place(&path("SY.11.169577"));
        let around = symbols.surroundings(aleppo);
        assert_eq!(symbols.depth(symbols.common(&around, aleppo).0), 3);
        assert_eq!(symbols.depth(symbols.common(&around, manbij).0), 2);
        assert_eq!(symbols.depth(symbols.common(&around, homs).0), 1);
        assert_eq!(symbols.common(&around, 0).0, 0);
        assert_eq!(symbols.intern_place(&path("SY.02")), symbols.at_depth(aleppo, 2));
    }

    #[test]
    fn what_everybody_has_says_nothing() {
        let mut symbols = Symbols::default();
        let arabic = symbols.intern_trait(Trait::Language, trait_hash(Trait::Language, "arabic"));
        let kurdish = symbols.intern_trait(Trait::Language, trait_hash(Trait::Language, "kurdish"));
        (0..99).for_each(|_| symbols.count(arabic, true));
        symbols.count(kurdish, true);
        assert!(symbols.rarity(arabic) < 0.05 && symbols.rarity(kurdish) > 3.0);
        assert_ne!(trait_hash(Trait::Religion, "x"), trait_hash(Trait::Language, "x"));
    }
}

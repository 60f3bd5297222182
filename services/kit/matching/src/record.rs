//! What the index keeps of a record: numbers of words, places and values, packed. Nothing in it
//! can be read as a name.

use crate::chains::tight;
use crate::lexicon::{TokenId, number};
use crate::prepare::Roles;
use crate::profile::{Birth, Day, Sex};
use crate::symbols::Symbol;

/// Lists of a record, in order.
const LISTS: usize = 7;

/// Everything kept of a record, unpacked.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    pub roles: Roles<TokenId>,
    pub sex: Option<Sex>,
    pub birth: Option<Birth>,
    pub separation_day: Option<Day>,
    pub last_place: Symbol,
    pub separation_place: Symbol,
    pub phones: Vec<u32>,
    pub traits: [Symbol; 5],
}

impl Entry {
    fn lists(&self) -> [&[u32]; LISTS] {
        let roles = &self.roles;
        [
            &roles.name,
            &roles.nicknames,
            &roles.father,
            &roles.mother,
            &roles.siblings,
            &roles.relatives,
            &self.phones,
        ]
    }

    fn head(&self) -> Head {
        let mut header = sex_code(self.sex);
        for (at, list) in self.lists().iter().enumerate() {
            header |= number(list.len()) << (2 + 4 * at);
        }
        let birth = self.birth.map_or(0, |it| pair(it.from, it.to));
        let value = |at: usize| u16::try_from(self.traits[at]).unwrap_or_default();
        Head([
            header,
            u32::from(self.roles.given),
            birth,
            pair(self.separation_day.unwrap_or_default(), value(0)),
            pair(value(1), value(2)),
            pair(value(3), value(4)),
            self.last_place,
            self.separation_place,
        ])
    }
}

const fn pair(one: u16, other: u16) -> u32 {
    (one as u32) << 16 | other as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the halves of a pair")]
const fn halves(pair: u32) -> (u16, u16) {
    ((pair >> 16) as u16, pair as u16)
}

const fn sex_code(sex: Option<Sex>) -> u32 {
    match sex {
        None => 0,
        Some(Sex::Male) => 1,
        Some(Sex::Female) => 2,
        Some(Sex::Other) => 3,
    }
}

/// What is known of a record but for its lists, in half a cache line: hundreds are looked at for
/// each question.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
pub struct Head([u32; 8]);

impl Head {
    /// Where each list ends.
    fn ends(&self) -> [u8; LISTS] {
        let mut end = 0;
        std::array::from_fn(|at| {
            end += (self.0[0] >> (2 + 4 * at) & 0xf).to_le_bytes()[0];
            end
        })
    }

    /// Which words of the name are the child's own, as bits.
    pub fn given(&self) -> u8 {
        self.0[1].to_le_bytes()[0]
    }

    pub fn sex(&self) -> Option<Sex> {
        [None, Some(Sex::Male), Some(Sex::Female), Some(Sex::Other)][(self.0[0] & 3) as usize]
    }

    pub fn birth(&self) -> Option<Birth> {
        let (from, to) = halves(self.0[2]);
        (to != 0).then_some(Birth { from, to })
    }

    pub fn separation_day(&self) -> Option<Day> {
        Some(halves(self.0[3]).0).filter(|day| *day != 0)
    }

    pub fn traits(&self) -> [Symbol; 5] {
        let (ethnicity, religion) = halves(self.0[4]);
        let (language, cause) = halves(self.0[5]);
        [halves(self.0[3]).1, ethnicity, religion, language, cause].map(Symbol::from)
    }

    pub fn last_place(&self) -> Symbol {
        self.0[6]
    }

    pub fn separation_place(&self) -> Symbol {
        self.0[7]
    }
}

/// A packed record, read in place.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub head: &'a Head,
    words: &'a [u32],
    ends: [u8; LISTS],
}

impl<'a> View<'a> {
    fn new(head: &'a Head, words: &'a [u32]) -> Self {
        let ends = head.ends();
        Self { head, words: &words[..usize::from(ends[LISTS - 1])], ends }
    }

    fn list(&self, at: usize) -> &'a [u32] {
        let from = if at == 0 { 0 } else { usize::from(self.ends[at - 1]) };
        &self.words[from..usize::from(self.ends[at])]
    }

    pub fn name(&self) -> &'a [TokenId] {
        self.list(0)
    }

    pub fn nicknames(&self) -> &'a [TokenId] {
        self.list(1)
    }

    pub fn father(&self) -> &'a [TokenId] {
        self.list(2)
    }

    pub fn mother(&self) -> &'a [TokenId] {
        self.list(3)
    }

    pub fn siblings(&self) -> &'a [TokenId] {
        self.list(4)
    }

    pub fn relatives(&self) -> &'a [TokenId] {
        self.list(5)
    }

    pub fn phones(&self) -> &'a [u32] {
        self.list(6)
    }

    /// All words, those of several roles several times.
    pub fn tokens(&self) -> &'a [TokenId] {
        &self.words[..usize::from(self.ends[5])]
    }
}

/// The packed records, by slot.
#[derive(Debug, Clone, Default)]
pub struct Records {
    heads: Vec<Head>,
    words: Vec<u32>,
    /// Where the lists of each slot begin, or [`FREE`].
    at: Vec<u32>,
    wasted: usize,
}

const FREE: u32 = u32::MAX;

impl Records {
    /// Puts a record into a slot: a new one or one that was cleared.
    pub fn put(&mut self, slot: u32, entry: &Entry) {
        let lists = entry.lists();
        let length: usize = lists.iter().map(|list| list.len()).sum();
        let begins = number(self.words.len());
        let short = length.saturating_sub(self.words.capacity() - self.words.len());
        if short > 0 {
            self.words.reserve_exact(short + self.words.len() / 8);
        }
        for list in lists {
            self.words.extend_from_slice(list);
        }
        if slot as usize == self.at.len() {
            tight(&mut self.at);
            tight(&mut self.heads);
            self.at.push(begins);
            self.heads.push(entry.head());
        } else {
            self.at[slot as usize] = begins;
            self.heads[slot as usize] = entry.head();
        }
    }

    /// Empties a slot.
    pub fn clear(&mut self, slot: u32) {
        let length = self.get(slot).words.len();
        let begins = self.at[slot as usize] as usize;
        self.words[begins..begins + length].fill(0);
        self.heads[slot as usize] = Head::default();
        self.at[slot as usize] = FREE;
        self.wasted += length;
        if self.wasted > self.words.len() / 4 + 1024 {
            self.squeeze();
        }
    }

    fn squeeze(&mut self) {
        let mut packed = Vec::with_capacity(self.words.len() - self.wasted);
        for slot in 0..self.at.len() {
            if self.at[slot] != FREE {
                let words = self.get(number(slot)).words;
                let begins = number(packed.len());
                packed.extend_from_slice(words);
                self.at[slot] = begins;
            }
        }
        self.words = packed;
        self.wasted = 0;
    }

    /// The record in a slot, which is taken.
    pub fn get(&self, slot: u32) -> View<'_> {
        let slot = slot as usize;
        View::new(&self.heads[slot], &self.words[self.at[slot] as usize..])
    }

    /// What is known of the record in a slot but for its lists.
    pub fn head(&self, slot: u32) -> &Head {
        &self.heads[slot as usize]
    }

    /// How many slots there are, taken or not.
    pub fn slots(&self) -> usize {
        self.at.len()
    }

    /// Whether a slot holds a record.
    pub fn is_taken(&self, slot: u32) -> bool {
        self.at[slot as usize] != FREE
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        (self.words.capacity() + self.at.capacity()) * 4 + self.heads.capacity() * size_of::<Head>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mark: u32) -> Entry {
        Entry {
            roles: Roles {
                name: vec![mark, 2, 3],
                father: vec![2, 3],
                mother: vec![4],
                given: 0b001,
                ..Roles::default()
            },
            sex: Some(Sex::Female),
            birth: Some(Birth { from: 40_000, to: 40_364 }),
            separation_day: Some(45_000),
            last_place: 7,
            phones: vec![99],
            traits: [1, 2, 3, 4, 5],
            ..Entry::default()
        }
    }

    #[test]
    fn what_is_packed_is_read() {
        let mut records = Records::default();
        records.put(0, &entry(1));
        let view = records.get(0);
        assert_eq!((view.name(), view.father()), (&[1, 2, 3][..], &[2, 3][..]));
        assert_eq!((view.mother(), view.phones()), (&[4][..], &[99][..]));
        assert!(view.nicknames().is_empty() && view.siblings().is_empty());
        assert_eq!(view.tokens(), [1, 2, 3, 2, 3, 4]);
        assert_eq!(view.head.birth(), Some(Birth { from: 40_000, to: 40_364 }));
        assert_eq!(
            (view.head.sex(), view.head.separation_day()),
            (Some(Sex::Female), Some(45_000))
        );
        assert_eq!((view.head.traits(), view.head.given()), ([1, 2, 3, 4, 5], 1));
        assert_eq!((view.head.last_place(), view.head.separation_place()), (7, 0));
    }

    #[test]
    fn cleared_slots_leave_nothing_behind_and_are_used_again() {
        let mut records = Records::default();
        (0..500).for_each(|slot| records.put(slot, &entry(slot)));
        (0..400).for_each(|slot| records.clear(slot));
        assert!(records.words.len() < 4_000, "{}", records.words.len());
        records.put(17, &entry(1_717));
        assert_eq!(records.get(17).name()[0], 1_717);
        assert_eq!(records.get(450).name()[0], 450);
        assert!(!records.is_taken(18));
    }
}

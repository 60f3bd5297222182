//! Open-addressed tables of 32-bit numbers: what finds a record's slot, a word, a place in a few
//! bytes each. The keys themselves lie elsewhere; the caller compares.

const EMPTY: u32 = u32::MAX;
const GONE: u32 = u32::MAX - 1;

/// Numbers found by a hash of what they stand for.
#[derive(Debug, Clone, Default)]
pub struct Table {
    cells: Vec<u32>,
    live: usize,
    used: usize,
}

impl Table {
    /// The number that stands under a hash and is the one meant.
    pub fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        if self.cells.is_empty() {
            return None;
        }
        let mask = self.cells.len() - 1;
        let mut at = spread(hash) & mask;
        loop {
            match self.cells[at] {
                EMPTY => return None,
                number if number != GONE && is_it(number) => return Some(number),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// Adds a number that is not there yet; `hash_of` tells the hash of those that are.
    pub fn insert(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        if (self.used + 1) * 5 > self.cells.len() * 4 {
            self.grow(hash_of);
        }
        self.place(hash, number);
        self.live += 1;
    }

    /// Takes a number out.
    pub fn remove(&mut self, hash: u64, number: u32) {
        if self.cells.is_empty() {
            return;
        }
        let mask = self.cells.len() - 1;
        let mut at = spread(hash) & mask;
        while self.cells[at] != EMPTY {
            if self.cells[at] == number {
                self.cells[at] = GONE;
                self.live -= 1;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    fn place(&mut self, hash: u64, number: u32) {
        let mask = self.cells.len() - 1;
        let mut at = spread(hash) & mask;
        while self.cells[at] != EMPTY {
            at = (at + 1) & mask;
        }
        self.cells[at] = number;
        self.used += 1;
    }

    fn grow(&mut self, hash_of: impl Fn(u32) -> u64) {
        let room = ((self.live + 1) * 2).max(16).next_power_of_two();
        let old = std::mem::replace(&mut self.cells, vec![EMPTY; room]);
        self.used = 0;
        for number in old.into_iter().filter(|one| *one < GONE) {
            self.place(hash_of(number), number);
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.cells.capacity() * 4
    }
}

fn spread(hash: u64) -> usize {
    (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24) as usize
}

/// A 64-bit hash of bytes that is the same on every machine and in every version (FNV-1a, mixed).
pub fn hash(kind: u8, bytes: &[u8]) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64 ^ u64::from(kind).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let folded =
        bytes.iter().fold(start, |sum, one| (sum ^ u64::from(*one)).wrapping_mul(0x0100_0000_01b3));
    mix(folded)
}

/// A hash of two numbers of one kind of key.
pub fn hash_pair(kind: u8, one: u64, other: u64) -> u64 {
    mix(mix(one ^ (u64::from(kind) << 56)).wrapping_add(other.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

const fn mix(mut sum: u64) -> u64 {
    sum ^= sum >> 32;
    sum = sum.wrapping_mul(0xd6e8_feb8_6659_fd93);
    sum ^= sum >> 32;
    sum = sum.wrapping_mul(0xd6e8_feb8_6659_fd93);
    sum ^ (sum >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_map(steps in proptest::collection::vec((0_u32..200, any::<bool>()), 0..400)) {
            let hash_of = |number: u32| hash(1, &(number % 50).to_le_bytes());
            let (mut table, mut model) = (Table::default(), BTreeSet::new());
            for (number, add) in steps {
                let known = model.contains(&number);
                if add && !known {
                    table.insert(hash_of(number), number, hash_of);
                    model.insert(number);
                } else if !add && known {
                    table.remove(hash_of(number), number);
                    model.remove(&number);
                }
            }
            for number in 0..200 {
                let found = table.find(hash_of(number), |one| one == number);
                prop_assert_eq!(found.is_some(), model.contains(&number));
            }
        }
    }

    #[test]
    fn hashes_stay_what_they_are() {
        assert_eq!(hash(1, b"hassan"), hash(1, b"hassan"));
        assert_ne!(hash(1, b"hassan"), hash(2, b"hassan"));
        assert_ne!(hash_pair(1, 2, 3), hash_pair(1, 3, 2));
    }
}

//! From a 32-bit key to the numbers filed under it: most keys have one, and cost eight bytes;
//! those with more hang in a chain. Two keys that share their 32 bits share their numbers, which
//! costs a comparison and never an answer.

const EMPTY: u32 = u32::MAX;
const GONE: u32 = u32::MAX - 1;
const END: u32 = u32::MAX >> 1;
const CHAIN: u32 = 1 << 31;

/// Numbers below 2^31 filed under keys.
#[derive(Debug, Clone)]
pub struct Chains {
    /// Key, and a number or where its chain begins.
    heads: Vec<(u32, u32)>,
    used: usize,
    links: Vec<(u32, u32)>,
    free: u32,
    unused: usize,
}

impl Default for Chains {
    fn default() -> Self {
        Self { heads: Vec::new(), used: 0, links: Vec::new(), free: END, unused: 0 }
    }
}

impl Chains {
    /// Numbers under a key, at most `most`; `None` if there are more.
    pub fn get<'a>(&self, key: u32, most: usize, into: &'a mut Vec<u32>) -> Option<&'a [u32]> {
        into.clear();
        let Some(at) = self.seek(key) else { return Some(into) };
        self.each(at, |number| {
            into.push(number);
            into.len() <= most
        });
        (into.len() <= most).then_some(into.as_slice())
    }

    /// Files a number under a key, once.
    pub fn insert(&mut self, key: u32, number: u32) {
        let Some(at) = self.seek(key) else {
            if (self.used + 1) * 8 > self.heads.len() * 7 {
                self.grow();
            }
            self.place(key, number);
            return;
        };
        let mut known = false;
        self.each(at, |one| {
            known = one == number;
            !known
        });
        if !known {
            self.lengthen(at, number);
        }
    }

    /// Files a number that cannot be there yet, without looking.
    pub fn push(&mut self, key: u32, number: u32) {
        match self.seek(key) {
            Some(at) => self.lengthen(at, number),
            None => self.insert(key, number),
        }
    }

    fn lengthen(&mut self, at: usize, number: u32) {
        let first = self.heads[at].1;
        let rest = if first & CHAIN == 0 { self.link(first, END) } else { first & !CHAIN };
        let link = self.link(number, rest);
        self.heads[at].1 = link | CHAIN;
    }

    /// Takes a number from under a key.
    pub fn remove(&mut self, key: u32, number: u32) {
        let Some(at) = self.seek(key) else { return };
        let first = self.heads[at].1;
        if first & CHAIN == 0 {
            if first == number {
                self.heads[at].1 = GONE;
            }
            return;
        }
        let (mut before, mut link) = (None, first & !CHAIN);
        while link != END {
            let (one, next) = self.links[link as usize];
            if one == number {
                self.unlink(at, before, link, next);
                return;
            }
            (before, link) = (Some(link), next);
        }
    }

    fn unlink(&mut self, at: usize, before: Option<u32>, link: u32, next: u32) {
        match before {
            Some(before) => self.links[before as usize].1 = next,
            None if next == END => self.heads[at].1 = GONE,
            None => self.heads[at].1 = next | CHAIN,
        }
        self.links[link as usize].1 = self.free;
        self.free = link;
        self.unused += 1;
    }

    fn link(&mut self, number: u32, next: u32) -> u32 {
        if self.free == END {
            tight(&mut self.links);
            self.links.push((number, next));
            return u32::try_from(self.links.len() - 1).unwrap_or(END - 1);
        }
        let link = self.free;
        self.free = self.links[link as usize].1;
        self.links[link as usize] = (number, next);
        self.unused -= 1;
        link
    }

    fn each(&self, at: usize, mut take: impl FnMut(u32) -> bool) {
        let first = self.heads[at].1;
        if first & CHAIN == 0 {
            take(first);
            return;
        }
        let mut link = first & !CHAIN;
        while link != END {
            let (number, next) = self.links[link as usize];
            if !take(number) {
                return;
            }
            link = next;
        }
    }

    fn seek(&self, key: u32) -> Option<usize> {
        if self.heads.is_empty() {
            return None;
        }
        let mut at = self.home(key);
        loop {
            match self.heads[at] {
                (_, EMPTY) => return None,
                (found, value) if found == key && value != GONE => return Some(at),
                _ => at = if at + 1 == self.heads.len() { 0 } else { at + 1 },
            }
        }
    }

    fn home(&self, key: u32) -> usize {
        ((u64::from(key) * self.heads.len() as u64) >> 32) as usize
    }

    fn place(&mut self, key: u32, value: u32) {
        let mut at = self.home(key);
        while self.heads[at].1 != EMPTY {
            at = if at + 1 == self.heads.len() { 0 } else { at + 1 };
        }
        self.heads[at] = (key, value);
        self.used += 1;
    }

    fn grow(&mut self) {
        let live = self.heads.iter().filter(|(_, value)| *value < GONE).count();
        let old = std::mem::replace(&mut self.heads, vec![(0, EMPTY); live * 8 / 5 + 16]);
        self.used = 0;
        for (key, value) in old.into_iter().filter(|(_, value)| *value < GONE) {
            self.place(key, value);
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        (self.heads.capacity() + self.links.capacity()) * 8
    }
}

/// Makes room for one more, an eighth at a time: what is rarely full is half empty.
pub fn tight<T>(list: &mut Vec<T>) {
    if list.len() == list.capacity() {
        list.reserve_exact(list.len() / 8 + 4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    proptest! {
        #[test]
        fn it_is_a_map_of_sets(
            steps in proptest::collection::vec((0_u32..30, 0_u32..20, any::<bool>()), 0..600),
        ) {
            let mut chains = Chains::default();
            let mut model: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
            for (key, number, add) in steps {
                let key = key.wrapping_mul(0x9e37_79b9);
                if add {
                    chains.insert(key, number);
                    model.entry(key).or_default().insert(number);
                } else {
                    chains.remove(key, number);
                    model.entry(key).or_default().remove(&number);
                }
            }
            let mut into = Vec::new();
            for (key, numbers) in model {
                let found: BTreeSet<u32> = chains.get(key, 100, &mut into).unwrap().iter().copied().collect();
                prop_assert_eq!(found, numbers);
            }
        }
    }

    #[test]
    fn what_is_too_common_is_not_told() {
        let mut chains = Chains::default();
        (0..50).for_each(|number| chains.push(7, number));
        assert_eq!(chains.get(7, 49, &mut Vec::new()), None);
        assert_eq!(chains.get(7, 50, &mut Vec::new()).map(<[u32]>::len), Some(50));
    }
}

//! Keys that join two things each of which may be everybody's, and both together are few
//! children's: two names, a name and a province, a phone, a day in a country.

use crate::lexicon::short;
use crate::table::hash_pair;

/// What keys are made of: hashes that are the same on every machine.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Skeletons of the words of the child's name.
    pub name: Vec<u64>,
    /// Those of the child's own names.
    pub given: Vec<u64>,
    pub father: Option<u64>,
    pub mother: Option<u64>,
    /// Provinces of the last place and of the separation.
    pub provinces: Vec<u64>,
    /// The day of separation, and the country.
    pub day: Option<(u16, u64)>,
    pub phones: Vec<u32>,
}

mod kind {
    pub const NAMES: u8 = 0x50;
    pub const GIVEN_PROVINCE: u8 = 0x51;
    pub const GIVEN_MOTHER: u8 = 0x52;
    pub const PARENTS: u8 = 0x53;
    pub const MOTHER_PROVINCE: u8 = 0x54;
    pub const DAY: u8 = 0x55;
    pub const PHONE: u8 = 0x56;
}

/// Words of a name that are joined two by two.
const PAIRED: usize = 4;

/// The keys of a record or a question, each once.
pub fn keys(of: &Sources) -> Vec<u32> {
    let mut keys = Vec::with_capacity(16);
    let mut add = |kind: u8, one: u64, other: u64| keys.push(short(hash_pair(kind, one, other)));
    for (at, one) in of.name.iter().take(PAIRED).enumerate() {
        for other in of.name.iter().take(PAIRED).skip(at + 1) {
            add(kind::NAMES, *one.min(other), *one.max(other));
        }
    }
    for given in of.given.iter().take(2) {
        of.provinces.iter().for_each(|province| add(kind::GIVEN_PROVINCE, *given, *province));
        of.mother.iter().for_each(|mother| add(kind::GIVEN_MOTHER, *given, *mother));
    }
    if let Some(mother) = of.mother {
        of.father.iter().for_each(|father| add(kind::PARENTS, *father, mother));
        of.provinces.iter().take(1).for_each(|it| add(kind::MOTHER_PROVINCE, mother, *it));
    }
    of.day.iter().for_each(|(day, country)| add(kind::DAY, u64::from(*day), *country));
    of.phones.iter().for_each(|phone| add(kind::PHONE, u64::from(*phone), 0));
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_names_does_not_matter() {
        let of = |name: [u64; 3]| keys(&Sources { name: name.into(), ..Sources::default() });
        assert_eq!(of([1, 2, 3]), of([3, 1, 2]));
        assert_eq!(of([1, 2, 3]).len(), 3);
    }

    #[test]
    fn a_full_record_has_a_dozen_keys() {
        let full = Sources {
            name: vec![1, 2, 3, 4],
            given: vec![1],
            father: Some(2),
            mother: Some(5),
            provinces: vec![6, 7],
            day: Some((8, 9)),
            phones: vec![10],
        };
        assert_eq!(keys(&full).len(), 13);
    }
}

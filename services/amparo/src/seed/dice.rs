//! Chance that repeats itself: the same seed and number give the same case on every machine.

use uuid::Uuid;

/// A stream of numbers that follow from a seed (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// The dice of the n-th thing under a seed; neighbours have nothing in common.
    pub fn new(seed: u64, number: u64) -> Self {
        let mut dice = Self { state: seed ^ 0x5eed_ca5e_0000_0000 };
        dice.state = dice.roll() ^ number.wrapping_mul(0xd134_2543_de82_ef95);
        dice.roll();
        dice
    }

    fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but not including, `limit`; 0 where the limit is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        let wide = u128::from(self.roll()) * (limit as u128);
        usize::try_from(wide >> 64).unwrap_or_default()
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = usize::try_from(high - low + 1).unwrap_or_default();
        low + i64::try_from(self.below(span)).unwrap_or_default()
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: u8) -> bool {
        self.below(100) < usize::from(percent)
    }

    /// One of a list. The list has at least one.
    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    /// One of a list by weight. The list has at least one.
    pub fn weighted<T: Copy>(&mut self, list: &[(u32, T)]) -> T {
        let total: u32 = list.iter().map(|(weight, _)| weight).sum();
        let mut at = u32::try_from(self.below(total as usize)).unwrap_or_default();
        for (weight, one) in list {
            if at < *weight {
                return *one;
            }
            at -= weight;
        }
        list[0].1
    }

    /// An id in the shape of a random UUID.
    pub fn uuid(&mut self) -> Uuid {
        let wide = u128::from(self.roll()) << 64 | u128::from(self.roll());
        uuid::Builder::from_random_bytes(wide.to_be_bytes()).into_uuid()
    }

    /// `count` decimal digits.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap_or_default()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_gives_the_same_rolls() {
        let rolls = |seed, number| {
            let mut dice = Dice::new(seed, number);
            (0..5).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(rolls(1, 7), rolls(1, 7));
        assert_ne!(rolls(1, 7), rolls(1, 8));
        assert_ne!(rolls(1, 7), rolls(2, 7));
    }

    #[test]
    fn numbers_stay_in_their_range_and_reach_its_ends() {
        let mut dice = Dice::new(1, 1);
        let rolls: Vec<i64> = (0..1000).map(|_| dice.between(-2, 3)).collect();
        assert_eq!((rolls.iter().min(), rolls.iter().max()), (Some(&-2), Some(&3)));
        assert!(!dice.chance(0) && dice.chance(100));
        assert_eq!(dice.weighted(&[(0, "never"), (1, "always")]), "always");
        assert_eq!(dice.digits(9).len(), 9);
    }

    #[test]
    fn ids_are_random_uuids() {
        let id = Dice::new(1, 1).uuid();
        assert_eq!((id.get_version_num(), id.get_variant()), (4, uuid::Variant::RFC4122));
    }
}

//! Chance that can be had again: everything that is decided by chance follows from a seed.

use std::time::Duration;

/// A stream of choices (splitmix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The same seed gives the same choices.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Choices of their own for someone else.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self(self.draw())
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.draw() % end).unwrap_or_default()
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A time between the two, in milliseconds.
    pub fn pause(&mut self, from: usize, to: usize) -> Duration {
        let milliseconds = from + self.below(to - from);
        Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default())
    }

    /// How long until the next of those who come independently of one another, so many a second.
    #[expect(clippy::cast_precision_loss, reason = "a fraction of 32 bits")]
    pub fn until_next(&mut self, per_second: f64) -> Duration {
        let fraction = (self.draw() >> 32) as f64 / (1_u64 << 32) as f64;
        Duration::from_secs_f64(-(1.0 - fraction).ln() / per_second)
    }

    /// An id.
    pub fn id(&mut self) -> uuid::Uuid {
        let (high, low) = (self.draw(), self.draw());
        uuid::Builder::from_u128((u128::from(high) << 64) | u128::from(low)).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_independently_comes_as_often_as_was_said() {
        let mut dice = Dice::new(7);
        let total: Duration = (0..10_000).map(|_| dice.until_next(50.0)).sum();
        assert!((195.0..205.0).contains(&total.as_secs_f64()), "{total:?}");
        assert_eq!(Dice::new(7).id(), Dice::new(7).id());
    }
}

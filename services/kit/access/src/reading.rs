//! When reading looks like carrying records away: an account is held against its own habit. What
//! anybody may read in an hour is free, so that new and quiet accounts are never in the way of
//! themselves; beyond it counts what this account usually reads in an hour in which it reads.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Fewer active hours are no habit: the only hour of an account may be the theft.
const ENOUGH_HOURS: usize = 5;
/// How many times the limit is reached when nothing more is shown.
const STOP: u64 = 5;
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(3);

/// From where on reading is unusual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadingRules {
    /// Records that every account may read in an hour; 0 lets everyone read without end.
    pub floor: u64,
    /// How many times its usual hour an account may read.
    pub factor: u64,
}

impl Default for ReadingRules {
    fn default() -> Self {
        Self { floor: 2_000, factor: 5 }
    }
}

/// What an account reads in an hour in which it reads at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Habit {
    /// The median of its active hours; 0 when there are too few.
    pub usual: u64,
}

/// How an account may go on reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    Usual,
    /// Each answer comes this much later.
    Slowed(Duration),
    /// Not before the hour is over.
    Stopped,
}

impl Habit {
    /// From the records read in each past hour; hours without any do not count.
    pub fn of(hours: impl IntoIterator<Item = u64>) -> Self {
        let mut active: Vec<u64> = hours.into_iter().filter(|records| *records > 0).collect();
        if active.len() < ENOUGH_HOURS {
            return Self::default();
        }
        active.sort_unstable();
        // Of two in the middle the smaller one.
        Self { usual: active[(active.len() - 1) / 2] }
    }
}

impl ReadingRules {
    /// Records in an hour from which on reading is slowed and reported.
    pub fn limit(&self, habit: Habit) -> u64 {
        self.floor.max(habit.usual.saturating_mul(self.factor))
    }

    /// Records in an hour after which nothing more is shown.
    pub fn end(&self, habit: Habit) -> u64 {
        self.limit(habit).saturating_mul(STOP)
    }

    /// The pace of an account that has read so many records in this hour.
    pub fn pace(&self, habit: Habit, records: u64) -> Pace {
        let (limit, end) = (self.limit(habit), self.end(habit));
        if self.floor == 0 || records <= limit {
            return Pace::Usual;
        }
        if records >= end {
            return Pace::Stopped;
        }
        let range = u128::from(end - limit);
        let millis = LONGEST.as_millis() * u128::from(records - limit) / range;
        let delay = Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX));
        Pace::Slowed(delay.max(SHORTEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULES: ReadingRules = ReadingRules { floor: 100, factor: 5 };

    #[test]
    fn a_new_account_may_read_what_everyone_may() {
        let new = Habit::of([]);
        assert_eq!(RULES.pace(new, 100), Pace::Usual);
        assert!(matches!(RULES.pace(new, 101), Pace::Slowed(_)));
        assert_eq!(RULES.pace(new, 500), Pace::Stopped);
    }

    #[test]
    fn a_quiet_account_is_not_held_to_its_quiet_habit() {
        let quiet = Habit::of([1, 2, 1, 3, 1, 1]);
        assert_eq!(quiet.usual, 1);
        assert_eq!(RULES.pace(quiet, 100), Pace::Usual);
    }

    #[test]
    fn a_busy_account_goes_on_as_it_always_does() {
        let busy = Habit::of([900, 1_000, 1_100, 1_000, 1_000, 0, 0, 0]);
        assert_eq!(busy.usual, 1_000);
        assert_eq!(RULES.pace(busy, 5_000), Pace::Usual);
        assert!(matches!(RULES.pace(busy, 5_001), Pace::Slowed(_)));
    }

    #[test]
    fn one_theft_makes_no_habit() {
        assert_eq!(Habit::of([50_000]), Habit::default());
        let habit = Habit::of([20, 30, 20, 25, 20, 50_000, 50_000]);
        assert_eq!(habit.usual, 25);
        assert_eq!(RULES.pace(habit, 50_000), Pace::Stopped);
    }

    #[test]
    fn no_floor_means_no_alarm() {
        let off = ReadingRules { floor: 0, factor: 5 };
        assert_eq!(off.pace(Habit { usual: 1 }, u64::MAX), Pace::Usual);
    }

    proptest! {
        #[test]
        fn whoever_reads_more_never_goes_faster(
            hours in prop::collection::vec(0_u64..10_000, 0..50),
            one in any::<u64>(),
            other in any::<u64>(),
        ) {
            let habit = Habit::of(hours);
            let wait = |records| match RULES.pace(habit, records) {
                Pace::Usual => Duration::ZERO,
                Pace::Slowed(delay) => delay,
                Pace::Stopped => Duration::MAX,
            };
            prop_assert!(wait(one.min(other)) <= wait(one.max(other)));
            prop_assert!(wait(RULES.floor) == Duration::ZERO);
        }
    }
}

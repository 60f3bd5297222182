//! Where time and chance enter: a clock and a source of ids, both replaceable in tests.

use std::fmt::{Debug, Formatter};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use uuid::{Builder, Uuid};

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[expect(clippy::disallowed_methods, reason = "this is the edge")]
    pub fn system() -> Self {
        Self(Arc::new(Timestamp::now))
    }

    /// The time, cut to microseconds, which is what Postgres keeps.
    pub fn now(&self) -> Timestamp {
        let exact = (self.0)();
        Timestamp::from_microsecond(exact.as_microsecond()).unwrap_or(exact)
    }

    /// The current day in UTC.
    pub fn today(&self) -> Date {
        self.now().to_zoned(TimeZone::UTC).date()
    }
}

impl Debug for Clock {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(start.as_microsecond())))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: SignedDuration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// Sets the clock, backwards too.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.as_microsecond(), Ordering::SeqCst);
    }

    /// The clock to hand to a service.
    pub fn clock(&self) -> Clock {
        let micros = Arc::clone(&self.0);
        Clock(Arc::new(move || {
            Timestamp::from_microsecond(micros.load(Ordering::SeqCst)).unwrap_or_default()
        }))
    }
}

/// Makes ids and random bytes.
#[derive(Clone)]
pub struct Ids {
    clock: Clock,
    chance: Chance,
}

#[derive(Clone)]
enum Chance {
    System,
    Seeded(Arc<AtomicU64>),
}

impl Ids {
    /// Ids from the operating system's randomness.
    pub fn system(clock: Clock) -> Self {
        Self { clock, chance: Chance::System }
    }

    /// The same ids in the same order each time; for tests and generators of test data.
    pub fn seeded(clock: Clock, seed: u64) -> Self {
        Self { clock, chance: Chance::Seeded(Arc::new(AtomicU64::new(seed))) }
    }

    /// A time-ordered id (`UUIDv7`).
    pub fn v7(&self) -> Uuid {
        let millis = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// An id that tells nothing (`UUIDv4`).
    pub fn v4(&self) -> Uuid {
        Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// Random bytes, fit for keys and secrets.
    ///
    /// # Panics
    /// When the operating system has no randomness: nothing safe can be done then.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    #[expect(clippy::expect_used, reason = "without randomness nothing safe can be done")]
    fn fill(&self, bytes: &mut [u8]) {
        match &self.chance {
            Chance::System => getrandom::fill(bytes).expect("the operating system's randomness"),
            Chance::Seeded(state) => {
                for chunk in bytes.chunks_mut(8) {
                    let word = split_mix(state.fetch_add(1, Ordering::SeqCst)).to_le_bytes();
                    chunk.copy_from_slice(&word[..chunk.len()]);
                }
            }
        }
    }
}

impl Debug for Ids {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ids")
    }
}

/// `SplitMix64`: spreads a counter over all bits.
fn split_mix(counter: u64) -> u64 {
    let mut word = counter.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_clock_moves_only_when_told() {
        let test = TestClock::new("2026-01-31T09:00:00Z".parse().unwrap());
        let clock = test.clock();
        let before = clock.now();
        assert_eq!(before, clock.now());
        test.advance(SignedDuration::from_mins(61));
        assert_eq!(clock.now().to_string(), "2026-01-31T10:01:00Z");
        assert_eq!(clock.today().to_string(), "2026-01-31");
    }

    #[test]
    fn seeded_ids_repeat_and_differ() {
        let clock = TestClock::new(Timestamp::UNIX_EPOCH).clock();
        let first = Ids::seeded(clock.clone(), 7);
        let second = Ids::seeded(clock.clone(), 7);
        let ids: Vec<Uuid> = (0..4).map(|_| first.v7()).collect();
        assert_eq!(ids, (0..4).map(|_| second.v7()).collect::<Vec<_>>());
        assert_ne!(ids[0], ids[1]);
        assert_eq!(ids[0].get_version_num(), 7);
        assert_eq!(Ids::system(clock).v4().get_version_num(), 4);
    }
}

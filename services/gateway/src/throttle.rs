//! Two brakes: so many tries per minute and name, and so many requests per second and caller.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;

const REMEMBERED: NonZeroUsize = NonZeroUsize::new(50_000).unwrap();
const MINUTE: Duration = Duration::from_mins(1);

/// At most so many tries within any minute.
#[derive(Debug)]
pub struct Tries<K: Hash + Eq> {
    allowed: usize,
    seen: Mutex<LruCache<K, Vec<Instant>>>,
}

impl<K: Hash + Eq> Tries<K> {
    /// Allows `allowed` tries a minute.
    pub fn new(allowed: usize) -> Self {
        Self { allowed, seen: Mutex::new(LruCache::new(REMEMBERED)) }
    }

    /// Counts a try; false when there were too many. Refused tries don't count.
    pub fn admit(&self, key: K, now: Instant) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = seen.get_or_insert_mut(key, Vec::new);
        tries.retain(|at| now.duration_since(*at) < MINUTE);
        let fits = tries.len() < self.allowed;
        if fits {
            tries.push(now);
        }
        fits
    }

    /// Takes back a try that was counted at this moment.
    pub fn forgive(&self, key: &K, at: Instant) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tries) = seen.get_mut(key)
            && let Some(place) = tries.iter().position(|one| *one == at)
        {
            tries.swap_remove(place);
        }
    }
}

/// A bucket of tokens per caller, filled at a steady rate.
#[derive(Debug)]
pub struct Rate<K: Hash + Eq> {
    per_second: f64,
    burst: f64,
    buckets: Mutex<LruCache<K, (f64, Instant)>>,
}

impl<K: Hash + Eq> Rate<K> {
    /// No limit when `per_second` is 0.
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self {
            per_second: f64::from(per_second),
            burst: f64::from(burst.max(1)),
            buckets: Mutex::new(LruCache::new(REMEMBERED)),
        }
    }

    /// Takes a token; false when there is none.
    pub fn admit(&self, key: K, now: Instant) -> bool {
        self.admit_at(key, None, now)
    }

    /// As [`Rate::admit`], at a rate of the caller's own where there is one; its burst is in
    /// proportion. Another rate counts from the next token on.
    pub fn admit_at(&self, key: K, own: Option<u32>, now: Instant) -> bool {
        let (per_second, burst) = self.of(own);
        if per_second == 0.0 {
            return true;
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, at) = buckets.get_or_insert_mut(key, || (burst, now));
        let gained = now.duration_since(*at).as_secs_f64() * per_second;
        *tokens = (*tokens + gained).min(burst);
        *at = now;
        let fits = *tokens >= 1.0;
        if fits {
            *tokens -= 1.0;
        }
        fits
    }

    /// Tokens per second, and how many at once.
    fn of(&self, own: Option<u32>) -> (f64, f64) {
        let Some(own) = own.map(f64::from) else { return (self.per_second, self.burst) };
        let seconds = if self.per_second == 0.0 { 1.0 } else { self.burst / self.per_second };
        (own, (own * seconds).max(1.0))
    }

    /// Puts back a token that was taken.
    pub fn give_back(&self, key: &K) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((tokens, _)) = buckets.get_mut(key) {
            *tokens = (*tokens + 1.0).min(self.burst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seventh_try_within_a_minute_is_refused() {
        let tries = Tries::new(6);
        let start = Instant::now();
        assert!((0..6).all(|second| tries.admit("ann", start + Duration::from_secs(second))));
        assert!(!tries.admit("ann", start + Duration::from_secs(10)));
        assert!(tries.admit("bob", start + Duration::from_secs(10)));
        assert!(tries.admit("ann", start + Duration::from_secs(61)));
    }

    #[test]
    fn a_burst_is_allowed_and_then_the_rate() {
        let rate = Rate::new(2, 3);
        let start = Instant::now();
        assert!((0..3).all(|_| rate.admit("ann", start)));
        assert!(!rate.admit("ann", start));
        assert!(rate.admit("ann", start + Duration::from_millis(500)));
        assert!(!rate.admit("ann", start + Duration::from_millis(500)));
        rate.give_back(&"ann");
        assert!(rate.admit("ann", start + Duration::from_millis(500)));
        assert!((0..1_000).all(|_| Rate::new(0, 0).admit("bob", start)));
    }

    #[test]
    fn a_rate_of_ones_own_takes_the_place_of_everybodys() {
        let rate = Rate::new(100, 400);
        let start = Instant::now();
        let many = |who, own, at| (0..1_000).filter(|_| rate.admit_at(who, own, at)).count();
        assert_eq!(many("small", Some(2), start), 8);
        assert_eq!(many("large", Some(200), start), 800);
        assert_eq!(many("plain", None, start), 400);
        let later = start + Duration::from_secs(1);
        assert_eq!(many("small", Some(2), later), 2);
        // Lowered, and then none of its own.
        assert_eq!(many("large", Some(1), later + Duration::from_mins(1)), 4);
        assert_eq!(many("small", None, later + Duration::from_mins(1)), 400);
        // Where nobody else has one.
        let free = Rate::new(0, 0);
        assert_eq!((0..9).filter(|_| free.admit_at("a", Some(3), start)).count(), 3);
    }
}

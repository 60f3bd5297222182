//! Passwords that were right a moment ago, as keyed hashes together with the hash they matched:
//! a changed password is another mark, so nothing has to be dropped.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;

const KEPT: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
const FOR: Duration = Duration::from_mins(1);

/// Marks of name, password and stored hash.
pub(super) struct Known(Mutex<LruCache<Vec<u8>, Instant>>);

impl Default for Known {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(KEPT)))
    }
}

impl Known {
    pub fn remembers(&self, mark: &[u8]) -> bool {
        let mut marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        marks.get(mark).is_some_and(|since| since.elapsed() < FOR)
    }

    pub fn remember(&self, mark: Vec<u8>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(mark, Instant::now());
    }
}

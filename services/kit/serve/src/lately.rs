//! What was used lately: large things that many tenants have and few need at a time.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use lru::LruCache;
use tokio::time::Instant;

type Kept<K, V> = LruCache<K, (Instant, V)>;

/// Values by key: at most so many, and none that nobody used for so long. Clones are one.
#[derive(Debug)]
pub struct Lately<K: Hash + Eq, V> {
    kept: Arc<Mutex<Kept<K, V>>>,
    rest: Duration,
}

impl<K: Hash + Eq, V> Clone for Lately<K, V> {
    fn clone(&self) -> Self {
        Self { kept: Arc::clone(&self.kept), rest: self.rest }
    }
}

impl<K: Hash + Eq + Send + 'static, V: Clone + Send + 'static> Lately<K, V> {
    /// Nothing yet. Beyond `most` what was used longest ago goes; after `rest` whatever rests.
    pub fn new(most: NonZeroUsize, rest: Duration) -> Self {
        Self { kept: Arc::new(Mutex::new(LruCache::new(most))), rest }
    }

    /// What is kept under a key, which is used with that.
    pub fn get(&self, key: &K) -> Option<V> {
        let mut kept = locked(&self.kept);
        let (used, value) = kept.get_mut(key)?;
        *used = Instant::now();
        Some(value.clone())
    }

    /// Keeps a value, within a Tokio runtime.
    pub fn put(&self, key: K, value: V) {
        self.put_unless(key, value, |_| false);
    }

    /// The same, unless what is kept under the key is as `better` says.
    pub fn put_unless(&self, key: K, value: V, better: impl FnOnce(&V) -> bool) {
        let mut kept = locked(&self.kept);
        if kept.peek(&key).is_some_and(|(_, known)| better(known)) {
            return;
        }
        if kept.is_empty() {
            tokio::spawn(forget_resting(Arc::downgrade(&self.kept), self.rest));
        }
        kept.put(key, (Instant::now(), value));
    }

    /// Forgets what is kept under a key.
    pub fn forget(&self, key: &K) {
        locked(&self.kept).pop(key);
    }
}

/// Goes on for as long as something is kept.
async fn forget_resting<K: Hash + Eq, V>(kept: Weak<Mutex<Kept<K, V>>>, rest: Duration) {
    loop {
        tokio::time::sleep(rest / 2).await;
        let Some(kept) = kept.upgrade() else { return };
        let mut kept = locked(&kept);
        while kept.peek_lru().is_some_and(|(_, (used, _))| used.elapsed() >= rest) {
            kept.pop_lru();
        }
        if kept.is_empty() {
            return;
        }
    }
}

fn locked<K: Hash + Eq, V>(kept: &Mutex<Kept<K, V>>) -> MutexGuard<'_, Kept<K, V>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_mins(2);

    fn lately() -> Lately<u8, Arc<str>> {
        Lately::new(NonZeroUsize::new(2).unwrap(), REST)
    }

    #[tokio::test(start_paused = true)]
    async fn what_rests_is_let_go_and_what_is_used_stays() {
        let (lately, one) = (lately(), Arc::<str>::from("one"));
        lately.put(1, Arc::clone(&one));
        lately.put(2, "two".into());
        for _ in 0..5 {
            tokio::time::sleep(REST / 2).await;
            assert_eq!(lately.get(&2).as_deref(), Some("two"));
        }
        assert_eq!(Arc::strong_count(&one), 1, "held though nobody asks for it");
        tokio::time::sleep(REST * 2).await;
        assert!(lately.get(&2).is_none());
        // It goes on after all of it was forgotten.
        lately.put(1, Arc::clone(&one));
        tokio::time::sleep(REST * 2).await;
        assert_eq!(Arc::strong_count(&one), 1);
    }

    #[tokio::test]
    async fn few_are_kept_and_a_better_one_stays() {
        let lately = lately();
        lately.put(1, "old".into());
        lately.put_unless(1, "older".into(), |known| &**known == "old");
        assert_eq!(lately.get(&1).as_deref(), Some("old"));
        lately.put(2, "two".into());
        lately.put(3, "three".into());
        assert!(lately.get(&1).is_none());
        lately.forget(&3);
        assert!(lately.get(&3).is_none() && lately.get(&2).is_some());
    }
}

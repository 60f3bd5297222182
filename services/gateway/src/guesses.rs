//! Wrong passwords: so many a minute for one user name and for one network, however they are
//! sent. Whoever's credentials were lately found good is not held up by those who guess, and a
//! user who has signed in from a network is not held up by what others do there.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use lru::LruCache;
use uuid::Uuid;

use crate::caller::Caller;
use crate::throttle::Tries;

const REMEMBERED: NonZeroUsize = NonZeroUsize::new(20_000).unwrap();

/// A user of a tenant, by the name as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Named {
    pub tenant: Uuid,
    pub name: String,
}

impl Named {
    /// Names are compared without case and surrounding blanks.
    pub fn new(tenant: Uuid, typed: &str) -> Self {
        Self { tenant, name: typed.trim().to_lowercase() }
    }
}

/// A try that counts as wrong until it is known to be good.
#[derive(Debug)]
pub struct Guess {
    network: Option<Caller>,
    from: Caller,
    named: Named,
    by_name: bool,
    at: Instant,
}

/// Counts them.
#[derive(Debug)]
pub struct Guesses {
    names: Tries<Named>,
    networks: Tries<Caller>,
    /// Who has signed in from where.
    regulars: Mutex<LruCache<(Caller, Named), ()>>,
}

impl Guesses {
    /// Allows so many wrong ones a minute.
    pub fn new(by_name: usize, by_network: usize) -> Self {
        Self {
            names: Tries::new(by_name),
            networks: Tries::new(by_network),
            regulars: Mutex::new(LruCache::new(REMEMBERED)),
        }
    }

    /// Lets a try of HTTP Basic begin; nothing when there were too many wrong ones.
    pub fn begin(&self, from: Caller, named: Named, now: Instant) -> Option<Guess> {
        self.begun(from, named, true, now)
    }

    /// The same for signing in, whose tries are counted by name elsewhere.
    pub fn begin_sign_in(&self, from: Caller, named: Named, now: Instant) -> Option<Guess> {
        self.begun(from, named, false, now)
    }

    fn begun(&self, from: Caller, named: Named, by_name: bool, at: Instant) -> Option<Guess> {
        if by_name && !self.names.admit(named.clone(), at) {
            return None;
        }
        let network = (!self.is_regular(&from, &named)).then(|| from.clone());
        if let Some(network) = &network
            && !self.networks.admit(network.clone(), at)
        {
            if by_name {
                self.names.forgive(&named, at);
            }
            return None;
        }
        Some(Guess { network, from, named, by_name, at })
    }

    /// It was no wrong password, whatever else came of it.
    pub fn forgive(&self, guess: &Guess) {
        if guess.by_name {
            self.names.forgive(&guess.named, guess.at);
        }
        if let Some(network) = &guess.network {
            self.networks.forgive(network, guess.at);
        }
    }

    /// It was right.
    pub fn was_right(&self, guess: Guess) {
        self.forgive(&guess);
        let mut regulars = self.regulars.lock().unwrap_or_else(PoisonError::into_inner);
        regulars.put((guess.from, guess.named), ());
    }

    fn is_regular(&self, from: &Caller, named: &Named) -> bool {
        let mut regulars = self.regulars.lock().unwrap_or_else(PoisonError::into_inner);
        regulars.get(&(from.clone(), named.clone())).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> Caller {
        Caller::Network("192.0.2.1".parse().unwrap())
    }

    fn named(name: &str) -> Named {
        Named::new(Uuid::nil(), name)
    }

    #[test]
    fn wrong_passwords_are_few_per_name_and_per_network() {
        let (guesses, now) = (Guesses::new(2, 5), Instant::now());
        let begin = |name: &str| guesses.begin(office(), named(name), now).is_some();
        assert!(begin("ann") && begin(" ANN ") && !begin("ann"));
        assert!(begin("b") && begin("c") && begin("d"));
        assert!(!begin("e"), "the network has used up its own");
        let elsewhere = Caller::Network("192.0.2.2".parse().unwrap());
        assert!(guesses.begin(elsewhere, named("e"), now).is_some());
    }

    #[test]
    fn right_ones_cost_nothing_and_are_remembered() {
        let (guesses, now) = (Guesses::new(2, 3), Instant::now());
        for _ in 0..20 {
            guesses.was_right(guesses.begin(office(), named("ann"), now).unwrap());
        }
        while guesses.begin(office(), named(&now.elapsed().as_nanos().to_string()), now).is_some() {
        }
        assert!(guesses.begin(office(), named("bob"), now).is_none());
        assert!(guesses.begin(office(), named("ann"), now).is_some(), "others guess, not ann");
        assert!(guesses.begin_sign_in(office(), named("ann"), now).is_some());
    }
}

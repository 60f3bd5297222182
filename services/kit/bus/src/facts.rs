//! From private events to public facts.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use kit_proto::facts::v1::fact::Kind;
use kit_store::{DataKey, Loaded, LogEntry, Recorded, Store, StoreError, Stored};
use lru::LruCache;
use uuid::Uuid;

/// Which of an aggregate's events others may know, and as what. Pure: the same event gives the
/// same fact, however often it is published.
pub trait Facts<A: Stored>: Send + Sync + 'static {
    /// Whether the fact needs the state; without it `after` is the default and mapping is cheap.
    const NEEDS_STATE: bool = true;

    /// The fact and the id that ends its subject, or nothing. `after` is the state just after
    /// the event, `key` the record's own key, to seal what is sealed in the fact.
    fn fact(
        &self,
        recorded: &Recorded<A::Event>,
        after: &A,
        key: Option<&DataKey>,
    ) -> Result<Option<(String, Kind)>, StoreError>;
}

/// [`Facts`] of any aggregate.
pub(crate) trait AnyFacts: Send + Sync {
    fn map<'a>(
        &'a self,
        store: &'a Store,
        entry: &'a LogEntry,
        key: Option<&'a DataKey>,
    ) -> BoxFuture<'a, Result<Option<Mapped>, StoreError>>;
}

/// What a relay needs to make the public fact.
pub(crate) struct Mapped {
    pub id: String,
    pub kind: Kind,
    pub actor: String,
    pub recorded_at: i64,
}

/// States that are kept at a time: of a record some tens of kilobytes each.
const STATES: usize = 256;

type States<A> = LruCache<(Uuid, String), (u64, Arc<A>)>;

/// A mapping and the states of the streams that it met last: a stream's events follow
/// one another in the log, so that the state is nearly always at hand.
pub(crate) struct Mapping<A: Stored, F> {
    facts: F,
    states: Mutex<States<A>>,
}

impl<A: Stored, F: Facts<A>> Mapping<A, F> {
    pub fn new(facts: F) -> Self {
        let states = LruCache::new(NonZeroUsize::new(STATES).expect("not zero"));
        Self { facts, states: Mutex::new(states) }
    }

    async fn after(
        &self,
        store: &Store,
        recorded: &Recorded<A::Event>,
    ) -> Result<Arc<A>, StoreError> {
        // What was appended a moment ago is at hand as a rule.
        match store.remembered::<A>(recorded.tenant, &recorded.stream) {
            Some((version, state)) if version == recorded.version => return Ok(state),
            _ => {}
        }
        let at = (recorded.tenant, recorded.stream.clone());
        let known = self.states.lock().expect("not poisoned").pop(&at);
        let before = match known {
            Some((version, state)) if version + 1 == recorded.version => state,
            _ if recorded.version == 1 => Arc::default(),
            _ => {
                let loaded: Loaded<A> =
                    store.state_at(recorded.tenant, &recorded.stream, recorded.version - 1).await?;
                loaded.state
            }
        };
        let mut state = Arc::unwrap_or_clone(before);
        state.evolve(&recorded.event);
        let state = Arc::new(state);
        let kept = (recorded.version, Arc::clone(&state));
        self.states.lock().expect("not poisoned").put(at, kept);
        Ok(state)
    }
}

impl<A: Stored, F: Facts<A>> AnyFacts for Mapping<A, F> {
    fn map<'a>(
        &'a self,
        store: &'a Store,
        entry: &'a LogEntry,
        key: Option<&'a DataKey>,
    ) -> BoxFuture<'a, Result<Option<Mapped>, StoreError>> {
        Box::pin(async move {
            let recorded = entry.open::<A>(key)?;
            let after =
                if F::NEEDS_STATE { self.after(store, &recorded).await? } else { Arc::default() };
            let fact = self.facts.fact(&recorded, &after, key)?;
            Ok(fact.map(|(id, kind)| Mapped {
                id,
                kind,
                actor: recorded.by,
                recorded_at: recorded.at_unix_us,
            }))
        })
    }
}

//! The vocabulary of event sourcing. No I/O, no async, no clock, no randomness:
//! what is written against this crate is tested with `assert_eq!`.

mod stored;

pub use stored::Stored;
use uuid::Uuid;

/// What a stream of events adds up to.
pub trait Aggregate: Default {
    /// A stream is named `{CATEGORY}-{id}`.
    const CATEGORY: &'static str;
    type Event;

    /// Folds one fact in. Total: what has happened cannot be refused.
    fn evolve(&mut self, event: &Self::Event);
}

/// One thing that may be asked of an aggregate.
pub trait Command {
    type Of: Aggregate;
    type Refusal;

    /// `Ok(vec![])` says "already so", which makes a repeated command harmless.
    fn decide(self, state: &Self::Of) -> Result<Vec<EventOf<Self>>, Self::Refusal>;
}

pub type EventOf<C> = <<C as Command>::Of as Aggregate>::Event;

/// What the system itself asks for once a fact is known (a process manager).
/// The shell delivers each intent at least once, under an id made from the fact's.
pub trait Reaction {
    const NAME: &'static str;
    type Event;
    type Intent;

    fn react(&self, fact: &Recorded<Self::Event>) -> Vec<Self::Intent>;
}

/// An event as the store holds it: a fact, and who recorded it, where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded<E> {
    pub tenant: Uuid,
    /// A version 7 UUID; the public fact made from this event carries it too.
    pub id: Uuid,
    /// `{CATEGORY}-{id}`.
    pub stream: String,
    /// Counts from 1 within the stream.
    pub version: u64,
    /// Unix microseconds, UTC.
    pub at_unix_us: i64,
    /// User name of the actor, or the service's own name.
    pub by: String,
    pub command_id: Uuid,
    /// The request that all of this began with.
    pub correlation: Uuid,
    /// The event or fact that this one follows from.
    pub causation: Option<Uuid>,
    /// W3C `traceparent`.
    pub trace: Option<String>,
    pub event: E,
}

/// History to present; the store and every test begin here.
pub fn fold<'a, A: Aggregate>(history: impl IntoIterator<Item = &'a A::Event>) -> A
where
    A::Event: 'a,
{
    let mut state = A::default();
    history.into_iter().for_each(|event| state.evolve(event));
    state
}

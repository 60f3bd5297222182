//! Commands: decided on what is known, stored with what follows, once per command id.

use std::borrow::Cow;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use kit_decider::{Command, Recorded};

use crate::append::{CommandRow, Span, known_command};
use crate::load::{Found, Loaded, find};
use crate::store::Inner;
use crate::unit::{Unit, command_name};
use crate::{ExecuteError, Meta, Store, StoreError, Stored, stream_name};

/// How often a command is decided anew when others write to the same stream.
const ATTEMPTS: u32 = 8;

/// What a command led to.
#[derive(Debug, Clone)]
pub struct Outcome<A: Stored> {
    /// After the command's own events.
    pub state: Arc<A>,
    pub version: u64,
    /// The command's events; none when it was already so.
    pub recorded: Vec<Recorded<A::Event>>,
    /// Whether this is the outcome of an earlier try under the same command id.
    pub replayed: bool,
}

/// What a unit of work led to.
#[derive(Debug, Clone)]
pub enum Done<T> {
    Now(T),
    /// It was done before under the same command id; these streams were written.
    Before(Vec<Span>),
}

impl Store {
    /// Decides a command on a stream and stores what follows, once per command id.
    pub async fn execute<C>(
        &self,
        meta: &Meta,
        id: impl std::fmt::Display + Send,
        command: C,
    ) -> Result<Outcome<C::Of>, ExecuteError<C::Refusal>>
    where
        C: Command<Of: Stored> + Clone + Send + Sync,
    {
        let decide = |state: &C::Of| command.clone().decide(state);
        self.decide(meta, command_name::<C>(), id, decide).await
    }

    /// As [`Store::execute`], decided by a function; `name` says what is asked.
    pub async fn decide<A: Stored, R>(
        &self,
        meta: &Meta,
        name: &str,
        id: impl std::fmt::Display + Send,
        decide: impl Fn(&A) -> Result<Vec<A::Event>, R> + Send + Sync,
    ) -> Result<Outcome<A>, ExecuteError<R>> {
        let stream = stream_name::<A>(id);
        let (meta, _part) = begin(meta, name);
        let meta = &meta;
        match self.decide_by_memory(meta, name, &stream, &decide).await {
            Some(Err(ExecuteError::Store(StoreError::Conflict))) | None => {}
            Some(other) => return other,
        }
        for attempt in 0..ATTEMPTS {
            pause(attempt).await;
            let (command, loaded) = self.inner.load_for::<A>(meta, &stream).await?;
            if let Some(command) = command {
                return Ok(self.inner.replay(meta, name, &stream, command).await?);
            }
            match self.attempt(meta, name, &stream, loaded, &decide).await {
                Err(ExecuteError::Store(StoreError::Conflict)) => {
                    self.inner.forget(meta.tenant, &stream);
                }
                other => return other,
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Decides on the state as this process saw it last, which spares reading it. Only events
    /// count: they are refused where the stream went on or the command was carried out before.
    /// That nothing follows, or a refusal, may be news of yesterday.
    async fn decide_by_memory<A: Stored, R>(
        &self,
        meta: &Meta,
        name: &str,
        stream: &str,
        decide: &(impl Fn(&A) -> Result<Vec<A::Event>, R> + Send + Sync),
    ) -> Option<Result<Outcome<A>, ExecuteError<R>>> {
        let known = self.inner.recall::<A>(meta.tenant, stream);
        if !known.exists() {
            return None;
        }
        let events = decide(&known.state).ok().filter(|events| !events.is_empty())?;
        let loaded = self.inner.open_found(meta.tenant, stream, known, Found::default()).await;
        let outcome = match loaded {
            Ok(loaded) => self.append(meta, name, stream, loaded, events).await,
            Err(error) => Err(error),
        };
        if matches!(outcome, Err(StoreError::Conflict)) {
            self.inner.forget(meta.tenant, stream);
        }
        Some(outcome.map_err(Into::into))
    }

    async fn attempt<A: Stored, R>(
        &self,
        meta: &Meta,
        name: &str,
        stream: &str,
        loaded: Loaded<A>,
        decide: &(impl Fn(&A) -> Result<Vec<A::Event>, R> + Send + Sync),
    ) -> Result<Outcome<A>, ExecuteError<R>> {
        let events = decide(&loaded.state).map_err(ExecuteError::Refused)?;
        Ok(self.append(meta, name, stream, loaded, events).await?)
    }

    async fn append<A: Stored>(
        &self,
        meta: &Meta,
        name: &str,
        stream: &str,
        loaded: Loaded<A>,
        events: Vec<A::Event>,
    ) -> Result<Outcome<A>, StoreError> {
        let mut unit = Unit::new(Arc::clone(&self.inner), meta, name);
        unit.batch::<A>().open(meta, stream.to_owned(), loaded.clone());
        unit.append::<A>(meta, name, stream, loaded, events).await?;
        unit.store().await?;
        let lost = || StoreError::internal("a unit lost its stream");
        let change = unit.batch::<A>().only().ok_or_else(lost)?;
        let (state, version, recorded) = (change.after, change.version, change.recorded);
        Ok(Outcome { state, version, recorded, replayed: false })
    }

    /// Several streams in one transaction; done anew when another writer came between.
    pub async fn transact<T, R, F>(
        &self,
        meta: &Meta,
        name: &str,
        work: F,
    ) -> Result<Done<T>, ExecuteError<R>>
    where
        F: for<'u> Fn(&'u mut Unit) -> BoxFuture<'u, Result<T, ExecuteError<R>>> + Send + Sync,
    {
        let (meta, _part) = begin(meta, name);
        let meta = &meta;
        for attempt in 0..ATTEMPTS {
            pause(attempt).await;
            if let Some(spans) = self.done_before(meta, name).await? {
                return Ok(Done::Before(spans));
            }
            let mut unit = Unit::new(Arc::clone(&self.inner), meta, name);
            let value = work(&mut unit).await?;
            match unit.commit().await {
                Err(StoreError::Conflict) => self.inner.forget_tenant(meta.tenant),
                Err(error) => return Err(error.into()),
                Ok(_) => return Ok(Done::Now(value)),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// A unit of work that the caller commits, and tries again on a conflict.
    pub fn unit(&self, meta: &Meta, name: &str) -> Unit {
        Unit::new(Arc::clone(&self.inner), meta, name)
    }

    /// What a unit of work wrote earlier under this command id.
    pub async fn done_before(
        &self,
        meta: &Meta,
        name: &str,
    ) -> Result<Option<Vec<Span>>, StoreError> {
        let tx = self.inner.read(meta.tenant).await?;
        match known_command(&tx, meta.tenant, meta.command_id).await? {
            Some(known) if known.actor == meta.actor && known.name == name => {
                Ok(Some(known.streams))
            }
            Some(_) => Err(StoreError::CommandReused),
            None => Ok(None),
        }
    }
}

impl Inner {
    /// What a command needs to be decided, in one pipelined trip.
    async fn load_for<A: Stored>(
        &self,
        meta: &Meta,
        stream: &str,
    ) -> Result<(Option<CommandRow>, Loaded<A>), StoreError> {
        let known = self.recall::<A>(meta.tenant, stream);
        let tx = self.read(meta.tenant).await?;
        let (command, found): (Option<CommandRow>, Found) = futures_util::future::try_join(
            known_command(&tx, meta.tenant, meta.command_id),
            find::<A>(&tx, meta.tenant, stream, known.version),
        )
        .await?;
        drop(tx);
        if command.is_some() {
            return Ok((command, Loaded::nothing()));
        }
        Ok((None, self.open_found(meta.tenant, stream, known, found).await?))
    }

    /// The first outcome of a command, again.
    async fn replay<A: Stored>(
        &self,
        meta: &Meta,
        name: &str,
        stream: &str,
        command: CommandRow,
    ) -> Result<Outcome<A>, StoreError> {
        let same = command.actor == meta.actor && command.name == name;
        let span = command.streams.into_iter().find(|(written, ..)| written == stream);
        let (true, Some((_, first, last))) = (same, span) else {
            return Err(StoreError::CommandReused);
        };
        let (loaded, mut recorded) = self.open_until::<A>(meta.tenant, stream, last).await?;
        recorded.retain(|event| event.version >= first);
        let (state, version) = (loaded.state, loaded.version);
        Ok(Outcome { state, version, recorded, replayed: true })
    }
}

/// Longer with each try, so that many writers on one stream do not only hinder one another.
async fn pause(attempt: u32) {
    if attempt > 1 {
        tokio::time::sleep(std::time::Duration::from_millis(2 << attempt)).await;
    }
}

/// A command as a part of the trace that led to it; what is recorded is its child.
fn begin<'m>(meta: &'m Meta, name: &str) -> (Cow<'m, Meta>, tracing::Span) {
    let Some(parent) = &meta.trace else { return (Cow::Borrowed(meta), tracing::Span::none()) };
    let here = kit_trace::child(parent, name, meta.command_id.as_u128());
    let (title, tenant) = (name, tracing::field::display(meta.tenant));
    let part = tracing::trace_span!(
        target: kit_trace::TARGET, "commit", here, parent, title, tenant.id = tenant
    );
    (Cow::Owned(Meta { trace: Some(here), ..meta.clone() }), part)
}

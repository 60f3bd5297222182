//! The store of one service: its pool, its keys, its projections.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};

use deadpool_postgres::Pool;
use futures_util::future::BoxFuture;
use kit_decider::{Command, Recorded};
use lru::LruCache;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::append::{CommandRow, Span, known_command};
use crate::load::{Found, Loaded, find};
use crate::projection::AnyProjection;
use crate::unit::{Unit, command_name};
use crate::{ExecuteError, KeyCache, Meta, Projection, StoreError, Stored, Tx, stream_name};

/// How often a command is decided anew when others write to the same stream.
const ATTEMPTS: u32 = 8;
const CACHED_STATES: usize = 1_000;

type Projections<A> = Vec<Arc<dyn AnyProjection<A>>>;
type CachedStates = LruCache<(Uuid, String), Box<dyn Any + Send>>;

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

/// The store of one service. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

/// Puts a [`Store`] together.
pub struct StoreBuilder {
    inner: Inner,
}

pub(crate) struct Inner {
    pub pool: Pool,
    pub keys: Arc<KeyCache>,
    projections: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
    pub rebuilders: Vec<Box<dyn crate::rebuild::AnyRebuilder>>,
    states: Mutex<CachedStates>,
    pub woken: Arc<Notify>,
    pub appended: AtomicU64,
    pub conflicts: AtomicU64,
}

/// What a store has done since this process began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Events.
    pub appended: u64,
    /// Appends that another writer came before.
    pub conflicts: u64,
}

impl StoreBuilder {
    /// A store over a pool of connections of the service's runtime role.
    pub fn new(pool: Pool, keys: Arc<KeyCache>) -> Self {
        let capacity = NonZeroUsize::new(CACHED_STATES).expect("not zero");
        let states = Mutex::new(LruCache::new(capacity));
        let woken = Arc::default();
        let projections = HashMap::new();
        let (appended, conflicts) = (AtomicU64::new(0), AtomicU64::new(0));
        let rebuilders = Vec::new();
        Self {
            inner: Inner {
                pool,
                keys,
                projections,
                rebuilders,
                states,
                woken,
                appended,
                conflicts,
            },
        }
    }

    /// Registers a read model that is written in the transaction that appends.
    /// They run in the order of registration.
    #[must_use]
    pub fn projection<A: Stored, P: Projection<A>>(mut self, projection: P) -> Self {
        let projection: Arc<dyn AnyProjection<A>> = Arc::new(projection);
        self.inner.rebuilders.push(Box::new(crate::rebuild::Rebuilder::new(&projection)));
        self.inner
            .projections
            .entry(TypeId::of::<A>())
            .or_insert_with(|| Box::new(Projections::<A>::new()))
            .downcast_mut::<Projections<A>>()
            .expect("kept under its own type")
            .push(projection);
        self
    }

    pub fn build(self) -> Store {
        let store = Store { inner: Arc::new(self.inner) };
        crate::wake::announce(&store);
        store
    }
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

    /// The present state of a stream; version 0 when there is none.
    pub async fn load<A: Stored>(
        &self,
        tenant: Uuid,
        id: impl std::fmt::Display + Send,
    ) -> Result<Loaded<A>, StoreError> {
        self.inner.load(tenant, &stream_name::<A>(id)).await
    }

    /// The state of a stream as this process saw it last, with its version: not necessarily the
    /// present one.
    pub fn remembered<A: Stored>(&self, tenant: Uuid, stream: &str) -> Option<(u64, Arc<A>)> {
        let known = self.inner.recall::<A>(tenant, stream);
        known.exists().then_some((known.version, known.state))
    }

    /// As [`Store::load`], with statements of a transaction that is open already: what is asked
    /// of it at the same time travels together. A command on that stream then need not read it.
    pub async fn load_within<A: Stored>(
        &self,
        tx: &Tx,
        tenant: Uuid,
        id: impl std::fmt::Display + Send,
    ) -> Result<Loaded<A>, StoreError> {
        self.inner.load_within(tx, tenant, &stream_name::<A>(id)).await
    }

    /// The state of a stream after its event number `version`, with all events up to there.
    pub async fn load_until<A: Stored>(
        &self,
        tenant: Uuid,
        id: impl std::fmt::Display + Send,
        version: u64,
    ) -> Result<(Loaded<A>, Vec<Recorded<A::Event>>), StoreError> {
        self.inner.open_until(tenant, &stream_name::<A>(id), version).await
    }

    /// All events of a stream, oldest first.
    pub async fn history<A: Stored>(
        &self,
        tenant: Uuid,
        id: impl std::fmt::Display + Send,
    ) -> Result<Vec<Recorded<A::Event>>, StoreError> {
        Ok(self.load_until::<A>(tenant, id, i64::MAX as u64).await?.1)
    }

    /// A read-only transaction for queries, seeing one tenant's rows. Just drop it.
    pub async fn read(&self, tenant: Uuid) -> Result<Tx, StoreError> {
        self.inner.read(tenant).await
    }

    /// A transaction for rows that are not event-sourced (sessions, caches). Commit it.
    pub async fn begin(&self, tenant: Uuid) -> Result<Tx, StoreError> {
        self.inner.begin(tenant).await
    }

    /// A transaction for no tenant: sees only tables without tenants' data, and those of a
    /// tenant after [`Tx::set_tenant`]. For relays and consumers.
    pub async fn begin_without_tenant(&self) -> Result<Tx, StoreError> {
        Ok(Tx::begin_without_tenant(self.inner.pool.get().await?))
    }

    /// The state of the stream `{category}-{id}` just after its event number `version`.
    pub async fn state_at<A: Stored>(
        &self,
        tenant: Uuid,
        stream: &str,
        version: u64,
    ) -> Result<Loaded<A>, StoreError> {
        Ok(self.inner.open_until(tenant, stream, version).await?.0)
    }

    /// The keys at hand.
    pub fn keys(&self) -> &Arc<KeyCache> {
        &self.inner.keys
    }

    pub fn pool(&self) -> &Pool {
        &self.inner.pool
    }

    /// What it has done since this process began.
    pub fn figures(&self) -> Figures {
        let Inner { appended, conflicts, .. } = &*self.inner;
        Figures { appended: appended.load(Relaxed), conflicts: conflicts.load(Relaxed) }
    }
}

/// Longer with each try, so that many writers on one stream do not only hinder one another.
async fn pause(attempt: u32) {
    if attempt > 1 {
        tokio::time::sleep(std::time::Duration::from_millis(2 << attempt)).await;
    }
}

impl Inner {
    pub(crate) async fn begin(&self, tenant: Uuid) -> Result<Tx, StoreError> {
        Ok(Tx::begin(self.pool.get().await?, tenant))
    }

    pub(crate) async fn read(&self, tenant: Uuid) -> Result<Tx, StoreError> {
        let sql = format!("begin read only; set local amparo.tenant = '{tenant}'");
        Ok(Tx::begin_with(self.pool.get().await?, &sql))
    }

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

    pub(crate) fn projections<A: Stored>(&self) -> &[Arc<dyn AnyProjection<A>>] {
        self.projections
            .get(&TypeId::of::<A>())
            .and_then(|list| list.downcast_ref::<Projections<A>>())
            .map_or(&[], Vec::as_slice)
    }

    /// The state as last seen by this process; what was added since is read on top of it.
    pub(crate) fn recall<A: Stored>(&self, tenant: Uuid, stream: &str) -> Loaded<A> {
        self.states()
            .get(&(tenant, stream.to_owned()))
            .and_then(|kept| kept.downcast_ref::<Loaded<A>>().cloned())
            .unwrap_or_else(Loaded::nothing)
    }

    pub(crate) fn remember<A: Stored>(&self, tenant: Uuid, stream: &str, loaded: Loaded<A>) {
        self.states().put((tenant, stream.to_owned()), Box::new(loaded));
    }

    pub(crate) fn forget(&self, tenant: Uuid, stream: &str) {
        self.states().pop(&(tenant, stream.to_owned()));
    }

    pub(crate) fn forget_tenant(&self, tenant: Uuid) {
        let mut states = self.states();
        let gone: Vec<_> =
            states.iter().map(|(at, _)| at).filter(|at| at.0 == tenant).cloned().collect();
        for at in gone {
            states.pop(&at);
        }
    }

    fn states(&self) -> MutexGuard<'_, CachedStates> {
        self.states.lock().expect("not poisoned")
    }
}

//! The store of one service: its pool, its keys, its projections.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};

use deadpool_postgres::Pool;
use kit_decider::Recorded;
use lru::LruCache;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::load::Loaded;
use crate::projection::AnyProjection;
use crate::{KeyCache, Projection, StoreError, Stored, Tx, stream_name};

const CACHED_STATES: usize = 1_000;

type Projections<A> = Vec<Arc<dyn AnyProjection<A>>>;
type CachedStates = LruCache<(Uuid, String), Box<dyn Any + Send>>;

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
    pub outlasting: &'static [&'static str],
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
                outlasting: &[],
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

    /// Tables whose rows of a tenant stay when it comes to its end: what keeps its name from being
    /// given again.
    #[must_use]
    pub fn outlasting(mut self, tables: &'static [&'static str]) -> Self {
        self.inner.outlasting = tables;
        self
    }

    pub fn build(self) -> Store {
        let store = Store { inner: Arc::new(self.inner) };
        crate::wake::announce(&store);
        store
    }
}

impl Store {
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

impl Inner {
    pub(crate) async fn begin(&self, tenant: Uuid) -> Result<Tx, StoreError> {
        Ok(Tx::begin(self.pool.get().await?, tenant))
    }

    pub(crate) async fn read(&self, tenant: Uuid) -> Result<Tx, StoreError> {
        let sql = format!("begin read only; set local amparo.tenant = '{tenant}'");
        Ok(Tx::begin_with(self.pool.get().await?, &sql))
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

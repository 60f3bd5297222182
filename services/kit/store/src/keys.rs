//! The port to the keyring, and what is kept of it in memory for minutes.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use kit_seal::{DataKey, IndexKey};
use lru::LruCache;
use tokio::sync::Mutex as AsyncMutex;
use uuid::Uuid;

use crate::StoreError;

/// How long a key may be used after it was last asked for at the keyring.
const KEPT: Duration = Duration::from_mins(5);
const SMALLEST_POOL: usize = 16;
const LARGEST_POOL: usize = 2_000;
/// Keys in memory at most, some 200 bytes each.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(50_000).expect("not zero");

/// A data key, or the certainty that it is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    Live(DataKey),
    Destroyed(Uuid),
}

/// The keyring, as the store needs it.
pub trait Keys: Send + Sync + 'static {
    /// Fresh data keys, durable before this answers.
    fn reserve(&self, tenant: Uuid, count: usize) -> BoxFuture<'_, anyhow::Result<Vec<DataKey>>>;
    /// Many keys in one call. An unknown id is an error.
    fn open(&self, tenant: Uuid, ids: Vec<Uuid>) -> BoxFuture<'_, anyhow::Result<Vec<KeyState>>>;
    /// The key for blind tokens of one purpose, the same for ever.
    fn index(&self, tenant: Uuid, purpose: String) -> BoxFuture<'_, anyhow::Result<IndexKey>>;
    /// The keyring's signature under a statement about histories (see `attest.rs`).
    fn sign(&self, statement: Vec<u8>) -> BoxFuture<'_, anyhow::Result<Vec<u8>>>;
    /// What such signatures are checked with.
    fn signing_key(&self) -> BoxFuture<'_, anyhow::Result<[u8; 32]>>;
    /// Destroys a data key for good.
    fn destroy(&self, tenant: Uuid, id: Uuid) -> BoxFuture<'_, anyhow::Result<()>>;
}

struct Kept<T> {
    value: T,
    since: Instant,
}

struct Pool {
    ready: VecDeque<DataKey>,
    next: usize,
    since: Instant,
}

/// Keys at hand: a few fresh ones per tenant, and those used lately.
pub struct KeyCache {
    keyring: Arc<dyn Keys>,
    open: Mutex<LruCache<(Uuid, Uuid), Kept<KeyState>>>,
    index: Mutex<HashMap<(Uuid, String), Kept<IndexKey>>>,
    pools: Mutex<HashMap<Uuid, Arc<AsyncMutex<Pool>>>>,
}

impl KeyCache {
    pub fn new(keyring: Arc<dyn Keys>) -> Self {
        Self {
            keyring,
            open: Mutex::new(LruCache::new(REMEMBERED)),
            index: Mutex::default(),
            pools: Mutex::default(),
        }
    }

    /// A fresh data key for a new record.
    pub async fn fresh(&self, tenant: Uuid) -> Result<DataKey, StoreError> {
        let key = self.fresh_many(tenant, 1).await?.pop();
        key.ok_or_else(|| StoreError::internal("the keyring gave no key"))
    }

    /// As many fresh data keys.
    pub async fn fresh_many(&self, tenant: Uuid, count: usize) -> Result<Vec<DataKey>, StoreError> {
        let pool = self.pool(tenant);
        let mut pool = pool.lock().await;
        if pool.ready.len() < count {
            // Asks for more each time, so that an import does not call for every record.
            let grow = pool.since.elapsed() < Duration::from_secs(10);
            pool.next = if grow { (pool.next * 4).min(LARGEST_POOL) } else { SMALLEST_POOL };
            let wanted = pool.next.max(count - pool.ready.len());
            let reserved = self.keyring.reserve(tenant, wanted).await;
            pool.ready.extend(reserved.map_err(StoreError::Unavailable)?);
            pool.since = Instant::now();
        }
        if pool.ready.len() < count {
            return Err(StoreError::internal("the keyring gave fewer keys than asked for"));
        }
        let keys: Vec<_> = pool.ready.drain(..count).collect();
        self.keep(tenant, keys.iter().cloned().map(KeyState::Live));
        Ok(keys)
    }

    /// The data keys with these ids, in one call for all that are not at hand.
    pub async fn open(
        &self,
        tenant: Uuid,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, KeyState>, StoreError> {
        let (mut found, missing) = self.at_hand(tenant, ids);
        if missing.is_empty() {
            return Ok(found);
        }
        let opened = self.keyring.open(tenant, missing).await.map_err(StoreError::Unavailable)?;
        self.keep(tenant, opened.iter().cloned());
        found.extend(opened.into_iter().map(|state| (state.id(), state)));
        Ok(found)
    }

    /// As [`KeyCache::open`], for who goes through many records once: nothing is kept of it.
    pub async fn open_once(
        &self,
        tenant: Uuid,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, KeyState>, StoreError> {
        let (mut found, missing) = self.at_hand(tenant, ids);
        if !missing.is_empty() {
            let opened = self.keyring.open(tenant, missing).await;
            let opened = opened.map_err(StoreError::Unavailable)?;
            found.extend(opened.into_iter().map(|state| (state.id(), state)));
        }
        Ok(found)
    }

    /// One data key; an erased record is an error.
    pub async fn open_one(&self, tenant: Uuid, id: Uuid) -> Result<DataKey, StoreError> {
        match self.open(tenant, [id]).await?.remove(&id) {
            Some(KeyState::Live(key)) => Ok(key),
            Some(KeyState::Destroyed(_)) => Err(StoreError::Erased),
            None => Err(StoreError::internal("the keyring does not know a key")),
        }
    }

    /// The key for blind tokens of one purpose.
    pub async fn index(&self, tenant: Uuid, purpose: &str) -> Result<IndexKey, StoreError> {
        let at = (tenant, purpose.to_owned());
        if let Some(kept) = self.index.lock().expect("not poisoned").get(&at)
            && kept.since.elapsed() < KEPT
        {
            return Ok(kept.value.clone());
        }
        let key = self.keyring.index(tenant, purpose.to_owned()).await;
        let value = key.map_err(StoreError::Unavailable)?;
        let kept = Kept { value: value.clone(), since: Instant::now() };
        self.index.lock().expect("not poisoned").insert(at, kept);
        Ok(value)
    }

    /// The keyring's signature under a statement about histories, or about the end of one.
    pub async fn sign(&self, statement: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        self.keyring.sign(statement).await.map_err(StoreError::Unavailable)
    }

    /// What such signatures are checked with.
    pub async fn signing_key(&self) -> Result<[u8; 32], StoreError> {
        self.keyring.signing_key().await.map_err(StoreError::Unavailable)
    }

    /// Destroys a data key for good and forgets it here at once.
    pub async fn destroy(&self, tenant: Uuid, id: Uuid) -> Result<(), StoreError> {
        self.keyring.destroy(tenant, id).await.map_err(StoreError::Unavailable)?;
        self.keep(tenant, [KeyState::Destroyed(id)]);
        Ok(())
    }

    /// These keys were destroyed, as another process tells: they open nothing here from now on.
    pub fn forget(&self, tenant: Uuid, ids: impl IntoIterator<Item = Uuid>) {
        self.keep(tenant, ids.into_iter().map(KeyState::Destroyed));
    }

    /// All keys of a tenant were destroyed: the keyring is asked for each from now on.
    pub fn forget_tenant(&self, tenant: Uuid) {
        self.pools.lock().expect("not poisoned").remove(&tenant);
        self.index.lock().expect("not poisoned").retain(|(of, _), _| *of != tenant);
        let mut open = self.open.lock().expect("not poisoned");
        let gone: Vec<_> = open.iter().map(|(at, _)| *at).filter(|at| at.0 == tenant).collect();
        for at in gone {
            open.pop(&at);
        }
    }

    /// The keyring is asked for these keys the next time, whatever is kept of them.
    pub fn ask_again(&self, tenant: Uuid, ids: impl IntoIterator<Item = Uuid>) {
        let mut cache = self.open.lock().expect("not poisoned");
        for id in ids {
            cache.pop(&(tenant, id));
        }
    }

    fn pool(&self, tenant: Uuid) -> Arc<AsyncMutex<Pool>> {
        let mut pools = self.pools.lock().expect("not poisoned");
        let pool = pools.entry(tenant).or_insert_with(|| {
            let since = Instant::now();
            Arc::new(AsyncMutex::new(Pool {
                ready: VecDeque::new(),
                next: SMALLEST_POOL / 4,
                since,
            }))
        });
        Arc::clone(pool)
    }

    fn at_hand(
        &self,
        tenant: Uuid,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> (HashMap<Uuid, KeyState>, Vec<Uuid>) {
        let mut cache = self.open.lock().expect("not poisoned");
        let (mut found, mut missing) = (HashMap::new(), Vec::new());
        for id in ids {
            match cache.get(&(tenant, id)) {
                Some(kept) if kept.since.elapsed() < KEPT => {
                    found.insert(id, kept.value.clone());
                }
                _ => missing.push(id),
            }
        }
        missing.sort_unstable();
        missing.dedup();
        (found, missing)
    }

    fn keep(&self, tenant: Uuid, states: impl IntoIterator<Item = KeyState>) {
        let mut cache = self.open.lock().expect("not poisoned");
        let since = Instant::now();
        for value in states {
            cache.put((tenant, value.id()), Kept { value, since });
            // What is too old to be used makes room before it has to.
            if cache.peek_lru().is_some_and(|(_, kept)| kept.since.elapsed() > KEPT) {
                cache.pop_lru();
            }
        }
    }
}

impl KeyState {
    pub fn id(&self) -> Uuid {
        match self {
            Self::Live(key) => key.id,
            Self::Destroyed(id) => *id,
        }
    }

    /// The key, unless it was destroyed.
    pub fn live(&self) -> Option<&DataKey> {
        match self {
            Self::Live(key) => Some(key),
            Self::Destroyed(_) => None,
        }
    }
}

//! Some streams of one tenant on their way into a projection's rows.

use std::any::Any;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard};

use futures_util::future::BoxFuture;
use kit_seal::DataKey;
use lru::LruCache;
use uuid::Uuid;

use crate::event_row::{BURIED, EventRow, to_i64, to_u64};
use crate::projection::AnyProjection;
use crate::store::Inner;
use crate::{Change, KeyState, StoreError, Stored, Tx};

/// Whole histories of some streams, by stream and version.
#[derive(Default)]
pub(crate) struct Part {
    pub tenant: Uuid,
    pub rows: Vec<EventRow>,
    /// The first event of each stream that is new to the rows; all are, of a stream not named.
    pub news: HashMap<String, i64>,
}

/// Makes one projection's rows from events.
pub(crate) trait AnyRebuilder: Send + Sync {
    fn name(&self) -> &'static str;
    fn version(&self) -> i32;
    fn category(&self) -> &'static str;
    fn tables(&self) -> &'static [&'static str];
    fn beside(&self) -> &'static [&'static str];
    fn touched(&self) -> Option<(&'static str, &'static str)>;
    /// Whether it fills tables that have no keys and indexes yet.
    fn is_bare(&self) -> bool;
    /// Up to which version it remembers a stream: later events will do to take in what is new.
    fn known(&self, tenant: Uuid, stream: &str) -> i64;
    /// Remembers nothing any more: what was taken in was rolled back.
    fn forget(&self);
    /// Writes the rows of streams that have none yet, with others' of the same category: each
    /// history is opened and folded once for all of them.
    fn fill<'a>(
        &'a self,
        inner: &'a Inner,
        tx: &'a Tx,
        part: Part,
        others: &'a [&'a dyn AnyRebuilder],
    ) -> Written<'a>;
    /// Takes in what is new; deletes the rows of what was erased.
    fn project<'a>(&'a self, inner: &'a Inner, tx: &'a Tx, part: Part) -> Written<'a>;
    fn as_any(&self) -> &dyn Any;
}

type Written<'a> = BoxFuture<'a, Result<(), StoreError>>;

/// Streams remembered from round to round, more than one step of a round can have.
const KNOWN: usize = 5_000;

pub(crate) struct Rebuilder<A: Stored> {
    projection: Arc<dyn AnyProjection<A>>,
    known: Mutex<LruCache<(Uuid, String), Known<A>>>,
}

/// A stream as the rows have it.
#[derive(Clone)]
struct Known<A> {
    version: u64,
    state: Arc<A>,
    key: Option<DataKey>,
}

impl<A: Stored> Known<A> {
    fn nothing() -> Self {
        Self { version: 0, state: Arc::default(), key: None }
    }
}

/// The changes that events are, and the streams that cannot be read any more.
struct Opened<A: Stored> {
    changes: Vec<Change<A>>,
    erased: Vec<String>,
}

impl<A: Stored> Rebuilder<A> {
    pub fn new(projection: &Arc<dyn AnyProjection<A>>) -> Self {
        let capacity = NonZeroUsize::new(KNOWN).expect("not zero");
        let known = Mutex::new(LruCache::new(capacity));
        Self { projection: Arc::clone(projection), known }
    }

    fn streams(&self) -> MutexGuard<'_, LruCache<(Uuid, String), Known<A>>> {
        self.known.lock().expect("not poisoned")
    }

    /// What is remembered of the streams that do not come whole.
    fn bases(&self, part: &Part) -> HashMap<String, Known<A>> {
        let mut known = self.streams();
        part.rows
            .chunk_by(|a, b| a.stream == b.stream)
            .filter(|rows| rows[0].version > 1)
            .filter_map(|rows| {
                let stream = rows[0].stream.clone();
                Some((stream.clone(), known.get(&(part.tenant, stream))?.clone()))
            })
            .collect()
    }

    fn remember(&self, changes: &[Change<A>]) {
        let mut known = self.streams();
        for change in changes {
            let (version, key) = (change.version, change.key.clone());
            let after = Known { version, state: Arc::clone(&change.after), key };
            known.put((change.tenant, change.stream.clone()), after);
        }
    }
}

impl<A: Stored> AnyRebuilder for Rebuilder<A> {
    fn name(&self) -> &'static str {
        self.projection.name()
    }

    fn version(&self) -> i32 {
        self.projection.version()
    }

    fn category(&self) -> &'static str {
        A::CATEGORY
    }

    fn tables(&self) -> &'static [&'static str] {
        self.projection.tables()
    }

    fn beside(&self) -> &'static [&'static str] {
        self.projection.beside()
    }

    fn touched(&self) -> Option<(&'static str, &'static str)> {
        self.projection.touched()
    }

    fn is_bare(&self) -> bool {
        self.projection.is_bare()
    }

    fn known(&self, tenant: Uuid, stream: &str) -> i64 {
        let known = self.streams().get(&(tenant, stream.to_owned())).map(|it| it.version);
        to_i64(known.unwrap_or_default())
    }

    fn forget(&self) {
        self.streams().clear();
    }

    fn fill<'a>(
        &'a self,
        inner: &'a Inner,
        tx: &'a Tx,
        part: Part,
        others: &'a [&'a dyn AnyRebuilder],
    ) -> Written<'a> {
        Box::pin(async move {
            let opened = open::<A>(inner, part, HashMap::new()).await?;
            if opened.changes.is_empty() {
                return Ok(());
            }
            self.projection.fill(tx, &opened.changes).await?;
            for other in others {
                let other: Option<&Self> = other.as_any().downcast_ref();
                let other = other.ok_or_else(|| {
                    StoreError::internal(format!("{} streams are of two kinds", A::CATEGORY))
                })?;
                other.projection.fill(tx, &opened.changes).await?;
            }
            Ok(())
        })
    }

    fn project<'a>(&'a self, inner: &'a Inner, tx: &'a Tx, part: Part) -> Written<'a> {
        Box::pin(async move {
            let tenant = part.tenant;
            let bases = self.bases(&part);
            let opened = open::<A>(inner, part, bases).await?;
            for id in &opened.erased {
                self.projection.erase(tx, tenant, id).await?;
            }
            if opened.changes.is_empty() {
                return Ok(());
            }
            self.projection.project(tx, &opened.changes).await?;
            self.remember(&opened.changes);
            Ok(())
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Opens, decodes and folds; off the threads that wait for others.
async fn open<A: Stored>(
    inner: &Inner,
    part: Part,
    bases: HashMap<String, Known<A>>,
) -> Result<Opened<A>, StoreError> {
    let keys = part.rows.iter().filter_map(|row| row.key_id);
    let keys = keys.chain(bases.values().filter_map(|base| base.key.as_ref()).map(|key| key.id));
    let keys = inner.keys.open_once(part.tenant, keys).await?;
    tokio::task::spawn_blocking(move || read_all::<A>(&part, &keys, bases))
        .await
        .map_err(|error| StoreError::Internal(error.into()))?
}

fn read_all<A: Stored>(
    part: &Part,
    keys: &HashMap<Uuid, KeyState>,
    mut bases: HashMap<String, Known<A>>,
) -> Result<Opened<A>, StoreError> {
    let mut opened = Opened { changes: Vec::new(), erased: Vec::new() };
    for rows in part.rows.chunk_by(|a, b| a.stream == b.stream) {
        let stream = &rows[0].stream;
        let base = bases.remove(stream).unwrap_or_else(Known::nothing);
        let ids = rows.iter().filter_map(|row| row.key_id);
        let mut ids = ids.chain(base.key.as_ref().map(|key| key.id));
        let gone = ids.any(|id| matches!(keys.get(&id), Some(KeyState::Destroyed(_))));
        if gone || rows.iter().any(|row| row.kind == BURIED) {
            opened.erased.push(stream[A::CATEGORY.len() + 1..].to_owned());
            continue;
        }
        let first = part.news.get(stream).map_or(1, |first| to_u64(*first));
        opened.changes.push(read::<A>(rows, first, keys, base)?);
    }
    Ok(opened)
}

/// One stream: what is before `first` is known to the rows already.
fn read<A: Stored>(
    rows: &[EventRow],
    first: u64,
    keys: &HashMap<Uuid, KeyState>,
    base: Known<A>,
) -> Result<Change<A>, StoreError> {
    let Known { mut version, mut state, mut key } = base;
    let (tenant, stream) = (rows[0].tenant, rows[0].stream.clone());
    let mut before = Arc::clone(&state);
    let mut recorded = Vec::with_capacity(rows.len());
    for row in rows {
        if to_u64(row.version) != version + 1 {
            return Err(StoreError::internal(format!("{stream} has a gap in its history")));
        }
        if row.key_id.is_some() {
            key = row.key_id.and_then(|id| keys.get(&id)?.live().cloned());
        }
        if version + 1 == first {
            before = Arc::clone(&state);
        }
        let event = row.open::<A>(key.as_ref())?;
        Arc::make_mut(&mut state).evolve(&event.event);
        version += 1;
        if version >= first {
            recorded.push(event);
        }
    }
    let id = stream[A::CATEGORY.len() + 1..].to_owned();
    Ok(Change { tenant, stream, id, recorded, before, after: state, version, key })
}

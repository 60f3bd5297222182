//! What is matched, in memory: one pool per tenant, with an index of each side. Every process has
//! its own, made from the rows of this service's database and following them.
//!
//! A pool is a function of the rows alone: made anew, or following them from the first day, it is
//! the same to the bit.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use kit_matching::{Desk, Index};
use kit_store::{Store, StoreError, Tx};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::cards::{Card, SealedCard, open_cards};

/// As many rows are read at once.
const AT_ONCE: i64 = 500;

/// The pools of all tenants.
#[derive(Clone)]
pub struct Pools(Arc<Inner>);

struct Inner {
    store: Store,
    pools: Mutex<HashMap<Uuid, Arc<Pool>>>,
}

/// The children of one tenant who are sought, and who may be.
#[derive(Debug, Default)]
pub struct Pool {
    sides: RwLock<Sides>,
    progress: tokio::sync::Mutex<Progress>,
}

/// An index of each side.
#[derive(Debug, Default)]
pub struct Sides {
    pub cases: Index,
    pub traces: Index,
}

/// How far a pool follows the rows.
#[derive(Debug, Default)]
struct Progress {
    /// What was written by this transaction and later ones is looked at again.
    from: i64,
    /// Rows that were written since then and are in the pool already.
    taken: HashMap<Uuid, i64>,
}

/// A row that changed.
struct Changed {
    id: Uuid,
    is_trace: bool,
    /// The transaction that wrote it.
    turn: i64,
    card: Option<(Uuid, Vec<u8>)>,
}

impl Pools {
    /// Over this service's database.
    pub fn new(store: Store) -> Self {
        Self(Arc::new(Inner { store, pools: Mutex::default() }))
    }

    /// The pool of a tenant, with everything in it that was committed before the call.
    pub async fn of(&self, tenant: Uuid) -> Result<Arc<Pool>, StoreError> {
        let pool = {
            let mut pools = self.0.pools.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(pools.entry(tenant).or_default())
        };
        pool.catch_up(&self.0.store, tenant).await?;
        Ok(pool)
    }
}

impl Pool {
    /// Both sides as they are now.
    pub fn sides(&self) -> RwLockReadGuard<'_, Sides> {
        self.sides.read().unwrap_or_else(PoisonError::into_inner)
    }

    async fn catch_up(&self, store: &Store, tenant: Uuid) -> Result<(), StoreError> {
        let mut progress = self.progress.lock().await;
        // Whoever began before this and has not ended yet will be looked at again.
        let horizon = horizon(&store.read(tenant).await?).await?;
        let mut after = (progress.from, Uuid::nil());
        loop {
            let tx = store.read(tenant).await?;
            let mut rows = changed(&tx, tenant, after).await?;
            let Some(last) = rows.last() else { break };
            after = (last.turn, last.id);
            let is_full = i64::try_from(rows.len()).unwrap_or(i64::MAX) == AT_ONCE;
            rows.retain(|row| progress.taken.get(&row.id) != Some(&row.turn));
            fill(&tx, tenant, &mut rows).await?;
            drop(tx);
            self.take(store, tenant, rows, &mut progress).await?;
            if !is_full {
                break;
            }
        }
        progress.from = horizon;
        progress.taken.retain(|_, changed_in| *changed_in >= horizon);
        Ok(())
    }

    async fn take(
        &self,
        store: &Store,
        tenant: Uuid,
        mut rows: Vec<Changed>,
        progress: &mut Progress,
    ) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let sealed = rows.iter_mut().filter_map(|row| {
            let (key, sealed) = row.card.take()?;
            Some(SealedCard { id: row.id, key, sealed })
        });
        let sealed = sealed.collect();
        let cards = open_cards(store, tenant, sealed).await?;
        let mut sides = self.sides.write().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            sides.file(&row, cards.get(&row.id));
            progress.taken.insert(row.id, row.turn);
        }
        Ok(())
    }
}

impl Sides {
    /// What is in them, in so many bytes: equal for equal records.
    pub fn digest(&self) -> [[u8; 32]; 2] {
        [self.cases.digest(), self.traces.digest()]
    }

    fn file(&mut self, row: &Changed, card: Option<&Card>) {
        let index = if row.is_trace { &mut self.traces } else { &mut self.cases };
        match card {
            Some(card) => index.put(row.id, &card.profile),
            None => {
                index.remove(row.id);
            }
        }
    }
}

async fn horizon(tx: &Tx) -> Result<i64, StoreError> {
    let sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    Ok(tx.query_one(sql, &[]).await?.try_get(0)?)
}

async fn changed(tx: &Tx, tenant: Uuid, after: (i64, Uuid)) -> Result<Vec<Changed>, StoreError> {
    let sql = "SELECT id, kind = 'trace', changed_in FROM matching_turn \
         WHERE tenant = $1 AND (changed_in, id) > ($2, $3) ORDER BY changed_in, id LIMIT $4";
    let rows = tx.query(sql, &[&tenant, &after.0, &after.1, &AT_ONCE]).await?;
    let read = |row: &Row| {
        let (is_trace, turn) = (row.try_get(1)?, row.try_get(2)?);
        Ok(Changed { id: row.try_get(0)?, is_trace, turn, card: None })
    };
    rows.iter().map(read).collect()
}

/// Reads what is kept of rows that changed. What is newer already comes again with its own turn.
async fn fill(tx: &Tx, tenant: Uuid, rows: &mut [Changed]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let of = |is_trace: bool| -> Vec<Uuid> {
        rows.iter().filter(|row| row.is_trace == is_trace).map(|row| row.id).collect()
    };
    let sql = "SELECT id, key_id, sealed FROM case_sought WHERE tenant = $1 AND id = ANY($2) \
         UNION ALL SELECT id, key_id, sealed FROM trace_sought \
         WHERE tenant = $1 AND id = ANY($3) AND wanted";
    let mut found = HashMap::new();
    for row in tx.query(sql, &[&tenant, &of(false), &of(true)]).await? {
        found.insert(row.try_get::<_, Uuid>(0)?, (row.try_get(1)?, row.try_get(2)?));
    }
    for row in rows {
        row.card = found.remove(&row.id);
    }
    Ok(())
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

/// Works at this thread's desk.
pub fn at_desk<T>(work: impl FnOnce(&mut Desk) -> T) -> T {
    DESK.with_borrow_mut(work)
}

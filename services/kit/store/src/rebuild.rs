//! Read models made anew from events, beside the running ones, then put in their place.
//!
//! The tables are made again in a schema of their own and filled from the log as one snapshot
//! sees it, without locks. Rounds then take in what was written meanwhile, in the order of the
//! log. At last writers wait for a moment: the last round and the exchange of the tables are one
//! transaction. Until it commits the old tables serve; whatever ends the work before leaves them.

mod fill;
mod part;
mod rounds;
mod shadow;
mod snapshot;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use deadpool_postgres::Pool;
use tokio_postgres::Config;

pub(crate) use part::{AnyRebuilder, Rebuilder};
use rounds::Rounds;
use shadow::Shadow;
use snapshot::Snapshot;

use crate::database::connect_with;
use crate::{Log, Store, StoreError, Tx};

/// The schema in which tables are made anew; gone when nothing is being rebuilt.
pub(crate) const SCHEMA: &str = "amparo_rebuild";
/// Held while one process rebuilds in this database.
pub(crate) const LOCK: i64 = 0x616d_7061_726f_0003;
/// Rounds of catching up before the exchange is tried whatever is left.
const ROUNDS: usize = 30;
/// A round of so few events is the last but one.
const FEW: u64 = 100;
const ATTEMPTS: usize = 20;

/// What a rebuild did.
#[derive(Debug, Clone, Default)]
pub struct Rebuilt {
    /// Read models: also those that share tables with the ones asked for.
    pub projections: Vec<&'static str>,
    pub streams: u64,
    pub events: u64,
    /// How often it caught up with what was written meanwhile.
    pub rounds: u64,
    pub took: Duration,
    /// How long writers of this service had to wait.
    pub waited: Duration,
}

impl Store {
    /// Names of the registered projections.
    pub fn projections(&self) -> Vec<&'static str> {
        self.inner.rebuilders.iter().map(|rebuilder| rebuilder.name()).collect()
    }

    /// The projections whose rows were made by another `VERSION` than this program's.
    pub async fn outdated(&self) -> Result<Vec<&'static str>, StoreError> {
        let tx = self.begin_without_tenant().await?;
        let mut outdated = Vec::new();
        for rebuilder in &self.inner.rebuilders {
            // Where nothing is noted, rows are of the first version.
            let sql = "select coalesce((select version from projection where name = $1), 1)";
            let made_by: i32 = tx.query_one(sql, &[&rebuilder.name()]).await?.try_get(0)?;
            if made_by != rebuilder.version() {
                outdated.push(rebuilder.name());
            }
        }
        Ok(outdated)
    }

    /// Notes that the rows of all projections are of this program's versions: true when there is
    /// no history yet.
    pub async fn note_versions(&self) -> Result<(), StoreError> {
        let tx = self.begin_without_tenant().await?;
        for rebuilder in &self.inner.rebuilders {
            note_version(&tx, &**rebuilder).await?;
        }
        tx.commit().await
    }

    /// Makes the rows of these projections anew for all tenants, while the service that they
    /// belong to goes on. `owner` leads to its database as the role that owns the tables.
    ///
    /// `Conflict` when another process rebuilds here, or when the tables could not be had for a
    /// moment however often it was tried; the old ones then stay.
    pub async fn rebuild(&self, owner: &Config, names: &[&str]) -> Result<Rebuilt, StoreError> {
        let begun = Instant::now();
        let group = self.group(names)?;
        let workers = std::thread::available_parallelism().map_or(2, |count| count.get() + 1);
        let pool = owners_pool(owner, workers + 4)?;
        let guard = pool.get().await?;
        let free = "select pg_try_advisory_lock($1)";
        if !guard.query_one(free, &[&LOCK]).await?.try_get::<_, bool>(0)? {
            return Err(StoreError::Conflict);
        }
        let shadow = Shadow::make(&pool, &group).await?;
        let work = Work { store: self, pool: &pool, group: &group, shadow: &shadow };
        let outcome = work.carry_out(workers).await;
        if outcome.is_err() {
            shadow.discard(&pool).await?;
        }
        // Ends the session and with it the lock, also where this future is dropped.
        drop(deadpool_postgres::Object::take(guard));
        let mut rebuilt = outcome?;
        rebuilt.took = begun.elapsed();
        Ok(rebuilt)
    }

    /// The projections asked for, and those that share tables with them.
    fn group(&self, names: &[&str]) -> Result<Vec<&dyn AnyRebuilder>, StoreError> {
        let all: Vec<&dyn AnyRebuilder> =
            self.inner.rebuilders.iter().map(|rebuilder| &**rebuilder).collect();
        if let Some(name) = names.iter().find(|name| !all.iter().any(|it| it.name() == **name)) {
            return Err(StoreError::internal(format!("no projection is named {name}")));
        }
        let mut tables: Vec<&str> = all
            .iter()
            .filter(|it| names.contains(&it.name()))
            .flat_map(|it| it.tables().iter().copied())
            .collect();
        loop {
            let group: Vec<_> = all
                .iter()
                .copied()
                .filter(|it| it.tables().iter().any(|table| tables.contains(table)))
                .collect();
            let wider: Vec<&str> =
                group.iter().flat_map(|it| it.tables().iter().copied()).collect();
            if wider.iter().all(|table| tables.contains(table)) {
                return Ok(group);
            }
            tables = wider;
        }
    }
}

/// One rebuild under way.
struct Work<'a> {
    pub store: &'a Store,
    pub pool: &'a Pool,
    pub group: &'a [&'a dyn AnyRebuilder],
    pub shadow: &'a Shadow,
}

impl Work<'_> {
    async fn carry_out(&self, workers: usize) -> Result<Rebuilt, StoreError> {
        let projections = self.group.iter().map(|it| it.name()).collect();
        let mut rebuilt = Rebuilt { projections, ..Rebuilt::default() };
        let start = Snapshot::take(self.pool).await?;
        let tenants = Log::over(self.pool.clone()).tenants().await?;
        for together in self.by_category().values() {
            let filled = fill::fill(self, together, &tenants, &start, workers).await?;
            rebuilt.streams += filled.streams;
            rebuilt.events += filled.events;
        }
        self.shadow.finish(self.pool).await?;
        self.shadow.analyze(self.pool).await?;
        let mut rounds = Rounds { work: self, seen: start };
        for attempt in 0..ATTEMPTS {
            let mut before = u64::MAX;
            for _ in 0..ROUNDS {
                let events = rounds.round().await?;
                rebuilt.events += events;
                rebuilt.rounds += 1;
                // As much again as the last time: writers are not outrun any further.
                if events <= FEW || events > before / 4 * 3 {
                    break;
                }
                before = events;
            }
            match self.exchange(&rounds).await {
                Ok(waited) => {
                    rebuilt.waited = waited;
                    return Ok(rebuilt);
                }
                // Somebody held a table for long: they go first.
                Err(StoreError::Conflict) => {
                    rounds.forget();
                    let pause = Duration::from_millis(50 << attempt.min(5));
                    tokio::time::sleep(pause).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    /// What is made from the same streams is filled together.
    fn by_category(&self) -> BTreeMap<&'static str, Vec<&dyn AnyRebuilder>> {
        let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for rebuilder in self.group {
            found.entry(rebuilder.category()).or_default().push(*rebuilder);
        }
        found
    }

    /// Writers wait while the last events are taken in and the tables change places.
    async fn exchange(&self, rounds: &Rounds<'_>) -> Result<Duration, StoreError> {
        let opening = "begin; set local lock_timeout = '900ms'; set local synchronous_commit = on";
        let tx = Tx::begin_with(self.pool.get().await?, opening);
        let begun = Instant::now();
        self.shadow.hold_writers(&tx).await?;
        rounds.last(&tx).await?;
        self.shadow.exchange(&tx).await?;
        for rebuilder in self.group {
            note_version(&tx, *rebuilder).await?;
        }
        tx.commit().await?;
        Ok(begun.elapsed())
    }
}

async fn note_version(tx: &Tx, rebuilder: &dyn AnyRebuilder) -> Result<(), StoreError> {
    let sql = "insert into public.projection (name, version) values ($1, $2) on conflict (name) \
         do update set version = excluded.version, rebuilt_at = now()";
    tx.execute(sql, &[&rebuilder.name(), &rebuilder.version()]).await?;
    Ok(())
}

/// Connections that see the tables being made in the place of the running ones.
fn owners_pool(owner: &Config, size: usize) -> Result<Pool, StoreError> {
    // Only the exchange has to be durable when it says so, and with it all that came before.
    let options =
        format!("-c search_path={SCHEMA},public -c statement_timeout=0 -c synchronous_commit=off");
    Ok(connect_with(&owner.clone().into(), size, &options)?)
}

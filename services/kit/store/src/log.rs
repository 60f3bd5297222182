//! The log of all streams in an order without gaps.

use std::fmt;
use std::str::FromStr;

use anyhow::ensure;
use deadpool_postgres::Pool;
use kit_decider::Recorded;
use kit_seal::DataKey;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::database::{connect, relay_role};
use crate::event_row::{COLUMNS, EventRow, to_u64};
use crate::{Address, StoreError, Stored, Tx};

/// A place in a service's log. Later events have larger ones, without exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct LogPosition {
    pub transaction: u64,
    pub position: i64,
}

/// One event of the log, sealed as it is.
#[derive(Debug, Clone)]
pub struct LogEntry {
    pub at: LogPosition,
    pub(crate) row: EventRow,
}

/// How much of a log waits.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Behind {
    /// At most 100,000 are counted.
    pub events: u64,
    /// The age of the oldest.
    pub seconds: f64,
}

const MOST_COUNTED: i64 = 100_000;

fn entry(row: &Row) -> Result<LogEntry, StoreError> {
    let transaction: &str = row.try_get(15)?;
    let transaction = transaction.parse().map_err(anyhow::Error::from)?;
    let at = LogPosition { transaction, position: row.try_get(16)? };
    Ok(LogEntry { at, row: EventRow::read(row)? })
}

/// Reads the log across tenants, as the role that may.
#[derive(Clone)]
pub struct Log {
    pool: Pool,
}

impl Log {
    /// `address` leads to the service's database as its runtime role; the role for the log is
    /// named after it and has the same password.
    pub fn connect(address: &Address) -> anyhow::Result<Self> {
        let named = address.now().iter().all(|config| config.get_user().is_some());
        ensure!(named, "the Postgres address names no user");
        let address = address.clone().with(|config| {
            let relay = config.get_user().map(relay_role);
            config.user(relay.unwrap_or_default());
        });
        Ok(Self { pool: connect(&address, 2)? })
    }

    /// Over connections of a role that may read it all.
    pub(crate) fn over(pool: Pool) -> Self {
        Self { pool }
    }

    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(Tx::begin_with(self.pool.get().await?, "begin read only"))
    }

    /// What follows a position, across all tenants, oldest first.
    ///
    /// Only transactions older than every running one are read, so a slow one is waited for
    /// and never skipped.
    pub async fn read(&self, after: LogPosition, limit: i64) -> Result<Vec<LogEntry>, StoreError> {
        let tx = self.begin().await?;
        let sql = format!(
            "select {COLUMNS}, transaction::text, position from event \
             where (transaction, position) > ($1::text::xid8, $2) \
             and transaction < pg_snapshot_xmin(pg_current_snapshot()) \
             order by event.transaction, event.position limit $3"
        );
        let transaction = after.transaction.to_string();
        let rows = tx.query(&sql, &[&transaction, &after.position, &limit]).await?;
        rows.iter().map(entry).collect()
    }

    /// One event, wherever it lies.
    pub async fn entry(
        &self,
        tenant: Uuid,
        stream: &str,
        version: i64,
    ) -> Result<Option<LogEntry>, StoreError> {
        let sql = format!(
            "select {COLUMNS}, transaction::text, position from event \
             where tenant = $1 and stream = $2 and version = $3"
        );
        let row = self.begin().await?.query_opt(&sql, &[&tenant, &stream, &version]).await?;
        row.as_ref().map(entry).transpose()
    }

    /// Whether an event lies at this place.
    pub async fn has(&self, at: LogPosition) -> Result<bool, StoreError> {
        let sql = "select exists (select from event \
             where transaction = $1::text::xid8 and position = $2)";
        let transaction = at.transaction.to_string();
        let tx = self.begin().await?;
        Ok(tx.query_one(sql, &[&transaction, &at.position]).await?.try_get(0)?)
    }

    /// How much of the log follows a position, and how old the first of it is.
    pub async fn behind(&self, after: LogPosition) -> Result<Behind, StoreError> {
        let sql = "select count(*), coalesce(extract(epoch from now() - min(recorded_at)), 0)::float8 \
             from (select recorded_at from event where (transaction, position) > ($1::text::xid8, $2) \
             order by event.transaction, event.position limit $3) waiting";
        let transaction = after.transaction.to_string();
        let tx = self.begin().await?;
        let row = tx.query_one(sql, &[&transaction, &after.position, &MOST_COUNTED]).await?;
        let seconds: f64 = row.try_get(1)?;
        Ok(Behind { events: to_u64(row.try_get(0)?), seconds: seconds.max(0.0) })
    }

    /// Where the log ends now, running transactions left out.
    pub async fn head(&self) -> Result<LogPosition, StoreError> {
        let sql = "select transaction::text, position from event \
             where transaction < pg_snapshot_xmin(pg_current_snapshot()) \
             order by event.transaction desc, event.position desc limit 1";
        let Some(row) = self.begin().await?.query_opt(sql, &[]).await? else {
            return Ok(LogPosition::default());
        };
        let transaction: &str = row.try_get(0)?;
        let transaction = transaction.parse().map_err(anyhow::Error::from)?;
        Ok(LogPosition { transaction, position: row.try_get(1)? })
    }

    /// All tenants that have a history here.
    pub async fn tenants(&self) -> Result<Vec<Uuid>, StoreError> {
        // One index probe per tenant, however long the log is.
        let sql = "with recursive each (tenant) as ( \
                 (select tenant from event order by tenant limit 1) union all \
                 select (select event.tenant from event where event.tenant > each.tenant \
                     order by event.tenant limit 1) from each where each.tenant is not null \
             ) select tenant from each where tenant is not null";
        let rows = self.begin().await?.query(sql, &[]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

impl LogEntry {
    pub fn tenant(&self) -> Uuid {
        self.row.tenant
    }

    pub fn stream(&self) -> &str {
        &self.row.stream
    }

    pub fn version(&self) -> u64 {
        to_u64(self.row.version)
    }

    pub fn event_id(&self) -> Uuid {
        self.row.id
    }

    /// The key that the payload is sealed with, if it is.
    pub fn key_id(&self) -> Option<Uuid> {
        self.row.key_id
    }

    /// W3C `traceparent` of the call that led to it.
    pub fn trace(&self) -> Option<&str> {
        self.row.trace.as_deref()
    }

    /// The event in clear.
    pub fn open<A: Stored>(&self, key: Option<&DataKey>) -> Result<Recorded<A::Event>, StoreError> {
        self.row.open::<A>(key)
    }
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.transaction, self.position)
    }
}

impl FromStr for LogPosition {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let parts = text.split_once('-').and_then(|(transaction, position)| {
            Some((transaction.parse().ok()?, position.parse().ok()?))
        });
        let (transaction, position) =
            parts.ok_or_else(|| StoreError::internal("not a position in a log"))?;
        Ok(Self { transaction, position })
    }
}

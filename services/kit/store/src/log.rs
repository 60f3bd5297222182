//! The log of all streams in an order without gaps.

use std::fmt;
use std::str::FromStr;

use kit_decider::Recorded;
use kit_seal::DataKey;
use uuid::Uuid;

use crate::event_row::{COLUMNS, EventRow, to_u64};
use crate::{Store, StoreError, Stored, Tx};

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

impl Store {
    /// What follows a position, across all tenants, oldest first.
    ///
    /// Only transactions older than every running one are read, so a slow one is waited for
    /// and never skipped.
    pub async fn log(&self, after: LogPosition, limit: i64) -> Result<Vec<LogEntry>, StoreError> {
        let client = self.inner.pool.get().await?;
        let tx = Tx::begin_with(client, "begin read only; set local amparo.relay = 'on'");
        let sql = format!(
            "select {COLUMNS}, transaction::text, position from event \
             where (transaction, position) > ($1::text::xid8, $2) \
             and transaction < pg_snapshot_xmin(pg_current_snapshot()) \
             order by transaction, position limit $3"
        );
        let transaction = after.transaction.to_string();
        let rows = tx.query(&sql, &[&transaction, &after.position, &limit]).await?;
        rows.iter()
            .map(|row| {
                let transaction: &str = row.try_get(15)?;
                let transaction = transaction.parse().map_err(anyhow::Error::from)?;
                let at = LogPosition { transaction, position: row.try_get(16)? };
                Ok(LogEntry { at, row: EventRow::read(row)? })
            })
            .collect()
    }

    /// Where the log ends now, running transactions left out.
    pub async fn log_head(&self) -> Result<LogPosition, StoreError> {
        let client = self.inner.pool.get().await?;
        let tx = Tx::begin_with(client, "begin read only; set local amparo.relay = 'on'");
        let sql = "select transaction::text, position from event \
             where transaction < pg_snapshot_xmin(pg_current_snapshot()) \
             order by transaction desc, position desc limit 1";
        let Some(row) = tx.query_opt(sql, &[]).await? else { return Ok(LogPosition::default()) };
        let transaction: &str = row.try_get(0)?;
        let transaction = transaction.parse().map_err(anyhow::Error::from)?;
        Ok(LogPosition { transaction, position: row.try_get(1)? })
    }
}

impl Store {
    /// All tenants that have a history here.
    pub async fn tenants(&self) -> Result<Vec<Uuid>, StoreError> {
        let client = self.inner.pool.get().await?;
        let tx = Tx::begin_with(client, "begin read only; set local amparo.relay = 'on'");
        // One index probe per tenant, however long the log is.
        let sql = "with recursive each (tenant) as ( \
                 (select tenant from event order by tenant limit 1) union all \
                 select (select event.tenant from event where event.tenant > each.tenant \
                     order by event.tenant limit 1) from each where each.tenant is not null \
             ) select tenant from each where tenant is not null";
        let rows = tx.query(sql, &[]).await?;
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

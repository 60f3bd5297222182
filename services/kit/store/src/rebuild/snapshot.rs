//! What Postgres sees at a moment, told from what it sees later.

use deadpool_postgres::Pool;
use uuid::Uuid;

use crate::event_row::{COLUMNS, EventRow};
use crate::{LogPosition, StoreError, Tx};

/// A snapshot of Postgres, in its own notation: which transactions had ended.
///
/// Events are told apart by their transaction, so that neither a long transaction nor one that
/// commits late is passed over.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot(pub String);

impl Snapshot {
    pub async fn take(pool: &Pool) -> Result<Self, StoreError> {
        Self::of(&Tx::begin_with(pool.get().await?, "begin read only")).await
    }

    /// What this transaction sees now.
    pub async fn of(tx: &Tx) -> Result<Self, StoreError> {
        let row = tx.query_one("select pg_current_snapshot()::text", &[]).await?;
        Ok(Self(row.try_get(0)?))
    }

    /// The events that `later` sees and `self` does not, in the order of the log.
    pub async fn missed(
        &self,
        tx: &Tx,
        later: &Self,
        after: LogPosition,
        limit: i64,
    ) -> Result<Vec<(LogPosition, EventRow)>, StoreError> {
        let sql = format!(
            "select {COLUMNS}, transaction::text, position from public.event \
             where transaction >= pg_snapshot_xmin($1::text::pg_snapshot) \
             and (transaction, position) > ($3::text::xid8, $4) \
             and not pg_visible_in_snapshot(transaction, $1::text::pg_snapshot) \
             and pg_visible_in_snapshot(transaction, $2::text::pg_snapshot) \
             order by event.transaction, event.position limit $5"
        );
        let transaction = after.transaction.to_string();
        let rows =
            tx.query(&sql, &[&self.0, &later.0, &transaction, &after.position, &limit]).await?;
        rows.iter()
            .map(|row| {
                let transaction: &str = row.try_get(15)?;
                let transaction = transaction.parse().map_err(anyhow::Error::from)?;
                let at = LogPosition { transaction, position: row.try_get(16)? };
                Ok((at, EventRow::read(row)?))
            })
            .collect()
    }

    /// The events of a tenant's streams of one category after a place, as far as it sees them.
    pub async fn page(
        &self,
        tx: &Tx,
        tenant: Uuid,
        after: (&str, i64),
        end: &str,
        limit: i64,
    ) -> Result<Vec<EventRow>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from public.event where tenant = $1 \
             and (stream, version) > ($2, $3) and stream < $4 \
             and pg_visible_in_snapshot(transaction, $5::text::pg_snapshot) \
             order by stream, version limit $6"
        );
        let rows = tx.query(&sql, &[&tenant, &after.0, &after.1, &end, &self.0, &limit]).await?;
        rows.iter().map(EventRow::read).collect()
    }

    /// The events of some streams, each after the version given, as far as it sees them.
    pub async fn histories(
        &self,
        tx: &Tx,
        tenant: Uuid,
        streams: &[&str],
        known: &[i64],
    ) -> Result<Vec<EventRow>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from unnest($2::text[], $3::int8[]) as wanted (name, known) \
             join public.event on tenant = $1 and stream = name and version > known \
             where pg_visible_in_snapshot(transaction, $4::text::pg_snapshot) \
             order by stream, version"
        );
        let rows = tx.query(&sql, &[&tenant, &streams, &known, &self.0]).await?;
        rows.iter().map(EventRow::read).collect()
    }
}

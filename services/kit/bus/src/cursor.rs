//! How far the log was published, in Postgres.

use kit_store::{LogPosition, Store, StoreError};
use tokio_postgres::Row;

use crate::BusError;
use crate::partition::{StreamState, Tail};

/// What was last written to a partition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    pub partition: i16,
    pub tail: Tail,
    pub stream_created: i64,
}

/// The relay's place in the log and in each partition.
#[derive(Debug)]
pub(crate) struct Cursor {
    pub at: LogPosition,
    written: Vec<Written>,
}

const WRITTEN: &str = "insert into relay_partition \
     (partition, transaction, position, sequence, stream_created) \
     values ($1, $2::text::xid8, $3, $4, $5) on conflict (partition) do update \
     set transaction = excluded.transaction, position = excluded.position, \
     sequence = excluded.sequence, stream_created = excluded.stream_created";

impl Cursor {
    pub async fn read(store: &Store) -> Result<Self, StoreError> {
        let tx = store.begin_without_tenant().await?;
        let start = "insert into relay_cursor (transaction, position) values ('0', 0) \
             on conflict do nothing";
        tx.execute(start, &[]).await?;
        let row = tx.query_one("select transaction::text, position from relay_cursor", &[]).await?;
        let at = position(&row)?;
        let sql = "select transaction::text, position, partition, sequence, stream_created \
             from relay_partition";
        let mut written = Vec::new();
        for row in tx.query(sql, &[]).await? {
            let sequence = u64::try_from(row.try_get::<_, i64>(3)?).unwrap_or_default();
            let tail = Tail { at: position(&row)?, sequence };
            let (partition, stream_created) = (row.try_get(2)?, row.try_get(4)?);
            written.push(Written { partition, tail, stream_created });
        }
        tx.commit().await?;
        Ok(Self { at, written })
    }

    /// Moves on; fails when another relay has moved it meanwhile.
    pub async fn advance(
        &mut self,
        store: &Store,
        to: LogPosition,
        written: &[Written],
    ) -> Result<(), BusError> {
        self.write(store, to, written).await?;
        for new in written {
            self.written.retain(|old| old.partition != new.partition);
            self.written.push(*new);
        }
        Ok(())
    }

    /// From where to publish again, if a partition ends before what was written to it.
    pub fn lost(&self, stream: &StreamState) -> Option<LogPosition> {
        let lost = self.written.iter().filter_map(|written| {
            let tail = stream.tails.get(usize::try_from(written.partition).ok()?)?;
            // A partition may be empty because its messages grew old, not because they were lost.
            let aged = *tail == Tail::default()
                && stream.created == written.stream_created
                && stream.last_sequence >= written.tail.sequence;
            (tail.at < written.tail.at && !aged).then_some(tail.at)
        });
        lost.min()
    }

    /// Goes back to `from`; what the partitions hold beyond it is not published twice.
    pub async fn rewind(
        &mut self,
        store: &Store,
        from: LogPosition,
        stream: &StreamState,
    ) -> Result<(), BusError> {
        let mut written = Vec::new();
        for (partition, tail) in (0i16..).zip(&stream.tails) {
            written.push(Written { partition, tail: *tail, stream_created: stream.created });
        }
        let to = from.min(self.at);
        self.write(store, to, &written).await?;
        self.written = written;
        Ok(())
    }

    async fn write(
        &mut self,
        store: &Store,
        to: LogPosition,
        written: &[Written],
    ) -> Result<(), BusError> {
        let tx = store.begin_without_tenant().await?;
        let sql = "update relay_cursor set transaction = $1::text::xid8, position = $2 \
             where transaction = $3::text::xid8 and position = $4";
        let (next, before) = (to.transaction.to_string(), self.at.transaction.to_string());
        let moved = tx.execute(sql, &[&next, &to.position, &before, &self.at.position]).await?;
        if moved == 0 {
            return Err(BusError::TakenOver);
        }
        for row in written {
            let transaction = row.tail.at.transaction.to_string();
            let sequence = i64::try_from(row.tail.sequence).unwrap_or(i64::MAX);
            tx.execute(
                WRITTEN,
                &[
                    &row.partition,
                    &transaction,
                    &row.tail.at.position,
                    &sequence,
                    &row.stream_created,
                ],
            )
            .await?;
        }
        tx.commit().await?;
        self.at = to;
        Ok(())
    }
}

/// From the first two columns: the transaction as text, the position.
pub(crate) fn position(row: &Row) -> Result<LogPosition, StoreError> {
    let transaction: &str = row.try_get(0)?;
    let transaction = transaction.parse().map_err(anyhow::Error::from)?;
    Ok(LogPosition { transaction, position: row.try_get(1)? })
}

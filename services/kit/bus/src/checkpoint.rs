//! How far a consumer has come, and what stopped it: rows beside its own.

use kit_store::{LogPosition, Store, StoreError, Tx};
use uuid::Uuid;

use crate::BusError;
use crate::cursor::position;

/// The place of a consumer in one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub at: LogPosition,
    /// Where that is in the JetStream stream created at `stream_created`.
    pub sequence: u64,
    pub stream_created: i64,
}

/// The checkpoint of one consumer and partition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checkpoint {
    pub source: &'static str,
    pub consumer: &'static str,
    pub partition: i16,
}

impl Checkpoint {
    pub async fn read(&self, store: &Store) -> Result<Place, StoreError> {
        let tx = store.begin_without_tenant().await?;
        let start = "insert into checkpoint (source, consumer, partition, transaction, position, \
             sequence, stream_created) values ($1, $2, $3, '0', 0, 0, 0) on conflict do nothing";
        tx.execute(start, &[&self.source, &self.consumer, &self.partition]).await?;
        let sql = "select transaction::text, position, sequence, stream_created from checkpoint \
             where source = $1 and consumer = $2 and partition = $3";
        let row = tx.query_one(sql, &[&self.source, &self.consumer, &self.partition]).await?;
        let sequence = u64::try_from(row.try_get::<_, i64>(2)?).unwrap_or_default();
        let place = Place { at: position(&row)?, sequence, stream_created: row.try_get(3)? };
        tx.commit().await?;
        Ok(place)
    }

    /// The fact that stopped this partition before this process took over.
    pub async fn stopped_by(&self, store: &Store) -> Result<Option<Uuid>, StoreError> {
        let tx = store.begin_without_tenant().await?;
        let sql = "select event_id from poison \
             where source = $1 and consumer = $2 and partition = $3";
        let row = tx.query_opt(sql, &[&self.source, &self.consumer, &self.partition]).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Moves on, if nobody else has: two consumers can never both apply a fact.
    pub async fn advance(&self, tx: &Tx, from: Place, to: Place) -> Result<(), BusError> {
        let sql = "update checkpoint set transaction = $4::text::xid8, position = $5, \
             sequence = $6, stream_created = $7 where source = $1 and consumer = $2 \
             and partition = $3 and transaction = $8::text::xid8 and position = $9";
        let (next, before) = (to.at.transaction.to_string(), from.at.transaction.to_string());
        let sequence = i64::try_from(to.sequence).unwrap_or(i64::MAX);
        let moved = tx
            .execute(
                sql,
                &[
                    &self.source,
                    &self.consumer,
                    &self.partition,
                    &next,
                    &to.at.position,
                    &sequence,
                    &to.stream_created,
                    &before,
                    &from.at.position,
                ],
            )
            .await?;
        if moved == 1 { Ok(()) } else { Err(BusError::TakenOver) }
    }

    /// Records the fact that stops this partition. Says whether an operator wants it skipped.
    pub async fn poisoned(
        &self,
        store: &Store,
        event_id: Uuid,
        at: LogPosition,
        reason: &str,
        attempts: u32,
    ) -> Result<bool, StoreError> {
        let tx = store.begin_without_tenant().await?;
        let sql = "insert into poison (source, consumer, partition, event_id, transaction, \
             position, reason, attempts) values ($1, $2, $3, $4, $5::text::xid8, $6, $7, $8) \
             on conflict (source, consumer, partition) do update set event_id = excluded.event_id, \
             transaction = excluded.transaction, position = excluded.position, \
             reason = excluded.reason, attempts = excluded.attempts, \
             skip = poison.skip and poison.event_id = excluded.event_id returning skip";
        let (transaction, attempts) = (at.transaction.to_string(), attempts.cast_signed());
        let row = tx
            .query_one(
                sql,
                &[
                    &self.source,
                    &self.consumer,
                    &self.partition,
                    &event_id,
                    &transaction,
                    &at.position,
                    &reason,
                    &attempts,
                ],
            )
            .await?;
        let skip = row.try_get(0)?;
        tx.commit().await?;
        Ok(skip)
    }

    /// The partition goes on.
    pub async fn cured(&self, tx: &Tx) -> Result<(), StoreError> {
        let sql = "delete from poison where source = $1 and consumer = $2 and partition = $3";
        tx.execute(sql, &[&self.source, &self.consumer, &self.partition]).await?;
        Ok(())
    }
}

/// How far a consumer has come, by partition.
pub(crate) async fn places(
    store: &Store,
    source: &str,
    consumer: &str,
) -> Result<Vec<(i16, LogPosition)>, StoreError> {
    let tx = store.begin_without_tenant().await?;
    let sql = "select transaction::text, position, partition from checkpoint \
         where source = $1 and consumer = $2";
    let rows = tx.query(sql, &[&source, &consumer]).await?;
    rows.iter().map(|row| Ok((row.try_get(2)?, position(row)?))).collect()
}

/// An operator's word that a poison fact be left out. Says whether that fact stops anyone.
pub async fn skip(
    store: &Store,
    source: &str,
    consumer: &str,
    event_id: Uuid,
) -> Result<bool, StoreError> {
    let tx = store.begin_without_tenant().await?;
    let sql = "update poison set skip = true \
         where source = $1 and consumer = $2 and event_id = $3";
    let found = tx.execute(sql, &[&source, &consumer, &event_id]).await?;
    tx.commit().await?;
    Ok(found > 0)
}

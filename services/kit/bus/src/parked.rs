//! Events that make no fact now: one of them must not hold up all others. It is set aside with
//! what follows it in its stream, and told once it can be.

use std::collections::HashSet;

use kit_store::{Log, LogEntry, Store, StoreError};
use uuid::Uuid;

/// The streams that wait, and the event that each waits for.
#[derive(Debug, Default)]
pub(crate) struct Parked {
    waiting: HashSet<(Uuid, String)>,
    /// The first waiting event of each stream.
    pub first: Vec<Uuid>,
}

/// A set aside event.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub tenant: Uuid,
    pub event_id: Uuid,
    pub stream: String,
    pub version: i64,
}

impl Parked {
    /// What waits in all tenants that have a log here.
    pub async fn read(store: &Store, log: &Log) -> Result<(Self, Vec<Place>), StoreError> {
        let mut parked = Self::default();
        let mut places = Vec::new();
        for tenant in log.tenants().await? {
            let sql = "select event_id, stream, version from parked \
                 where tenant = $1 and told_at is null order by stream, version";
            for row in store.read(tenant).await?.query(sql, &[&tenant]).await? {
                let (event_id, stream) = (row.try_get(0)?, row.try_get::<_, String>(1)?);
                if parked.waiting.insert((tenant, stream.clone())) {
                    parked.first.push(event_id);
                }
                places.push(Place { tenant, event_id, stream, version: row.try_get(2)? });
            }
        }
        Ok((parked, places))
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether an earlier event of this one's stream waits.
    pub fn holds(&self, entry: &LogEntry) -> bool {
        !self.is_empty() && self.waiting.contains(&(entry.tenant(), entry.stream().to_owned()))
    }

    /// Sets an event aside. Safe to repeat.
    pub async fn park(
        &mut self,
        store: &Store,
        entry: &LogEntry,
        reason: &str,
    ) -> Result<(), StoreError> {
        let (tenant, stream, version) = (entry.tenant(), entry.stream(), entry.version());
        let tx = store.begin(tenant).await?;
        let sql = "insert into parked (tenant, event_id, stream, version, reason) \
             values ($1, $2, $3, $4, $5) on conflict (tenant, event_id) do update \
             set told_at = null";
        let version = i64::try_from(version).unwrap_or(i64::MAX);
        tx.execute(sql, &[&tenant, &entry.event_id(), &stream, &version, &reason]).await?;
        tx.commit().await?;
        if self.waiting.insert((tenant, stream.to_owned())) {
            self.first.push(entry.event_id());
        }
        Ok(())
    }

    /// It was told after all.
    pub async fn told(store: &Store, place: &Place) -> Result<(), StoreError> {
        let tx = store.begin(place.tenant).await?;
        let sql = "update parked set told_at = now() where tenant = $1 and event_id = $2";
        tx.execute(sql, &[&place.tenant, &place.event_id]).await?;
        tx.commit().await
    }

    /// NATS lost facts: those that were told late are told again, at the end.
    pub async fn wait_again(store: &Store, log: &Log) -> Result<(), StoreError> {
        for tenant in log.tenants().await? {
            let tx = store.begin(tenant).await?;
            let sql = "update parked set told_at = null where tenant = $1 and told_at is not null";
            tx.execute(sql, &[&tenant]).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

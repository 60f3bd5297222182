//! Catching up: what was written while tables were made, in the order of the log.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::part::{AnyRebuilder, Part};
use super::snapshot::Snapshot;
use super::{SCHEMA, Work};
use crate::event_row::EventRow;
use crate::{LogPosition, StoreError, Tx};

/// Events taken in together.
const STEP: i64 = 2_000;

/// How far the new tables have come.
pub(super) struct Rounds<'a> {
    pub work: &'a Work<'a>,
    /// All that this snapshot sees is in them.
    pub seen: Snapshot,
}

/// Events of one tenant, each with its transaction, in order.
type Tenants = BTreeMap<Uuid, Vec<(u64, EventRow)>>;

impl Rounds<'_> {
    /// Takes in what is there now. Says how many events and touched rows that was.
    pub async fn round(&mut self) -> Result<u64, StoreError> {
        let now = Snapshot::take(self.work.pool).await?;
        let mut count = 0;
        let mut at = LogPosition::default();
        loop {
            let tx = Tx::begin_with(self.work.pool.get().await?, "begin read only");
            let events = self.seen.missed(&tx, &now, at, STEP).await?;
            drop(tx);
            let Some((last, _)) = events.last() else { break };
            at = *last;
            count += events.len() as u64;
            for (tenant, events) in by_tenant(events) {
                let tx = Tx::begin(self.work.pool.get().await?, tenant);
                self.take_in(&tx, tenant, &events, &now).await?;
                tx.commit().await?;
            }
        }
        count += self.make_touched_again(&now).await?;
        self.seen = now;
        Ok(count)
    }

    /// The last round: within the transaction that keeps writers away.
    pub async fn last(&self, tx: &Tx) -> Result<(), StoreError> {
        let now = Snapshot::of(tx).await?;
        let mut at = LogPosition::default();
        loop {
            let events = self.seen.missed(tx, &now, at, STEP).await?;
            let Some((last, _)) = events.last() else { break };
            at = *last;
            for (tenant, events) in by_tenant(events) {
                tx.set_tenant(tenant);
                self.take_in(tx, tenant, &events, &now).await?;
            }
        }
        for (tenant, touched) in self.touched(tx).await? {
            self.again(tx, tenant, &touched, &now).await?;
        }
        Ok(())
    }

    /// All at once; one transaction after the other where that breaks a rule of the tables, such
    /// as a name that one gave up and another took.
    async fn take_in(
        &self,
        tx: &Tx,
        tenant: Uuid,
        events: &[(u64, EventRow)],
        now: &Snapshot,
    ) -> Result<(), StoreError> {
        let rows: Vec<&EventRow> = events.iter().map(|(_, row)| row).collect();
        tx.client().batch_execute("savepoint all_at_once").await?;
        match self.project(tx, tenant, &rows, now).await {
            Err(StoreError::Taken { .. }) => {}
            other => return other,
        }
        tx.client().batch_execute("rollback to savepoint all_at_once").await?;
        self.forget();
        for unit in events.chunk_by(|a, b| a.0 == b.0) {
            let rows: Vec<&EventRow> = unit.iter().map(|(_, row)| row).collect();
            self.project(tx, tenant, &rows, now).await?;
        }
        Ok(())
    }

    /// What was taken in last is not in the rows after all.
    pub fn forget(&self) {
        self.work.group.iter().for_each(|it| it.forget());
    }

    /// Takes in some events of a tenant, in order.
    async fn project(
        &self,
        tx: &Tx,
        tenant: Uuid,
        events: &[&EventRow],
        now: &Snapshot,
    ) -> Result<(), StoreError> {
        let (mut first, mut last) = (HashMap::new(), HashMap::new());
        for row in events {
            first.entry(row.stream.clone()).or_insert(row.version);
            last.insert(row.stream.as_str(), row.version);
        }
        for rebuilder in self.work.group {
            let streams = of_category(first.keys().map(String::as_str), *rebuilder);
            if streams.is_empty() {
                continue;
            }
            let known: Vec<i64> =
                streams.iter().map(|stream| rebuilder.known(tenant, stream)).collect();
            let mut rows = now.histories(tx, tenant, &streams, &known).await?;
            // Later events have their own turn.
            rows.retain(|row| last.get(row.stream.as_str()).is_some_and(|it| row.version <= *it));
            let part = Part { tenant, rows, news: first.clone() };
            rebuilder.project(&self.work.store.inner, tx, part).await?;
        }
        Ok(())
    }

    async fn make_touched_again(&self, now: &Snapshot) -> Result<u64, StoreError> {
        let tx = Tx::begin_with(self.work.pool.get().await?, "begin");
        let touched = self.touched(&tx).await?;
        let mut count = 0;
        for (tenant, streams) in &touched {
            count += streams.len() as u64;
            self.again(&tx, *tenant, streams, now).await?;
        }
        tx.commit().await?;
        Ok(count)
    }

    /// Takes the list of streams whose rows somebody wrote since it was last taken.
    async fn touched(&self, tx: &Tx) -> Result<BTreeMap<Uuid, BTreeSet<String>>, StoreError> {
        let sql = format!("delete from {SCHEMA}.touched returning tenant, stream");
        let mut touched: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
        for row in tx.query(&sql, &[]).await? {
            touched.entry(row.try_get(0)?).or_default().insert(row.try_get(1)?);
        }
        Ok(touched)
    }

    /// Makes the rows of these streams once more.
    async fn again(
        &self,
        tx: &Tx,
        tenant: Uuid,
        streams: &BTreeSet<String>,
        now: &Snapshot,
    ) -> Result<(), StoreError> {
        tx.set_tenant(tenant);
        for rebuilder in self.work.group.iter().filter(|it| it.touched().is_some()) {
            let streams = of_category(streams.iter().map(String::as_str), *rebuilder);
            for streams in streams.chunks(300) {
                let rows = now.histories(tx, tenant, streams, &vec![0; streams.len()]).await?;
                // It may have been erased: the keyring is asked, not what is kept of it.
                let keys = rows.iter().filter_map(|row| row.key_id);
                self.work.store.keys().ask_again(tenant, keys);
                let part = Part { tenant, rows, ..Part::default() };
                rebuilder.project(&self.work.store.inner, tx, part).await?;
            }
        }
        Ok(())
    }
}

fn of_category<'a>(
    streams: impl Iterator<Item = &'a str>,
    rebuilder: &dyn AnyRebuilder,
) -> Vec<&'a str> {
    let category = rebuilder.category();
    let of =
        |stream: &&str| stream.strip_prefix(category).is_some_and(|rest| rest.starts_with('-'));
    streams.filter(of).collect()
}

fn by_tenant(events: Vec<(LogPosition, EventRow)>) -> Tenants {
    let mut tenants = Tenants::new();
    for (at, row) in events {
        tenants.entry(row.tenant).or_default().push((at.transaction, row));
    }
    tenants
}

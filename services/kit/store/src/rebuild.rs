//! Read models made anew from events.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use kit_decider::fold;
use uuid::Uuid;

use crate::event_row::{COLUMNS, EventRow};
use crate::projection::AnyProjection;
use crate::store::Inner;
use crate::{Change, Store, StoreError, Stored, Tx};

type Work = Box<
    dyn for<'a> Fn(&'a Inner, &'a Tx, Uuid) -> BoxFuture<'a, Result<u64, StoreError>> + Send + Sync,
>;

/// Knows how to make one projection's rows anew.
pub(crate) struct Rebuilder {
    pub name: &'static str,
    pub version: i32,
    work: Work,
}

impl Rebuilder {
    pub fn new<A: Stored>(projection: &Arc<dyn AnyProjection<A>>) -> Self {
        let (name, version) = (projection.name(), projection.version());
        let projection = Arc::clone(projection);
        let work: Work = Box::new(move |inner, tx, tenant| {
            let projection = Arc::clone(&projection);
            Box::pin(async move { rebuild(inner, tx, tenant, &*projection).await })
        });
        Self { name, version, work }
    }
}

impl Store {
    /// Names of the registered projections.
    pub fn projections(&self) -> Vec<&'static str> {
        self.inner.rebuilders.iter().map(|rebuilder| rebuilder.name).collect()
    }

    /// Rebuilds, for all tenants, the projections whose `VERSION` is another than that of the
    /// rows. To be called at the start, before serving. Says which were rebuilt.
    pub async fn bring_up_to_date(&self) -> Result<Vec<&'static str>, StoreError> {
        let mut rebuilt = Vec::new();
        for rebuilder in &self.inner.rebuilders {
            if self.made_by(rebuilder).await? == Some(rebuilder.version) {
                continue;
            }
            for tenant in self.tenants().await? {
                self.rebuild(tenant, rebuilder.name).await?;
            }
            let tx = self.begin_without_tenant().await?;
            let sql = "insert into projection (name, version) values ($1, $2) on conflict (name) \
                 do update set version = excluded.version, rebuilt_at = now()";
            tx.execute(sql, &[&rebuilder.name, &rebuilder.version]).await?;
            tx.commit().await?;
            rebuilt.push(rebuilder.name);
        }
        Ok(rebuilt)
    }

    /// The version of a projection that made the rows which are there.
    async fn made_by(&self, rebuilder: &Rebuilder) -> Result<Option<i32>, StoreError> {
        let tx = self.begin_without_tenant().await?;
        let sql = "select version from projection where name = $1";
        let row = tx.query_opt(sql, &[&rebuilder.name]).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Makes one tenant's rows of a projection anew from events, in one transaction:
    /// readers see the old rows until the new ones are there. Says how many streams it read.
    pub async fn rebuild(&self, tenant: Uuid, projection: &str) -> Result<u64, StoreError> {
        let unknown = || StoreError::internal(format!("no projection is named {projection}"));
        let rebuilders = &self.inner.rebuilders;
        let found = rebuilders.iter().find(|it| it.name == projection).ok_or_else(unknown)?;
        let tx = self.inner.begin(tenant).await?;
        // Appends wait, so that no event falls between the reading and the switch.
        tx.execute("select pg_advisory_xact_lock($1)", &[&rebuild_lock(tenant)]).await?;
        // A large tenant takes longer than a call may.
        tx.client().batch_execute("set local statement_timeout = 0").await?;
        let streams = (found.work)(&self.inner, &tx, tenant).await?;
        tx.commit().await?;
        Ok(streams)
    }
}

async fn rebuild<A: Stored>(
    inner: &Inner,
    tx: &Tx,
    tenant: Uuid,
    projection: &dyn AnyProjection<A>,
) -> Result<u64, StoreError> {
    projection.clear(tx, tenant).await?;
    let mut after = format!("{}-", A::CATEGORY);
    // '.' follows '-' in the order of bytes.
    let end = format!("{}.", A::CATEGORY);
    let mut streams = 0;
    loop {
        let names = next_streams(tx, tenant, &after, &end).await?;
        let Some(last) = names.last() else { return Ok(streams) };
        after.clone_from(last);
        streams += names.len() as u64;
        let changes = changes_of::<A>(inner, tx, tenant, &names).await?;
        projection.project(tx, &changes).await?;
    }
}

async fn next_streams(
    tx: &Tx,
    tenant: Uuid,
    after: &str,
    end: &str,
) -> Result<Vec<String>, StoreError> {
    let sql = "select stream from event where tenant = $1 and stream > $2 and stream < $3 \
         and version = 1 order by stream limit 500";
    let rows = tx.query(sql, &[&tenant, &after, &end]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Whole histories as changes; erased streams are left out, so that their rows are gone.
async fn changes_of<A: Stored>(
    inner: &Inner,
    tx: &Tx,
    tenant: Uuid,
    streams: &[String],
) -> Result<Vec<Change<A>>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from event where tenant = $1 and stream = any($2) \
         order by stream, version"
    );
    let rows = tx.query(&sql, &[&tenant, &streams]).await?;
    let rows: Vec<_> = rows.iter().map(EventRow::read).collect::<Result<_, _>>()?;
    inner.keys.open(tenant, rows.iter().filter_map(|row| row.key_id)).await?;
    let mut changes = Vec::new();
    for rows in rows.chunk_by(|a, b| a.stream == b.stream) {
        let mut key = None;
        let recorded = match inner.open_rows::<A>(rows, &mut key).await {
            Err(StoreError::Erased) => continue,
            other => other?,
        };
        let stream = rows[0].stream.clone();
        let id = stream[A::CATEGORY.len() + 1..].to_owned();
        let after = Arc::new(fold::<A>(recorded.iter().map(|recorded| &recorded.event)));
        let version = recorded.len() as u64;
        let before = Arc::default();
        changes.push(Change { tenant, stream, id, recorded, before, after, version, key });
    }
    Ok(changes)
}

/// What a rebuild of a tenant holds alone and every append of the tenant holds with others.
pub(crate) fn rebuild_lock(tenant: Uuid) -> i64 {
    let (high, low) = tenant.as_u64_pair();
    i64::from_be_bytes((high.rotate_left(32) ^ low).to_be_bytes())
}

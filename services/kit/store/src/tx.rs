//! A transaction with the tenant set, whose statements can be pipelined.

use deadpool_postgres::{Object, Pool};
use futures_util::FutureExt;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};
use uuid::Uuid;

use crate::StoreError;

/// Values of a statement.
pub type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// Statements that one connection keeps prepared.
const MOST_PREPARED: usize = 300;

/// A transaction. Statements awaited together (`try_join!`) travel together.
///
/// Dropped without [`Tx::commit`] it is rolled back.
pub struct Tx {
    client: Option<Object>,
}

impl Tx {
    /// Begins for one tenant on a connection of the pool, without a store.
    pub async fn of(pool: &Pool, tenant: Uuid) -> Result<Self, StoreError> {
        Ok(Self::begin(pool.get().await?, tenant))
    }

    /// Begins for no tenant on a connection of the pool, without a store: sees no tenant's rows but
    /// where a policy says so.
    pub async fn across(pool: &Pool) -> Result<Self, StoreError> {
        Ok(Self::begin_without_tenant(pool.get().await?))
    }

    /// Begins for one tenant: the only rows seen or written are that tenant's.
    /// Sends without waiting, so that it costs no round trip.
    pub(crate) fn begin(client: Object, tenant: Uuid) -> Self {
        Self::begin_with(client, &format!("begin; set local amparo.tenant = '{tenant}'"))
    }

    /// Begins for no tenant: sees no tenant's rows until [`Tx::set_tenant`].
    pub(crate) fn begin_without_tenant(client: Object) -> Self {
        Self::begin_with(client, "begin")
    }

    pub(crate) fn begin_with(client: Object, sql: &str) -> Self {
        // A failure here fails the next statement too: without a tenant, nothing is seen.
        let _ = client.batch_execute(sql).now_or_never();
        Self { client: Some(client) }
    }

    /// From here on this transaction acts for `tenant`. Costs no round trip.
    pub fn set_tenant(&self, tenant: Uuid) {
        let sql = format!("set local amparo.tenant = '{tenant}'");
        let _ = self.client().batch_execute(&sql).now_or_never();
    }

    /// Rows of a query; the statement is prepared once per connection.
    pub async fn query(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql).await?;
        Ok(self.client().query(&statement, params).await?)
    }

    /// The one row, if there is one.
    pub async fn query_opt(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Option<Row>, StoreError> {
        let statement = self.prepare(sql).await?;
        Ok(self.client().query_opt(&statement, params).await?)
    }

    /// The one row.
    pub async fn query_one(&self, sql: &str, params: Params<'_>) -> Result<Row, StoreError> {
        let statement = self.prepare(sql).await?;
        Ok(self.client().query_one(&statement, params).await?)
    }

    /// Runs a statement; says how many rows it touched.
    pub async fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64, StoreError> {
        let statement = self.prepare(sql).await?;
        Ok(self.client().execute(&statement, params).await?)
    }

    /// Prepared once per connection, then known.
    pub async fn prepare(&self, sql: &str) -> Result<Statement, StoreError> {
        let client = self.client.as_ref().expect("present until dropped");
        // Searches come in ever new shapes; a connection must not remember them all.
        if client.statement_cache.size() >= MOST_PREPARED {
            client.statement_cache.clear();
        }
        Ok(client.prepare_cached(sql).await?)
    }

    /// The connection itself, for what the methods here do not offer.
    pub fn client(&self) -> &tokio_postgres::Client {
        self.client.as_deref().map(std::ops::Deref::deref).expect("present until dropped")
    }

    /// Makes it durable. An earlier failed statement, noticed or not, is an error here.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let client = self.client.take().expect("present until dropped");
        // A COMMIT of a failed transaction rolls back and reports success. The statement before it
        // fails there, and with it the rest.
        let committed = client.batch_execute("select; commit").await;
        if committed.is_err() {
            let _ = client.batch_execute("rollback").now_or_never();
        }
        Ok(committed?)
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(client) = &self.client {
            // Sent now; whoever uses the connection next comes after it.
            let _ = client.batch_execute("rollback").now_or_never();
        }
    }
}

//! The vault in Postgres.

use deadpool_postgres::Pool;
use futures_util::future::BoxFuture;
use kit_store::{StoreError, Tx};
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::vault::{DataKeyRow, TenantKeyRow, Vault};

/// Data keys wrapped anew per statement.
const PAGE: i64 = 5_000;
/// Until the end of the transaction, for one tenant.
const IN_TURN: &str = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))";

/// Wrapped keys in the keyring's own database.
pub struct PostgresVault {
    pool: Pool,
}

impl PostgresVault {
    pub fn new(pool: Pool) -> Self {
        Self { pool }
    }

    async fn begin(&self, tenant: Uuid) -> Result<Tx, StoreError> {
        Tx::of(&self.pool, tenant).await
    }

    /// Destroys some data keys of a tenant that has ended; whether there were any.
    async fn destroy_some(&self, tenant: Uuid) -> Result<bool, StoreError> {
        let tx = self.begin(tenant).await?;
        let sql = "update data_key set generation = 0, wrapped = null, \
             destroyed_at = coalesce(destroyed_at, now()) where tenant = $1 and id in \
             (select id from data_key where tenant = $1 and generation <> 0 limit $2)";
        let some = tx.execute(sql, &[&tenant, &PAGE]).await?;
        tx.commit().await?;
        Ok(some > 0)
    }

    async fn tenant_key(
        &self,
        tenant: Uuid,
        generation: Option<i32>,
    ) -> Result<Option<TenantKeyRow>, StoreError> {
        let sql = "select generation, wrapped, root from tenant_key where tenant = $1 \
             and generation = coalesce($2, generation) \
             order by generation = 0 desc, generation desc limit 1";
        let row = self.begin(tenant).await?.query_opt(sql, &[&tenant, &generation]).await?;
        row.map(|row| {
            Ok(TenantKeyRow {
                generation: row.try_get(0)?,
                wrapped: row.try_get(1)?,
                root: row.try_get(2)?,
            })
        })
        .transpose()
    }
}

fn data_key(row: &Row) -> Result<DataKeyRow, StoreError> {
    Ok(DataKeyRow { id: row.try_get(0)?, generation: row.try_get(1)?, wrapped: row.try_get(2)? })
}

impl Vault for PostgresVault {
    fn newest(&self, tenant: Uuid) -> BoxFuture<'_, Result<Option<TenantKeyRow>, StoreError>> {
        Box::pin(self.tenant_key(tenant, None))
    }

    fn generation(
        &self,
        tenant: Uuid,
        generation: i32,
    ) -> BoxFuture<'_, Result<Option<TenantKeyRow>, StoreError>> {
        Box::pin(self.tenant_key(tenant, Some(generation)))
    }

    fn add_generation(
        &self,
        tenant: Uuid,
        row: TenantKeyRow,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let tx = self.begin(tenant).await?;
            // One that begins and one that ends wait for each other.
            tx.query(IN_TURN, &[&tenant]).await?;
            let sql = "insert into tenant_key (tenant, generation, wrapped, root) \
                 select $1, $2, $3, $4 where not exists \
                 (select from tenant_key where tenant = $1 and generation = 0) \
                 on conflict do nothing";
            tx.execute(sql, &[&tenant, &row.generation, &row.wrapped, &row.root]).await?;
            tx.commit().await
        })
    }

    fn retire_below(&self, tenant: Uuid, generation: i32) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let tx = self.begin(tenant).await?;
            let sql = "delete from tenant_key where tenant = $1 and generation < $2 and not exists \
                 (select from data_key where data_key.tenant = $1 \
                 and data_key.generation = tenant_key.generation)";
            match tx.execute(sql, &[&tenant, &generation]).await {
                Ok(_) => tx.commit().await,
                // A late key arrived; the next rotation retires it.
                Err(StoreError::Conflict) => Ok(()),
                Err(error) => Err(error),
            }
        })
    }

    fn index_secret(&self, tenant: Uuid) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let sql = "select wrapped from index_secret where tenant = $1";
            let row = self.begin(tenant).await?.query_opt(sql, &[&tenant]).await?;
            Ok(row.map(|row| row.try_get(0)).transpose()?)
        })
    }

    fn add_index_secret(
        &self,
        tenant: Uuid,
        wrapped: Vec<u8>,
        root: String,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let tx = self.begin(tenant).await?;
            let sql = "insert into index_secret (tenant, wrapped, root) select $1, $2, $3 \
                 where not exists (select from tenant_key where tenant = $1 and generation = 0) \
                 on conflict do nothing";
            tx.execute(sql, &[&tenant, &wrapped, &root]).await?;
            tx.commit().await
        })
    }

    fn add_data_keys(
        &self,
        tenant: Uuid,
        rows: Vec<DataKeyRow>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let tx = self.begin(tenant).await?;
            let (ids, generations, wrapped) = columns(rows);
            let sql = "insert into data_key (tenant, id, generation, wrapped) \
                 select $1, * from unnest($2::uuid[], $3::int4[], $4::bytea[])";
            tx.execute(sql, &[&tenant, &ids, &generations, &wrapped]).await?;
            tx.commit().await
        })
    }

    fn data_keys(
        &self,
        tenant: Uuid,
        ids: Vec<Uuid>,
    ) -> BoxFuture<'_, Result<Vec<DataKeyRow>, StoreError>> {
        Box::pin(async move {
            let sql = "select id, generation, wrapped from data_key \
                 where tenant = $1 and id = any($2)";
            let rows = self.begin(tenant).await?.query(sql, &[&tenant, &ids]).await?;
            rows.iter().map(data_key).collect()
        })
    }

    fn data_keys_below(
        &self,
        tenant: Uuid,
        generation: i32,
    ) -> BoxFuture<'_, Result<Vec<DataKeyRow>, StoreError>> {
        Box::pin(async move {
            let sql = "select id, generation, wrapped from data_key \
                 where tenant = $1 and generation < $2 limit $3";
            let rows = self.begin(tenant).await?.query(sql, &[&tenant, &generation, &PAGE]).await?;
            rows.iter().map(data_key).collect()
        })
    }

    fn rewrap(&self, tenant: Uuid, rows: Vec<DataKeyRow>) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let tx = self.begin(tenant).await?;
            let (ids, generations, wrapped) = columns(rows);
            let sql = "update data_key set generation = new.generation, \
                 wrapped = case when data_key.wrapped is not null then new.wrapped end \
                 from unnest($2::uuid[], $3::int4[], $4::bytea[]) as new (id, generation, wrapped) \
                 where data_key.tenant = $1 and data_key.id = new.id";
            tx.execute(sql, &[&tenant, &ids, &generations, &wrapped]).await?;
            tx.commit().await
        })
    }

    fn destroy(
        &self,
        tenant: Uuid,
        id: Uuid,
        note: Option<Value>,
    ) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let tx = self.begin(tenant).await?;
            let sql = "update data_key set wrapped = null, \
                 destroyed_at = coalesce(destroyed_at, now()), \
                 destroyed_for = coalesce(destroyed_for, $3) where tenant = $1 and id = $2";
            let there = tx.execute(sql, &[&tenant, &id, &note]).await?;
            tx.commit().await?;
            Ok(there > 0)
        })
    }

    fn destroyed(&self, tenant: Uuid) -> BoxFuture<'_, Result<Vec<(Uuid, Value)>, StoreError>> {
        Box::pin(async move {
            let sql = "select id, destroyed_for from data_key \
                 where tenant = $1 and destroyed_for is not null order by id";
            let rows = self.begin(tenant).await?.query(sql, &[&tenant]).await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
        })
    }

    fn end(
        &self,
        tenant: Uuid,
        last: TenantKeyRow,
        note: Value,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let tx = self.begin(tenant).await?;
            tx.query(IN_TURN, &[&tenant]).await?;
            let sql = "insert into tenant_key (tenant, generation, wrapped, root, destroyed_for) \
                 values ($1, 0, $2, $3, $4) on conflict do nothing";
            tx.execute(sql, &[&tenant, &last.wrapped, &last.root, &note]).await?;
            tx.commit().await?;
            while self.destroy_some(tenant).await? {}
            let tx = self.begin(tenant).await?;
            // Refused while a key that was reserved meanwhile hangs on it.
            let sql = "delete from tenant_key where tenant = $1 and generation <> 0";
            tx.execute(sql, &[&tenant]).await?;
            tx.execute("delete from index_secret where tenant = $1", &[&tenant]).await?;
            tx.commit().await
        })
    }

    fn ended(&self) -> BoxFuture<'_, Result<Vec<(Uuid, Value)>, StoreError>> {
        Box::pin(async move {
            let tx = Tx::across(&self.pool).await?;
            tx.query("select set_config('amparo.installation', 'on', true)", &[]).await?;
            let sql = "select tenant, coalesce(destroyed_for, 'null') from tenant_key \
                 where generation = 0 order by tenant";
            let rows = tx.query(sql, &[]).await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
        })
    }
}

type Columns = (Vec<Uuid>, Vec<i32>, Vec<Option<Vec<u8>>>);

fn columns(rows: Vec<DataKeyRow>) -> Columns {
    let mut columns = Columns::default();
    for row in rows {
        columns.0.push(row.id);
        columns.1.push(row.generation);
        columns.2.push(row.wrapped);
    }
    columns
}

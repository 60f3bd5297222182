//! The end of a tenant. Its keys are destroyed at the keyring; here its rows go, and its sealed
//! history stays, which opens for nobody and still verifies.

use uuid::Uuid;

use crate::{Removed, Store, StoreError};

/// Rows that one statement deletes.
const PAGE: i64 = 20_000;
/// Tables of the history itself, and of what keeps numbers from being given twice.
const HISTORY: [&str; 5] = ["event", "command", "attestation", "counter", "parked"];
/// Tables with rows of tenants.
const TABLES: &str = "select relname::text from pg_class join pg_namespace on \
     pg_namespace.oid = relnamespace join pg_attribute on attrelid = pg_class.oid \
     where nspname = 'public' and relkind = 'r' and attname = 'tenant' \
     and has_table_privilege(pg_class.oid, 'DELETE') order by relname";

impl Store {
    /// Deletes every row of a tenant but its history, and what is in memory of it. Says how many
    /// rows each table has lost. Safe to repeat, and to be done while late facts still come in.
    pub async fn forget_tenant(&self, tenant: Uuid) -> Result<Removed, StoreError> {
        self.keys().forget_tenant(tenant);
        self.inner.forget_tenant(tenant);
        let rows = self.read(tenant).await?.query(TABLES, &[]).await?;
        let mut removed = Removed::new();
        for row in rows {
            let table: String = row.try_get(0)?;
            if !HISTORY.contains(&table.as_str()) && !self.inner.outlasting.contains(&&*table) {
                let lost = self.forget_rows(tenant, &table).await?;
                removed.push((table, lost));
            }
        }
        removed.retain(|(_, lost)| *lost > 0);
        Ok(removed)
    }

    /// In pages, so that none takes as long as a statement may.
    async fn forget_rows(&self, tenant: Uuid, table: &str) -> Result<u64, StoreError> {
        let sql = format!(
            "delete from \"{table}\" where ctid = any(array(select ctid from \"{table}\" \
             where tenant = $1 limit $2))"
        );
        let mut lost = 0;
        loop {
            let tx = self.begin(tenant).await?;
            let some = tx.execute(&sql, &[&tenant, &PAGE]).await?;
            tx.commit().await?;
            lost += some;
            if some < PAGE.unsigned_abs() {
                return Ok(lost);
            }
        }
    }
}

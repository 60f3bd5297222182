//! Numbers that people see: counted per tenant and kind, never given twice.

use uuid::Uuid;

use crate::{Store, StoreError};

impl Store {
    /// The next number of this kind. Durable at once: a command that fails leaves a gap.
    pub async fn next_number(&self, tenant: Uuid, kind: &str) -> Result<i64, StoreError> {
        self.next_numbers(tenant, kind, 1).await
    }

    /// Takes `count` numbers and says the first of them.
    pub async fn next_numbers(
        &self,
        tenant: Uuid,
        kind: &str,
        count: i64,
    ) -> Result<i64, StoreError> {
        let tx = self.begin(tenant).await?;
        let sql = "insert into counter (tenant, kind, last) values ($1, $2, $3) \
             on conflict (tenant, kind) do update set last = counter.last + $3 returning last";
        let last: i64 = tx.query_one(sql, &[&tenant, &kind, &count]).await?.try_get(0)?;
        tx.commit().await?;
        Ok(last - count + 1)
    }

    /// Numbers up to `at_least` count as given (for an import that brings its own).
    pub async fn raise_number(
        &self,
        tenant: Uuid,
        kind: &str,
        at_least: i64,
    ) -> Result<(), StoreError> {
        let tx = self.begin(tenant).await?;
        let sql = "insert into counter (tenant, kind, last) values ($1, $2, $3) on conflict \
             (tenant, kind) do update set last = greatest(counter.last, $3)";
        tx.execute(sql, &[&tenant, &kind, &at_least]).await?;
        tx.commit().await
    }
}

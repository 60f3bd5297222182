//! Erasing a record: its key is destroyed, its rows go, its sealed history stays verifiable.

use uuid::Uuid;

use crate::{Store, StoreError, Stored, stream_name};

impl Store {
    /// Destroys the record's key for good and deletes its rows here. Safe to repeat.
    /// Copies elsewhere (facts, other services, backups) cannot be read from then on.
    pub async fn erase<A: Stored>(
        &self,
        tenant: Uuid,
        id: impl std::fmt::Display + Send,
    ) -> Result<(), StoreError> {
        let id = id.to_string();
        let stream = stream_name::<A>(&id);
        let tx = self.begin(tenant).await?;
        let sql = "select key_id from event where tenant = $1 and stream = $2 \
             and key_id is not null group by key_id";
        let keys = tx.query(sql, &[&tenant, &stream]).await?;
        for row in &keys {
            self.keys().destroy(tenant, row.try_get(0)?).await?;
        }
        self.inner.forget(tenant, &stream);
        let sql = "delete from snapshot where tenant = $1 and stream = $2";
        tx.execute(sql, &[&tenant, &stream]).await?;
        for projection in self.inner.projections::<A>() {
            projection.erase(&tx, tenant, &id).await?;
        }
        tx.commit().await
    }
}

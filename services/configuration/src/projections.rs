//! The read models that commit with the events they show.

mod objects;
mod places;
mod snapshots;

use kit_store::{StoreError, Tx};
use uuid::Uuid;

pub use objects::Objects;
pub use places::Places;
pub use snapshots::Snapshots;

/// Counts a change of the tenant's configuration. Its row lock puts the changes in order.
async fn count_change(tx: &Tx, tenant: Uuid) -> Result<(), StoreError> {
    let sql = "insert into configuration_version (tenant, version) values ($1, 1) \
         on conflict (tenant) do update set version = configuration_version.version + 1";
    tx.execute(sql, &[&tenant]).await?;
    Ok(())
}

//! Deleted users are forgotten for good: their keys are destroyed once others had a day to
//! hear that they are gone.

use identity_domain::User;
use jiff::{SignedDuration, Timestamp};
use kit_store::{Store, StoreError};
use uuid::Uuid;

const AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Erases users of a tenant who were deleted a day before `now`; says how many.
pub async fn erase_deleted(store: &Store, tenant: Uuid, now: Timestamp) -> Result<u64, StoreError> {
    let tx = store.read(tenant).await?;
    let sql = "select number from directory_entry where tenant = $1 and kind = 'user' \
         and deleted and key_id is not null and updated_at < $2";
    let rows = tx.query(sql, &[&tenant, &(now - AFTER)]).await?;
    drop(tx);
    let mut erased = 0;
    for row in rows {
        store.erase::<User>(tenant, row.try_get::<_, i64>(0)?).await?;
        erased += 1;
    }
    Ok(erased)
}

//! Deleted users are forgotten for good: their keys are destroyed once others had a day to
//! hear that they are gone.

use identity_domain::{Device, User};
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
        let number: i64 = row.try_get(0)?;
        erase_devices(store, tenant, number).await?;
        store.erase::<User>(tenant, number).await?;
        erased += 1;
    }
    Ok(erased)
}

/// Before the user, so that none is left when this breaks off.
async fn erase_devices(store: &Store, tenant: Uuid, user: i64) -> Result<(), StoreError> {
    let tx = store.read(tenant).await?;
    let sql = "select id from device where tenant = $1 and user_number = $2";
    let rows = tx.query(sql, &[&tenant, &user]).await?;
    drop(tx);
    for row in rows {
        store.erase::<Device>(tenant, row.try_get::<_, Uuid>(0)?).await?;
    }
    Ok(())
}

//! Failed sign-ins and the lock that follows from too many. Names that do not exist are counted
//! like those that do, so that nothing tells them apart.

use jiff::{SignedDuration, Timestamp};
use kit_store::{Store, StoreError, Tx};
use uuid::Uuid;

use crate::settings::Settings;

/// Rows that nobody touched for this long are dropped.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// When a name is locked, and for how long.
#[derive(Clone, Copy)]
pub(crate) struct LockRule {
    pub after: i32,
    pub period: SignedDuration,
}

impl LockRule {
    pub fn of(settings: &Settings) -> Self {
        Self {
            after: i32::try_from(settings.identity_lock_after).unwrap_or(i32::MAX),
            period: SignedDuration::from_mins(i64::from(settings.identity_lock_minutes)),
        }
    }
}

/// What is remembered of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Past {
    Clean,
    Failed,
    Locked,
}

/// Whether the name failed lately, or is locked now.
pub(crate) async fn past(
    tx: &Tx,
    tenant: Uuid,
    name: &[u8],
    now: Timestamp,
) -> Result<Past, StoreError> {
    let sql = "select coalesce(locked_until > $3, false) from sign_in_failure \
         where tenant = $1 and name_hash = $2";
    let Some(row) = tx.query_opt(sql, &[&tenant, &name, &now]).await? else {
        return Ok(Past::Clean);
    };
    Ok(if row.try_get(0)? { Past::Locked } else { Past::Failed })
}

/// Counts one more failure and locks the name when there are too many.
pub(crate) async fn count(
    store: &Store,
    tenant: Uuid,
    name: &[u8],
    now: Timestamp,
    rule: LockRule,
) -> Result<(), StoreError> {
    let tx = store.begin(tenant).await?;
    let forgotten = now - FORGOTTEN_AFTER;
    let sql = "delete from sign_in_failure where tenant = $1 and last_at < $2";
    tx.execute(sql, &[&tenant, &forgotten]).await?;
    let until = now + rule.period;
    // A lock that is over begins the count anew.
    tx.execute(
        "insert into sign_in_failure as kept (tenant, name_hash, failures, last_at, locked_until) \
         values ($1, $2, 1, $3, case when $4 <= 1 then $5::timestamptz end) \
         on conflict (tenant, name_hash) do update set last_at = $3, \
         failures = case when kept.locked_until <= $3 then 1 else kept.failures + 1 end, \
         locked_until = case when kept.locked_until > $3 then kept.locked_until \
         when kept.locked_until is null and kept.failures + 1 >= $4 then $5 end",
        &[&tenant, &name, &now, &rule.after, &until],
    )
    .await?;
    tx.commit().await
}

/// Forgets the failures of a name that signed in.
pub(crate) async fn forget(store: &Store, tenant: Uuid, name: &[u8]) -> Result<(), StoreError> {
    let tx = store.begin(tenant).await?;
    let sql = "delete from sign_in_failure where tenant = $1 and name_hash = $2";
    tx.execute(sql, &[&tenant, &name]).await?;
    tx.commit().await
}

//! When people last did something, for the list of users with `activity_stats=true`.

use jiff::Timestamp;
use kit_proto::reporting::v1::UserActivity;
use kit_store::{StoreError, Tx};
use uuid::Uuid;

/// One index entry per user and question: whoever did nothing costs no more.
const ACTIVITY: &str = "SELECT one.name, access.at, viewed.at, updated.at \
     FROM unnest($2::text[]) AS one(name) \
     LEFT JOIN LATERAL (SELECT at FROM audit_entry WHERE tenant = $1 AND user_name = one.name \
         AND status < 400 ORDER BY at DESC LIMIT 1) access ON true \
     LEFT JOIN LATERAL (SELECT at FROM audit_entry WHERE tenant = $1 AND user_name = one.name \
         AND record_type = 'child' AND action IN ('show', 'update') AND action = 'show' \
         AND status < 400 ORDER BY at DESC LIMIT 1) viewed ON true \
     LEFT JOIN LATERAL (SELECT at FROM audit_entry WHERE tenant = $1 AND user_name = one.name \
         AND record_type = 'child' AND action IN ('show', 'update') AND action = 'update' \
         AND status < 400 ORDER BY at DESC LIMIT 1) updated ON true \
     WHERE access.at IS NOT NULL";

/// The last call that was let through, the last look at a case and the last change of one.
pub async fn get_activity(
    tx: &Tx,
    tenant: Uuid,
    user_names: &[String],
) -> Result<Vec<UserActivity>, StoreError> {
    let rows = tx.query(ACTIVITY, &[&tenant, &user_names]).await?;
    let read = |row: &tokio_postgres::Row| -> Result<UserActivity, StoreError> {
        let micros = |column| -> Result<i64, StoreError> {
            Ok(row.try_get::<_, Option<Timestamp>>(column)?.map_or(0, Timestamp::as_microsecond))
        };
        Ok(UserActivity {
            user_name: row.try_get(0)?,
            last_access: micros(1)?,
            last_case_viewed: micros(2)?,
            last_case_updated: micros(3)?,
        })
    };
    rows.iter().map(read).collect()
}

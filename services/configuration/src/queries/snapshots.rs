//! The list of snapshots.

use configuration_domain::can_apply;
use jiff::Timestamp;
use kit_store::{StoreError, Tx};
use serde_json::{Value, json};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::contact::time;
use crate::documents::CONTRACT_VERSION;
use crate::params::Page;

const COLUMNS: &str = "id, name, description, version, created_on, created_by, applied_on, \
     applied_by, primero_version";

/// A snapshot as the contract shows it, never with its data.
fn document(row: &Row) -> Value {
    let at =
        |column: usize| row.get::<_, Option<Timestamp>>(column).map(|at| time(at.as_microsecond()));
    let applied_on = at(6);
    let applied_by: Option<String> = row.get(7);
    let made_by: String = row.get(8);
    json!({
        "id": row.get::<_, Uuid>(0),
        "name": row.get::<_, Option<String>>(1),
        "description": row.get::<_, Option<String>>(2),
        "version": row.get::<_, String>(3),
        "created_on": at(4),
        "created_by": row.get::<_, String>(5),
        "applied_by": applied_on.as_ref().and(applied_by),
        "applied_on": applied_on,
        "primero_version": made_by,
        "can_apply": can_apply(&made_by, CONTRACT_VERSION),
    })
}

/// A page of snapshots and how many there are.
pub async fn list(
    tx: &Tx,
    tenant: Uuid,
    order_by: Option<&str>,
    ascending: bool,
    page: Page,
) -> Result<(Vec<Value>, i64), StoreError> {
    // Chosen here, never taken from the caller.
    let column = match order_by {
        Some("name") => "lower(name)",
        Some("version") => "version",
        Some("description") => "lower(description)",
        Some("applied_on") => "applied_on",
        Some("created_by") => "created_by",
        _ => "created_on",
    };
    let direction = if ascending { "asc" } else { "desc" };
    let sql = format!(
        "select {COLUMNS} from snapshot_list where tenant = $1 order by {column} {direction}, id \
         limit $2 offset $3"
    );
    let (per, offset) = (page.per, page.offset());
    let rows = tx.query(&sql, &[&tenant, &per, &offset]).await?;
    let sql = "select count(*) from snapshot_list where tenant = $1";
    let total = tx.query_one(sql, &[&tenant]).await?.get(0);
    Ok((rows.iter().map(document).collect(), total))
}

/// One snapshot.
pub async fn get(tx: &Tx, tenant: Uuid, id: Uuid) -> Result<Option<Value>, StoreError> {
    let sql = format!("select {COLUMNS} from snapshot_list where tenant = $1 and id = $2");
    Ok(tx.query_opt(&sql, &[&tenant, &id]).await?.as_ref().map(document))
}

/// Whether a version is in use.
pub async fn version_taken(tx: &Tx, tenant: Uuid, version: &str) -> Result<bool, StoreError> {
    let sql = "select exists (select from snapshot_list where tenant = $1 and version = $2)";
    Ok(tx.query_one(sql, &[&tenant, &version]).await?.get(0))
}

/// Snapshots of all tenants that identity has still to follow: tenant, id, epoch.
pub async fn pending(tx: &Tx) -> Result<Vec<(Uuid, Uuid, u64)>, StoreError> {
    let rows = tx.query("select tenant, id, epoch from snapshot_pending", &[]).await?;
    let epoch = |row: &Row| u64::try_from(row.get::<_, i64>(2)).unwrap_or_default();
    Ok(rows.iter().map(|row| (row.get(0), row.get(1), epoch(row))).collect())
}

/// Snapshots of one tenant that identity has still to follow: id, epoch.
pub async fn pending_of(tx: &Tx, tenant: Uuid) -> Result<Vec<(Uuid, u64)>, StoreError> {
    let sql = "select id, epoch from snapshot_pending where tenant = $1 order by epoch";
    let rows = tx.query(sql, &[&tenant]).await?;
    let epoch = |row: &Row| u64::try_from(row.get::<_, i64>(1)).unwrap_or_default();
    Ok(rows.iter().map(|row| (row.get(0), epoch(row))).collect())
}

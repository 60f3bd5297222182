//! The list of snapshots, and which of them identity has still to follow.

use configuration_domain::{Snapshot, SnapshotEvent};
use jiff::Timestamp;
use kit_store::{Change, Projection, Recorded, StoreError, Tx};
use uuid::Uuid;

use super::count_change;

/// Writes `snapshot_list` and `snapshot_pending`.
pub struct Snapshots;

impl Projection<Snapshot> for Snapshots {
    const NAME: &'static str = "snapshot_list";
    const TABLES: &'static [&'static str] = &["snapshot_list", "snapshot_pending"];
    const BESIDE: &'static [&'static str] = &["configuration_version"];

    async fn project(&self, tx: &Tx, changes: &[Change<Snapshot>]) -> Result<(), StoreError> {
        for change in changes {
            let Ok(id) = Uuid::parse_str(&change.id) else { continue };
            for recorded in &change.recorded {
                write(tx, change.tenant, id, recorded).await?;
            }
        }
        Ok(())
    }
}

async fn write(
    tx: &Tx,
    tenant: Uuid,
    id: Uuid,
    recorded: &Recorded<SnapshotEvent>,
) -> Result<(), StoreError> {
    let at = Timestamp::from_microsecond(recorded.at_unix_us).unwrap_or_default();
    let by = &recorded.by;
    match &recorded.event {
        SnapshotEvent::Saved { name, description, version, primero_version, .. } => {
            let sql = "insert into snapshot_list (tenant, id, name, description, version, \
                 primero_version, created_on, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8)";
            let version: &str = version;
            tx.execute(sql, &[&tenant, &id, name, description, &version, primero_version, &at, by])
                .await?;
        }
        SnapshotEvent::Applied { epoch } => applied(tx, tenant, id, *epoch, by).await?,
        SnapshotEvent::TookForce { epoch } => {
            let epoch = i64::try_from(*epoch).unwrap_or_default();
            let sql = "update snapshot_list set in_force_epoch = $3, applied_on = $4 \
                 where tenant = $1 and id = $2";
            tx.execute(sql, &[&tenant, &id, &epoch, &at]).await?;
            let sql = "delete from snapshot_pending where tenant = $1 and id = $2 and epoch <= $3";
            tx.execute(sql, &[&tenant, &id, &epoch]).await?;
        }
        SnapshotEvent::Removed {} => {
            let sql = "delete from snapshot_list where tenant = $1 and id = $2";
            tx.execute(sql, &[&tenant, &id]).await?;
        }
    }
    Ok(())
}

async fn applied(
    tx: &Tx,
    tenant: Uuid,
    id: Uuid,
    epoch: u64,
    by: &String,
) -> Result<(), StoreError> {
    count_change(tx, tenant).await?;
    let epoch = i64::try_from(epoch).unwrap_or_default();
    let sql = "update configuration_version set epoch = greatest(epoch, $2) where tenant = $1";
    tx.execute(sql, &[&tenant, &epoch]).await?;
    let sql = "update snapshot_list set applied_epoch = $3, applied_by = $4 \
         where tenant = $1 and id = $2";
    tx.execute(sql, &[&tenant, &id, &epoch, by]).await?;
    let sql = "insert into snapshot_pending (tenant, id, epoch) values ($1, $2, $3) \
         on conflict (tenant, id) do update set epoch = excluded.epoch";
    tx.execute(sql, &[&tenant, &id, &epoch]).await?;
    Ok(())
}

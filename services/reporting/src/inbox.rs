//! Others' facts: every call that the gateway let through or refused.

use std::collections::BTreeSet;

use jiff::Timestamp;
use kit_bus::{Consumer, Delivered, Kind, partition_of};
use kit_proto::facts::v1::CallAudited;
use kit_store::{StoreError, Tx};
use tokio::sync::mpsc;
use tokio_postgres::types::ToSql;

use crate::reading::{Reader, hour_of};

/// Keeps tables `audit_entry` and `reading_hour`, and gives word of who reads.
#[derive(Debug)]
pub struct GatewayFacts {
    pub readers: mpsc::Sender<Reader>,
}

/// The entry; with what it adds to its reader's hour, unless the fact came before.
macro_rules! entry {
    () => {
        "INSERT INTO audit_entry (tenant, event_id, at, user_name, user_id, action, record_type, \
         record_id, record_ids, display_id, resource_url, remote_ip, agency_id, role_id, \
         http_method, status, records_read) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
         ON CONFLICT (tenant, event_id) DO NOTHING"
    };
}
const WRITE: &str = entry!();
const WRITE_READING: &str = concat!(
    "WITH entry AS (",
    entry!(),
    " RETURNING tenant, user_id, user_name, records_read) \
     INSERT INTO reading_hour (tenant, user_id, hour, shard, user_name, records) \
     SELECT tenant, user_id, $18::timestamptz, $19::smallint, coalesce(user_name, ''), \
     records_read FROM entry ON CONFLICT (tenant, user_id, hour, shard) DO UPDATE SET \
     records = reading_hour.records + excluded.records, user_name = excluded.user_name"
);

impl Consumer for GatewayFacts {
    const NAME: &'static str = "audit";
    const SOURCE: &'static str = "gateway";

    async fn apply(&self, tx: &Tx, delivered: &Delivered) -> Result<(), StoreError> {
        let Some(Kind::CallAudited(call)) = &delivered.fact.kind else { return Ok(()) };
        write(tx, delivered, call).await
    }

    fn applied(&self, facts: &[Delivered]) {
        let readers: BTreeSet<Reader> = facts.iter().filter_map(reader).collect();
        for reader in readers {
            // When nobody listens or there is no room, the next round finds it.
            let _dropped = self.readers.try_send(reader);
        }
    }
}

/// Who reads by this call, if anyone does.
fn reader(delivered: &Delivered) -> Option<Reader> {
    let Some(Kind::CallAudited(call)) = &delivered.fact.kind else { return None };
    let at = Timestamp::from_microsecond(delivered.fact.recorded_at).ok()?;
    let reads = call.records_read > 0 && call.user_id != 0;
    let (tenant, user_id, hour) = (delivered.tenant, call.user_id, hour_of(at));
    reads.then_some(Reader { tenant, user_id, hour })
}

async fn write(tx: &Tx, delivered: &Delivered, call: &CallAudited) -> Result<(), StoreError> {
    let at = Timestamp::from_microsecond(delivered.fact.recorded_at).unwrap_or_default();
    let user_id = Some(call.user_id).filter(|id| *id != 0);
    let status = i32::try_from(call.status).unwrap_or_default();
    let record_id = filled(&call.record_id);
    let records_read = i32::try_from(call.records_read).unwrap_or(i32::MAX);
    let (user_name, display_id) = (filled(&call.user_name), filled(&call.display_id));
    let (remote_ip, agency_id, role_id) =
        (filled(&call.remote_ip), filled(&call.agency_id), filled(&call.role_id));
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![
        &delivered.tenant,
        &delivered.event_id,
        &at,
        &user_name,
        &user_id,
        &call.action,
        &call.record_type,
        &record_id,
        &call.record_ids,
        &display_id,
        &call.resource_url,
        &remote_ip,
        &agency_id,
        &role_id,
        &call.http_method,
        &status,
        &records_read,
    ];
    let hour = reader(delivered).map(|reader| reader.hour);
    let shard = partition_of(delivered.tenant, &delivered.fact.stream).cast_signed();
    let Some(hour) = &hour else {
        tx.execute(WRITE, &params).await?;
        return Ok(());
    };
    params.extend::<[&(dyn ToSql + Sync); 2]>([hour, &shard]);
    tx.execute(WRITE_READING, &params).await?;
    Ok(())
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

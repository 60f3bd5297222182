//! Others' facts: every call that the gateway let through or refused.

use std::collections::BTreeSet;

use jiff::Timestamp;
use kit_bus::{Consumer, Delivered, Kind, partition_of};
use kit_proto::facts::v1::CallAudited;
use kit_store::{StoreError, Tx};
use tokio::sync::mpsc;

use crate::queries::reading;
use crate::reading::{Reader, hour_of};

/// Keeps tables `audit_entry` and `reading_hour`, and gives word of who reads.
#[derive(Debug)]
pub struct GatewayFacts {
    pub readers: mpsc::Sender<Reader>,
}

const WRITE: &str = "INSERT INTO audit_entry (tenant, event_id, at, user_name, user_id, action, \
     record_type, record_id, record_ids, display_id, resource_url, remote_ip, agency_id, role_id, \
     http_method, status, records_read) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
     ON CONFLICT (tenant, event_id) DO NOTHING";

impl Consumer for GatewayFacts {
    const NAME: &'static str = "audit";
    const SOURCE: &'static str = "gateway";

    async fn apply(&self, tx: &Tx, delivered: &Delivered) -> Result<(), StoreError> {
        let Some(Kind::CallAudited(call)) = &delivered.fact.kind else { return Ok(()) };
        let is_new = write(tx, delivered, call).await?;
        let Some(reader) = reader(delivered).filter(|_| is_new) else { return Ok(()) };
        let shard = partition_of(delivered.tenant, &delivered.fact.stream).cast_signed();
        let (who, when) = ((reader.user_id, call.user_name.as_str()), (reader.hour, shard));
        reading::add(tx, reader.tenant, who, when, call.records_read.into()).await
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

/// Writes the entry; says whether it was not there yet.
async fn write(tx: &Tx, delivered: &Delivered, call: &CallAudited) -> Result<bool, StoreError> {
    let at = Timestamp::from_microsecond(delivered.fact.recorded_at).unwrap_or_default();
    let user_id = Some(call.user_id).filter(|id| *id != 0);
    let status = i32::try_from(call.status).unwrap_or_default();
    let record_id = filled(&call.record_id);
    let records_read = i32::try_from(call.records_read).unwrap_or(i32::MAX);
    let written = tx
        .execute(
            WRITE,
            &[
                &delivered.tenant,
                &delivered.event_id,
                &at,
                &filled(&call.user_name),
                &user_id,
                &call.action,
                &call.record_type,
                &record_id,
                &call.record_ids,
                &filled(&call.display_id),
                &call.resource_url,
                &filled(&call.remote_ip),
                &filled(&call.agency_id),
                &filled(&call.role_id),
                &call.http_method,
                &status,
                &records_read,
            ],
        )
        .await?;
    Ok(written > 0)
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

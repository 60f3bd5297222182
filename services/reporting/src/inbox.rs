//! Others' facts: every call that the gateway let through or refused.

use jiff::Timestamp;
use kit_bus::{Consumer, Delivered, Kind};
use kit_proto::facts::v1::CallAudited;
use kit_store::{StoreError, Tx};

/// Keeps table `audit_entry`.
#[derive(Debug)]
pub struct GatewayFacts;

const WRITE: &str = "INSERT INTO audit_entry (tenant, event_id, at, user_name, user_id, action, \
     record_type, record_id, record_ids, display_id, resource_url, remote_ip, agency_id, role_id, \
     http_method, status) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
     ON CONFLICT (tenant, event_id) DO NOTHING";

impl Consumer for GatewayFacts {
    const NAME: &'static str = "audit";
    const SOURCE: &'static str = "gateway";

    async fn apply(&self, tx: &Tx, delivered: &Delivered) -> Result<(), StoreError> {
        match &delivered.fact.kind {
            Some(Kind::CallAudited(call)) => write(tx, delivered, call).await,
            _ => Ok(()),
        }
    }
}

async fn write(tx: &Tx, delivered: &Delivered, call: &CallAudited) -> Result<(), StoreError> {
    let at = Timestamp::from_microsecond(delivered.fact.recorded_at).unwrap_or_default();
    let user_id = Some(call.user_id).filter(|id| *id != 0);
    let status = i32::try_from(call.status).unwrap_or_default();
    let record_id = filled(&call.record_id);
    tx.execute(
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
        ],
    )
    .await?;
    Ok(())
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

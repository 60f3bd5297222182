//! What the facts of cases say is gone: nothing of such a record stays here but its id.

use jiff::Timestamp;
use kit_bus::{Delivered, Kind};
use kit_proto::facts::v1::RecordErased;
use kit_store::{StoreError, Tx};

const FORGET: &str = "UPDATE audit_entry SET display_id = NULL WHERE tenant = $1 \
     AND record_type = $2 AND record_id = $3 AND display_id IS NOT NULL";
const NOTE: &str = "INSERT INTO audit_entry (tenant, event_id, at, user_name, action, record_type, \
     record_id, record_ids, resource_url, http_method, status) \
     VALUES ($1, $2, $3, $4, 'destroy', $5, $6, $7, '', '', 200) \
     ON CONFLICT (tenant, event_id) DO NOTHING";

/// Takes out of table `audit_entry` what is more than an id, and adds that the record was
/// destroyed, by whom. A repeat changes nothing.
pub async fn apply(tx: &Tx, delivered: &Delivered) -> Result<(), StoreError> {
    match &delivered.fact.kind {
        Some(Kind::RecordErased(erased)) => forget(tx, delivered, erased).await,
        _ => Ok(()),
    }
}

async fn forget(tx: &Tx, delivered: &Delivered, erased: &RecordErased) -> Result<(), StoreError> {
    let (tenant, fact) = (delivered.tenant, &delivered.fact);
    let (kind, id) = (model(&erased.record_type), &erased.record_id);
    tx.execute(FORGET, &[&tenant, &kind, id]).await?;
    let at = Timestamp::from_microsecond(fact.recorded_at).unwrap_or_default();
    let ids = vec![erased.record_id.clone(), erased.erasure_id.clone()];
    tx.execute(NOTE, &[&tenant, &delivered.event_id, &at, &fact.actor, &kind, id, &ids]).await?;
    Ok(())
}

/// As audit entries call a type of records.
fn model(record_type: &str) -> &str {
    if record_type == "case" { "child" } else { record_type }
}

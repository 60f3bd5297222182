//! Owns table `erasure_row`: which records are being erased or were.

use kit_dossier::erasure::Erasure;
use kit_store::{Change, Projection, StoreError, Tx};

const WRITE: &str = "INSERT INTO erasure_row (tenant, id, record_type, record_id, status, \
     requested_by, requested_at, user_names, groups, agencies) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant, id) DO UPDATE SET \
     status = excluded.status, requested_by = excluded.requested_by, \
     requested_at = excluded.requested_at, user_names = excluded.user_names, \
     groups = excluded.groups, agencies = excluded.agencies";

/// Writes the row of an erasure.
#[derive(Debug)]
pub struct ErasureRow;

impl Projection<Erasure> for ErasureRow {
    const NAME: &'static str = "erasure_row";

    async fn project(&self, tx: &Tx, changes: &[Change<Erasure>]) -> Result<(), StoreError> {
        for change in changes.iter().filter(|change| !change.recorded.is_empty()) {
            let erasure = &*change.after;
            tx.execute(
                WRITE,
                &[
                    &change.tenant,
                    &erasure.id,
                    &erasure.record_type,
                    &erasure.record_id,
                    &erasure.status.as_str(),
                    &erasure.requested.by,
                    &erasure.requested.at,
                    &erasure.known.user_names,
                    &erasure.known.groups,
                    &erasure.known.agencies,
                ],
            )
            .await?;
        }
        Ok(())
    }
}

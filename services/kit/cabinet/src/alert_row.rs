//! Owns the table of the records of a type that somebody should look at: what counts of alerts are
//! made of.

use std::marker::PhantomData;

use kit_dossier::{Dossier, Kind, OPEN};
use kit_store::{Change, Projection, StoreError, Tx};
use uuid::Uuid;

use crate::tables::Tables;

const ADD: &str = "INSERT INTO {alert} (tenant, record, created_at) VALUES ($1, $2, $3) \
     ON CONFLICT (tenant, record) DO NOTHING";
const REMOVE: &str = "DELETE FROM {alert} WHERE tenant = $1 AND record = $2";

/// Keeps which records of one kind have alerts.
#[derive(Debug)]
pub struct AlertRow<K>(PhantomData<K>);

impl<K> Default for AlertRow<K> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// Whether a record counts: it is worked on, and has an alert.
fn waits<K: Kind>(record: &Dossier<K>) -> bool {
    !record.alerts.is_empty()
        && record.record_state
        && record.status == OPEN
        && record.merged.is_none()
}

impl<K: Kind> Projection<Dossier<K>> for AlertRow<K> {
    const NAME: &'static str = Tables::of(K::RECORD_TYPE).alert;

    async fn project(&self, tx: &Tx, changes: &[Change<Dossier<K>>]) -> Result<(), StoreError> {
        let tables = Tables::of(K::RECORD_TYPE);
        for change in changes {
            let (tenant, record) = (&change.tenant, &change.after.id);
            match (waits(&change.before), waits(&change.after)) {
                (false, true) => {
                    let row: kit_store::Params<'_> = &[tenant, record, &change.after.created_at];
                    tx.execute(&tables.fill(ADD), row).await?;
                }
                (true, false) => {
                    tx.execute(&tables.fill(REMOVE), &[tenant, record]).await?;
                }
                (true, true) | (false, false) => {}
            }
        }
        Ok(())
    }

    async fn erase(&self, tx: &Tx, tenant: Uuid, id: &str) -> Result<(), StoreError> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(()) };
        let sql = Tables::of(K::RECORD_TYPE).fill(REMOVE);
        tx.execute(&sql, &[&tenant, &id]).await.map(drop)
    }
}

//! After a backup was restored: the keyring has destroyed again what its journal lists, and here
//! the erasures are made known again, so that rows and terms go too.

use std::collections::BTreeSet;

use kit_dossier::Stamp;
use kit_dossier::erasure::{
    Erasure, Known, LapseErasure, RecoverErasure, Recovered, RefuseErasure,
};
use kit_store::{ExecuteError, StoreError};
use serde::Deserialize;
use uuid::Uuid;

use super::ONE_PER_RECORD;
use super::{Erasures, upkeep::finish};
use crate::refusals;

const OTHER: &str = "SELECT id FROM erasure_row WHERE tenant = $1 AND record_type = $4 \
     AND record_id = $2 AND id <> $3 AND status = 'requested'";

/// Of these erasures, those that are known here.
const SETTLED: &str = "SELECT id FROM erasure_row WHERE tenant = $1 AND id = ANY($2) \
     AND status IN ('approved', 'carried_out')";

/// What a key was destroyed for, as `carry_out` wrote it.
#[derive(Debug, Deserialize)]
struct Note {
    erasure_id: Uuid,
    record_type: String,
    record_id: Uuid,
    reason: String,
    #[serde(default)]
    known: Known,
    requested: Stamp,
    approved: Stamp,
}

impl Erasures {
    /// Makes a tenant's erasures known that only the keyring knows of; says how many.
    async fn recover(&self, tenant: Uuid) -> Result<u64, StoreError> {
        let destroyed =
            self.office.shredder.destroyed(tenant).await.map_err(StoreError::Unavailable)?;
        // Other services destroy keys for reasons of their own.
        let notes = destroyed.into_iter().filter_map(|key| serde_json::from_value(key.note).ok());
        let mut notes: Vec<Note> = notes.collect();
        notes.retain(|note| self.drawers.named(&note.record_type).is_some());
        let ids: Vec<Uuid> = notes.iter().map(|note| note.erasure_id).collect();
        let tx = self.office.store.read(tenant).await?;
        let rows = tx.query(SETTLED, &[&tenant, &ids]).await?;
        drop(tx);
        let settled: Result<BTreeSet<Uuid>, _> = rows.iter().map(|row| row.try_get(0)).collect();
        let settled = settled?;
        let mut recovered = 0;
        for note in notes.into_iter().filter(|note| !settled.contains(&note.erasure_id)) {
            recovered += u64::from(self.recover_one(tenant, note).await?);
        }
        Ok(recovered)
    }

    /// Erases again what the keyring knows to be erased and this database does not; says how much
    /// that was. What cannot be finished now is finished later, and reads as erased until then.
    pub async fn again(&self, tenant: Uuid) -> Result<u64, StoreError> {
        let recovered = self.recover(tenant).await?;
        if recovered > 0 {
            tracing::warn!(tenant.id = %tenant, recovered, "a restored backup erases again");
            if let Err(error) = finish(self, tenant).await {
                let error = refusals::safe(&error);
                tracing::warn!(tenant.id = %tenant, error, "erasures are carried out later");
            }
        }
        Ok(recovered)
    }

    async fn recover_one(&self, tenant: Uuid, note: Note) -> Result<bool, StoreError> {
        let id = note.erasure_id;
        let known = self.office.store.load::<Erasure>(tenant, id).await?;
        if known.state.approved.is_some() {
            return Ok(false);
        }
        let meta = self.office.own_meta(tenant);
        let record = note.record_id;
        let kept = note.record_type.clone();
        let command = RecoverErasure(Recovered {
            stamp: Stamp { by: meta.actor.clone(), at: meta.now },
            id,
            record_type: note.record_type,
            record_id: record,
            reason: note.reason,
            known: note.known,
            requested: note.requested,
            approved: note.approved,
        });
        match self.office.store.execute(&meta, id, command.clone()).await {
            // Asked for anew since the backup was restored: what was done before counts.
            Err(ExecuteError::Store(StoreError::Taken { constraint }))
                if constraint == ONE_PER_RECORD =>
            {
                self.give_way(tenant, (&kept, record), id).await?;
                let again =
                    self.office.store.execute(&self.office.own_meta(tenant), id, command).await;
                again.map_err(store_error)?;
            }
            other => drop(other.map_err(store_error)?),
        }
        Ok(true)
    }

    /// Ends another request for the same record, whenever it would run out.
    async fn give_way(
        &self,
        tenant: Uuid,
        (record_type, record): (&str, Uuid),
        id: Uuid,
    ) -> Result<(), StoreError> {
        let tx = self.office.store.read(tenant).await?;
        let other = tx.query_opt(OTHER, &[&tenant, &record, &id, &record_type]).await?;
        drop(tx);
        let Some(row) = other else { return Ok(()) };
        let (other, meta) = (row.try_get::<_, Uuid>(0)?, self.office.own_meta(tenant));
        let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
        let lapse = LapseErasure { stamp: stamp.clone() };
        self.office.store.execute(&meta, other, lapse).await.map_err(store_error)?;
        match self
            .office
            .store
            .execute(&self.office.own_meta(tenant), other, RefuseErasure { stamp })
            .await
        {
            // It had run out, or somebody ended it.
            Ok(_) | Err(ExecuteError::Refused(_)) => Ok(()),
            Err(ExecuteError::Store(error)) => Err(error),
        }
    }
}

fn store_error<R: std::fmt::Debug>(error: ExecuteError<R>) -> StoreError {
    match error {
        ExecuteError::Store(error) => error,
        ExecuteError::Refused(refusal) => {
            StoreError::Internal(anyhow::anyhow!("an erasure could not be recovered: {refusal:?}"))
        }
    }
}

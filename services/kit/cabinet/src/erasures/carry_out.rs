//! Carrying an erasure out, step by step. Each step is safe to repeat and leaves the record
//! unreadable to whoever asks, so that a crash between two only delays the certificate:
//!
//! 1. the record's stream is closed and its rows go, in one transaction: nobody appends any more;
//! 2. the keyring destroys the keys, its journal first;
//! 3. the certificate is recorded, and with it the fact that tells others.

use kit_dossier::Stamp;
use kit_dossier::erasure::{CarryOutErasure, Erasure, ErasureStatus};
use kit_shell::certificate::sign;
use kit_store::{Burial, ExecuteError, Meta, StoreError};
use serde_json::{Value, json};
use uuid::Uuid;

use super::certificate::{Parts, certificate};
use super::{Erasures, Listed};

impl Erasures {
    /// Destroys what an approved erasure is about. Nothing happens to any other.
    pub async fn carry_out(&self, tenant: Uuid, id: Uuid) -> Result<(), StoreError> {
        let erasure = self.office.store.load::<Erasure>(tenant, id).await?.state;
        let Some(approved) = erasure.approved.clone() else { return Ok(()) };
        if erasure.status != ErasureStatus::Approved {
            return Ok(());
        }
        let meta = |step: &[u8]| Meta {
            tenant,
            actor: approved.by.clone(),
            command_id: Uuid::new_v5(&id, step),
            now: self.office.clock.now(),
            correlation: self.office.ids.v7(),
            causation: None,
            trace: None,
        };
        let note = note(&erasure);
        let Some(drawer) = self.drawers.named(&erasure.record_type) else { return Ok(()) };
        let burial = drawer.bury(&meta(b"bury"), erasure.record_id, &note).await?;
        let listed = match &burial {
            Some(burial) => self.destroy_keys(tenant, burial, &note).await?,
            None => Vec::new(),
        };
        let meta = meta(b"carry out");
        let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
        let parts = Parts {
            service: self.office.service,
            tenant,
            at: meta.now,
            burial: burial.as_ref(),
            keys: &listed,
        };
        let keys = self.office.store.keys();
        let certificate = sign(keys, certificate(&erasure, &parts)).await?;
        let done =
            self.office.store.execute(&meta, id, CarryOutErasure { stamp, certificate }).await;
        match done {
            // Another process was faster.
            Ok(_) | Err(ExecuteError::Refused(_)) => Ok(()),
            Err(ExecuteError::Store(error)) => Err(error),
        }
    }

    async fn destroy_keys(
        &self,
        tenant: Uuid,
        burial: &Burial,
        note: &Value,
    ) -> Result<Vec<(Uuid, Option<Listed>)>, StoreError> {
        let mut listed = Vec::new();
        for key in &burial.keys {
            let destroyed = self.office.shredder.destroy(tenant, *key, note.clone()).await;
            listed.push((*key, destroyed.map_err(StoreError::Unavailable)?));
            // Asks once more, and from then on this process knows it as destroyed.
            self.office.store.keys().destroy(tenant, *key).await?;
        }
        // Others hear of it by the fact.
        self.office.store.keys().forget(tenant, burial.keys.iter().copied());
        Ok(listed)
    }
}

/// What the end of the stream and the journal say: enough to make the erasure known again where
/// a backup was restored. Ids and coded values.
fn note(erasure: &Erasure) -> Value {
    json!({
        "erasure_id": erasure.id,
        "record_type": erasure.record_type,
        "record_id": erasure.record_id,
        "reason": erasure.reason,
        "known": erasure.known,
        "requested": erasure.requested,
        "approved": erasure.approved,
    })
}

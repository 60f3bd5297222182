//! What becomes of a request: another person agrees, or it ends.

use kit_dossier::Stamp;
use kit_dossier::erasure::{ErasureStatus, RefuseErasure};
use kit_proto::common::v1::{DeleteRequest, Reply, WriteRequest};
use kit_serve::Refusal;

use super::Erasures;
use super::request::reply;
use super::{APPROVE, REQUEST, RESOURCE, answer, executed};
use crate::office::Asking;
use crate::refusals;

impl Erasures {
    /// `POST /erasures/:id/approval`. The agreement is durable before anything is destroyed; what
    /// is not done when this answers is done soon after.
    pub async fn approve_erasure(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        asking.must_prove(APPROVE, self.office.clock.now())?;
        let loaded = self.erasure(asking, &request.id).await?;
        let id = loaded.state.id;
        let meta = self.office.meta(asking, &request.command_id);
        let mut merged = Vec::new();
        if loaded.state.status == ErasureStatus::Requested {
            // Somebody who has lost the record meanwhile decides no more about it.
            let asking = &self.about(asking, &loaded.state);
            let row = self.office.reachable(asking, &loaded.state.record_id.to_string()).await?;
            let row = self.office.must_stand_alone(asking, row).await?;
            merged = self.merged_into(asking, row.id).await?;
        }
        let others = self.approve_all(&meta, &loaded.state, merged).await?;
        for id in others.into_iter().chain([id]) {
            if let Err(error) = self.carry_out(asking.tenant, id).await {
                let error = refusals::safe(&error);
                tracing::warn!(erasure.id = %id, error, "an erasure is carried out later");
            }
        }
        let now = self.office.store.load(asking.tenant, id).await.map_err(refusals::store)?;
        Ok(reply(answer::shown(&now.state, meta.now), &now.state, now.version))
    }

    /// `DELETE /erasures/:id`: withdrawn by who asked, or refused by who could have agreed.
    pub async fn refuse_erasure(
        &self,
        asking: &Asking,
        request: &DeleteRequest,
    ) -> Result<Reply, Refusal> {
        asking.must_know_erasures()?;
        let loaded = self.erasure(asking, &request.id).await?;
        let own = loaded.state.requested.by == asking.principal.user_name;
        let needed = if own { REQUEST } else { APPROVE };
        if !asking.principal.may(RESOURCE, needed) {
            return Err(Refusal::forbidden());
        }
        let (id, meta) = (loaded.state.id, self.office.meta(asking, &request.command_id));
        let command = RefuseErasure { stamp: Stamp { by: meta.actor.clone(), at: meta.now } };
        let outcome = self.office.store.execute(&meta, id, command).await;
        let outcome = outcome.map_err(|error| executed(error, id))?;
        Ok(reply(answer::shown(&outcome.state, meta.now), &outcome.state, outcome.version))
    }
}

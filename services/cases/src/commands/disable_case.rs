//! `DELETE /cases/:id`: the case is hidden from lists that ask so; nothing is removed.

use cases_domain::{DisableCase, Stamp};
use kit_proto::common::v1::{DeleteRequest, Reply};
use kit_serve::Refusal;
use serde_json::json;

use crate::refusals;
use crate::service::{Asking, Cases};

impl Cases {
    /// Disables a case.
    pub async fn disable_case(
        &self,
        asking: &Asking,
        request: &DeleteRequest,
    ) -> Result<Reply, Refusal> {
        let row = self.existing(asking, &request.id).await?;
        asking.must("enable_disable_record")?;
        asking.must("read")?;
        if !row.is_within(&asking.reach()) {
            return Err(Refusal::forbidden());
        }
        let meta = self.meta(asking, &request.command_id);
        let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
        let outcome = self.execute(&meta, row.id, DisableCase { stamp }).await;
        let outcome = outcome.map_err(|error| refusals::executed(error, row.id))?;
        Ok(Reply {
            data: json!({ "id": row.id }).to_string().into_bytes().into(),
            version: outcome.version,
            record_ids: vec![row.id.to_string()],
            ..Reply::default()
        })
    }
}

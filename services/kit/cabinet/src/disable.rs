//! A record is hidden from lists that ask so; nothing is removed.

use kit_dossier::{Disable, Kind, Stamp};
use kit_proto::common::v1::{DeleteRequest, Reply};
use kit_serve::Refusal;
use serde_json::json;

use crate::cabinet::Cabinet;
use crate::office::Asking;
use crate::refusals;

impl<K: Kind> Cabinet<K> {
    /// Disables a record.
    pub async fn disable_record(
        &self,
        asking: &Asking,
        request: &DeleteRequest,
    ) -> Result<Reply, Refusal> {
        let row = self.office.existing(asking, &request.id).await?;
        asking.must("enable_disable_record")?;
        asking.must("read")?;
        if !row.is_within(&asking.reach()) {
            return Err(Refusal::forbidden());
        }
        let meta = self.office.meta(asking, &request.command_id);
        let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
        let outcome =
            self.office.execute(&meta, row.id, Disable { kind: K::default(), stamp }).await;
        let outcome = outcome.map_err(|error| refusals::executed(K::RECORD_TYPE, error, row.id))?;
        Ok(Reply {
            data: json!({ "id": row.id }).to_string().into_bytes().into(),
            version: outcome.version,
            record_ids: vec![row.id.to_string()],
            ..Reply::default()
        })
    }
}

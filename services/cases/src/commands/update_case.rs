//! `PATCH /cases/:id`.

use cases_domain::{Case, UpdateCase};
use kit_access::Write;
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_records::values::Record;
use kit_serve::Refusal;
use uuid::Uuid;

use super::body;
use crate::refusals;
use crate::service::{Asking, Cases};

impl Cases {
    /// Changes a case: found first (404), then permitted (403), then validated (422).
    pub async fn update_case(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        let row = self.existing(asking, &request.id).await?;
        let write = Write::under(&request.record_action);
        let module = row.module.as_deref();
        if !asking.permitted(module).may_write(write) || !row.is_within(&asking.reach()) {
            return Err(Refusal::forbidden());
        }
        let sent = body(&request.data)?;
        let schema = asking.schema(module, write);
        let mut body = asking.validated(&schema, &sent, request.strict)?;
        let owner = self.owner(asking, row.owned_by.as_deref(), &mut body).await?;
        let meta = self.meta(asking, &request.command_id);
        let base = Some(request.base_version).filter(|base| *base > 0);
        let command = UpdateCase {
            owner,
            identified: self.identified(asking, &body, row.id).await?,
            context: self.context(asking, &meta, schema, &body).await?,
            body,
            base,
            seen: self.seen(asking, row.id, base.filter(|base| *base < row.version)).await?,
            action: matches!(write, Write::Action(_)).then(|| request.record_action.clone()),
            rights: asking.rights(),
        };
        let outcome = self.execute(&meta, row.id, command).await;
        let outcome = outcome.map_err(|error| refusals::executed(error, row.id))?;
        self.changed(asking, &outcome, Some(row)).await
    }

    /// The form fields as they were at an earlier version that a change was made on. Whoever saw
    /// the present version needs no look back.
    async fn seen(
        &self,
        asking: &Asking,
        id: Uuid,
        base: Option<u64>,
    ) -> Result<Option<Record>, Refusal> {
        let Some(base) = base else { return Ok(None) };
        let loaded = self.store.load_until::<Case>(asking.tenant, id, base).await;
        let (loaded, _) = loaded.map_err(refusals::store)?;
        Ok((loaded.version == base).then(|| loaded.state.values.clone()))
    }
}

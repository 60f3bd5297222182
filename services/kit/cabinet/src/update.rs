//! A record is changed.

use kit_access::Write;
use kit_dossier::{Dossier, Kind, Update};
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_records::values::Record;
use kit_serve::{FieldProblem, Refusal};
use kit_store::Meta;

use crate::cabinet::Cabinet;
use crate::office::Asking;
use crate::refusals;
use crate::stored::Stored;
use crate::writes::body;

/// A change about to be made.
#[derive(Debug)]
pub struct ChangedRecord<K: Kind> {
    pub meta: Meta,
    /// The row as it was found.
    pub row: Stored,
    pub command: Update<K>,
}

impl<K: Kind> Cabinet<K> {
    /// Changes a record: found first (404), then permitted (403), then validated (422).
    pub async fn update_record(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        self.update_record_with(asking, request, |_| ()).await
    }

    /// The same with a last word on what is decided.
    pub async fn update_record_with(
        &self,
        asking: &Asking,
        request: &WriteRequest,
        adjust: impl FnOnce(&mut Update<K>) + Send,
    ) -> Result<Reply, Refusal> {
        let mut draft = self.draft_update(asking, request).await?;
        adjust(&mut draft.command);
        self.change(asking, draft).await
    }

    /// What a request to change comes to, permitted and validated.
    pub async fn draft_update(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<ChangedRecord<K>, Refusal> {
        let row = self.office.existing_to_change::<K>(asking, &request.id).await?;
        let write = Write::under(&request.record_action);
        let module = row.module.as_deref();
        if !asking.permitted(module).may_write(write) || !row.is_within(&asking.reach()) {
            return Err(Refusal::forbidden());
        }
        let sent = body(&request.data)?;
        let schema = asking.schema(module, write);
        let mut body = asking.validated(&schema, &sent, request.strict)?;
        let owner = self.office.owner(asking, row.owned_by.as_deref(), &mut body).await?;
        let meta = self.office.meta(asking, &request.command_id);
        let base = Some(request.base_version).filter(|base| *base > 0);
        let command = Update {
            kind: K::default(),
            owner,
            identified: self.office.identified(asking, &body, row.id).await?,
            context: self.office.context::<K>(asking, &meta, schema, &body).await?,
            body,
            base,
            seen: self.seen(asking, &row, base, &request.seen).await?,
            action: matches!(write, Write::Action(_)).then(|| request.record_action.clone()),
            rights: asking.rights(),
        };
        Ok(ChangedRecord { meta, row, command })
    }

    /// Makes the change that was drafted, and answers.
    pub async fn change(&self, asking: &Asking, draft: ChangedRecord<K>) -> Result<Reply, Refusal> {
        let ChangedRecord { meta, row, command } = draft;
        let outcome = self.office.execute(&meta, row.id, command).await;
        let outcome = outcome.map_err(|error| refusals::executed(K::RECORD_TYPE, error, row.id))?;
        self.changed(asking, &outcome, Some(row)).await
    }

    /// The form fields as the author saw them: as they say, else as they were at the version that
    /// the change was made on. Whoever saw the present version needs no look back.
    async fn seen(
        &self,
        asking: &Asking,
        row: &Stored,
        base: Option<u64>,
        told: &[u8],
    ) -> Result<Option<Record>, Refusal> {
        let Some(base) = base else { return Ok(None) };
        if !told.is_empty() {
            let told = serde_json::from_slice(told);
            let wrong = |_| Refusal::invalid_record(vec![FieldProblem::new("/seen", "wrong_type")]);
            return told.map(Some).map_err(wrong);
        }
        if base >= row.version {
            return Ok(None);
        }
        let loaded = self.office.store.load_until::<Dossier<K>>(asking.tenant, row.id, base).await;
        let (loaded, _) = loaded.map_err(refusals::store)?;
        Ok((loaded.version == base).then(|| loaded.state.values.clone()))
    }
}

//! Somebody settles an open conflict of a record.

use kit_access::Write;
use kit_dossier::{Kind, SettleConflict, places};
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_records::values::Record;
use kit_serve::{FieldProblem, Refusal};
use serde_json::Value;

use crate::cabinet::Cabinet;
use crate::office::Asking;
use crate::refusals;
use crate::writes::body;

impl<K: Kind> Cabinet<K> {
    /// Takes `{"conflict_id": uuid, "value": chosen or joined}`; needs the right to write there.
    pub async fn settle_conflict(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        let row = self.office.existing(asking, &request.id).await?;
        let module = row.module.as_deref();
        let permitted = asking.permitted(module);
        if !permitted.may_write(Write::Update) || !row.is_within(&asking.reach()) {
            return Err(Refusal::forbidden());
        }
        let mut sent = body(&request.data)?;
        let wrong = |name: &str, code: &str| {
            Refusal::invalid_record(vec![FieldProblem::new(format!("/{name}"), code)])
        };
        let id = sent.get("conflict_id").and_then(Value::as_str);
        let conflict = id.and_then(|id| id.parse().ok());
        let conflict = conflict.ok_or_else(|| wrong("conflict_id", "not_a_uuid"))?;
        let value = sent.shift_remove("value").ok_or_else(|| wrong("value", "required"))?;
        let meta = self.office.meta(asking, &request.command_id);
        let schema = asking.schema(module, Write::Update);
        // Which place the conflict is about only the record knows; it may be the reporting one.
        let reporting = places::reporting_field(&asking.index.settings);
        let place = reporting.map(|field| (field.to_owned(), value.clone()));
        let place: Record = place.into_iter().collect();
        let context = self.office.context::<K>(asking, &meta, schema, &place).await?;
        let command = SettleConflict {
            kind: K::default(),
            context,
            conflict,
            value,
            base: Some(request.base_version).filter(|base| *base > 0),
        };
        let outcome = self.office.execute(&meta, row.id, command).await;
        let outcome = outcome.map_err(|error| refusals::executed(K::RECORD_TYPE, error, row.id))?;
        self.changed(asking, &outcome, Some(row)).await
    }
}

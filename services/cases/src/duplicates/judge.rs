//! `PATCH /cases/:id/duplicates`: two cases are of two children, says somebody who knows both.

use cases_domain::duplicates::{Judge, Pair};
use kit_access::Write;
use kit_cabinet::{Asking, body, refusals};
use kit_dossier::Stamp;
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_serve::{FieldProblem, Refusal};
use kit_store::ExecuteError;
use serde_json::{Value, json};

use crate::cases::Cases;

impl Cases {
    /// Remembers that the case of the body is another child's, or forgets it.
    pub async fn judge_duplicate(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        let row = self.office.existing(asking, &request.id).await?;
        asking.must("read")?;
        let at = asking.permitted(row.module.as_deref());
        if !at.may_write(Write::Update) || !row.is_within(&asking.reach()) {
            return Err(Refusal::forbidden());
        }
        let sent = body(&request.data)?;
        let wrong =
            |field: &str, code: &str| Refusal::invalid_record(vec![FieldProblem::new(field, code)]);
        let distinct = match sent.get("same") {
            Some(Value::Bool(false)) => true,
            Some(Value::Null) => false,
            // To say that they are the same child is to merge them.
            _ => return Err(wrong("/same", "not_an_option")),
        };
        let named = sent.get("case_id").and_then(Value::as_str).unwrap_or_default();
        let other = match self.office.existing(asking, named).await {
            Ok(other) if knows(asking, &other) && other.id != row.id => other,
            _ => return Err(wrong("/case_id", "not_found")),
        };
        let meta = self.office.meta(asking, &request.command_id);
        let pair = Pair::of(row.id, other.id);
        let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
        let judge = Judge { stamp, pair, distinct };
        match self.office.store.execute(&meta, pair.id(), judge).await {
            Ok(_) => {}
            Err(ExecuteError::Store(error)) => return Err(refusals::store(error)),
            Err(ExecuteError::Refused(never)) => match never {},
        }
        let same = if distinct { json!(false) } else { Value::Null };
        let data = json!({"id": row.id, "case_id": other.id, "same": same});
        Ok(Reply {
            data: data.to_string().into_bytes().into(),
            record_ids: vec![row.id.to_string(), other.id.to_string()],
            ..Reply::default()
        })
    }
}

/// Whether a caller may hear of a case.
fn knows(asking: &Asking, row: &kit_cabinet::Stored) -> bool {
    row.is_within(&asking.reach()) || asking.may("search_owned_by_others")
}

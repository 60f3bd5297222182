//! What reads say of a record that is gone.

use kit_dossier::erasure::Known;
use kit_records::RecordType;
use kit_serve::Refusal;
use kit_store::StoreError;
use uuid::Uuid;

use super::covers;
use crate::office::{Asking, Office};
use crate::refusals;

const FIND: &str = "SELECT user_names, groups, agencies FROM erasure_row WHERE tenant = $1 \
     AND record_type = $3 AND record_id = $2 AND status IN ('approved', 'carried_out')";

impl Office {
    /// The no for a record without a row: whoever reached it learns that it was erased (410); for
    /// everyone else the id is unknown (404).
    pub async fn gone(&self, asking: &Asking, id: Uuid) -> Refusal {
        match self.reached_when_erased(asking, id).await {
            Ok(true) => erased(asking.record_type, id),
            Ok(false) => refusals::no_such(asking.record_type, &id.to_string()),
            Err(error) => refusals::store(error),
        }
    }

    async fn reached_when_erased(&self, asking: &Asking, id: Uuid) -> Result<bool, StoreError> {
        if !asking.may("read") {
            return Ok(false);
        }
        let tx = self.store.read(asking.tenant).await?;
        let asked: kit_store::Params<'_> = &[&asking.tenant, &id, &asking.record_type.as_str()];
        let Some(row) = tx.query_opt(FIND, asked).await? else { return Ok(false) };
        let known = Known {
            user_names: row.try_get(0)?,
            groups: row.try_get(1)?,
            agencies: row.try_get(2)?,
        };
        Ok(covers(&asking.reach(), &known))
    }
}

/// 410
pub fn erased(record_type: RecordType, id: Uuid) -> Refusal {
    let model = refusals::model_name(record_type);
    Refusal::erased(format!("{model} with 'id'={id} was erased"))
}

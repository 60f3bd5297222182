//! What reads say of a record that is gone.

use std::collections::HashSet;

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

/// The same, of many records.
const FIND_AMONG: &str = "SELECT user_names, groups, agencies, record_id FROM erasure_row \
     WHERE tenant = $1 AND record_type = $3 AND record_id = ANY($2) \
     AND status IN ('approved', 'carried_out')";

impl Office {
    /// Which of these were erased and had been reached by the caller.
    pub(crate) async fn erased_among(
        &self,
        asking: &Asking,
        ids: &[Uuid],
    ) -> Result<HashSet<Uuid>, StoreError> {
        let mut erased = HashSet::new();
        if ids.is_empty() || !asking.may("read") {
            return Ok(erased);
        }
        let tx = self.store.read(asking.tenant).await?;
        let asked: kit_store::Params<'_> = &[&asking.tenant, &ids, &asking.record_type.as_str()];
        for row in tx.query(FIND_AMONG, asked).await? {
            if covers(&asking.reach(), &known(&row)?) {
                erased.insert(row.try_get("record_id")?);
            }
        }
        Ok(erased)
    }

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
        Ok(covers(&asking.reach(), &known(&row)?))
    }
}

/// Who reached an erased record.
fn known(row: &tokio_postgres::Row) -> Result<Known, StoreError> {
    Ok(Known { user_names: row.try_get(0)?, groups: row.try_get(1)?, agencies: row.try_get(2)? })
}

/// 410
pub fn erased(record_type: RecordType, id: Uuid) -> Refusal {
    let model = refusals::model_name(record_type);
    Refusal::erased(format!("{model} with 'id'={id} was erased"))
}

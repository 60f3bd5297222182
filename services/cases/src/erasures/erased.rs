//! What reads say of a record that is gone.

use cases_domain::erasure::Known;
use kit_serve::Refusal;
use kit_store::StoreError;
use uuid::Uuid;

use super::covers;
use crate::refusals;
use crate::service::{Asking, Cases};

const FIND: &str = "SELECT user_names, groups, agencies FROM erasure_row WHERE tenant = $1 \
     AND record_type = 'case' AND record_id = $2 AND status IN ('approved', 'carried_out')";

impl Cases {
    /// The no for a case without a row: whoever reached it learns that it was erased (410); for
    /// everyone else the id is unknown (404).
    pub async fn gone(&self, asking: &Asking, id: Uuid) -> Refusal {
        match self.reached_when_erased(asking, id).await {
            Ok(true) => erased(id),
            Ok(false) => refusals::no_such_case(&id.to_string()),
            Err(error) => refusals::store(error),
        }
    }

    async fn reached_when_erased(&self, asking: &Asking, id: Uuid) -> Result<bool, StoreError> {
        if !asking.principal.may("case", "read") {
            return Ok(false);
        }
        let tx = self.store.read(asking.tenant).await?;
        let Some(row) = tx.query_opt(FIND, &[&asking.tenant, &id]).await? else { return Ok(false) };
        let known = Known {
            user_names: row.try_get(0)?,
            groups: row.try_get(1)?,
            agencies: row.try_get(2)?,
        };
        Ok(covers(&asking.reach(), &known))
    }
}

/// 410
pub fn erased(id: Uuid) -> Refusal {
    Refusal::erased(format!("Child with 'id'={id} was erased"))
}

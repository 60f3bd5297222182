//! Owns table `incident_of_case`: which incidents follow the owner of a case.

use std::collections::HashSet;

use incidents_domain::Incident;
use incidents_domain::case::{came_from, case_of};
use kit_store::{Change, Projection, StoreError, Tx};
use uuid::Uuid;

/// Writes which case an incident belongs to.
pub struct IncidentOfCase;

impl Projection<Incident> for IncidentOfCase {
    const NAME: &'static str = "incident_of_case";

    async fn project(&self, tx: &Tx, changes: &[Change<Incident>]) -> Result<(), StoreError> {
        for change in changes {
            let (before, after) = (case_of(&change.before.values), case_of(&change.after.values));
            // A rebuild hands over whole histories, whose state before has no case.
            let from = came_from(&change.after.values);
            let same = before == after && from == came_from(&change.before.values);
            if same && change.before.is_registered() {
                continue;
            }
            if before.is_some() {
                remove(tx, change.tenant, change.after.id).await?;
            }
            if let Some(case) = after {
                let sql = "INSERT INTO incident_of_case (tenant, case_id, id, came_from) \
                     VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, id) DO UPDATE \
                     SET case_id = excluded.case_id, came_from = excluded.came_from";
                tx.execute(sql, &[&change.tenant, &case, &change.after.id, &from]).await?;
            }
        }
        Ok(())
    }

    async fn erase(&self, tx: &Tx, tenant: Uuid, id: &str) -> Result<(), StoreError> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(()) };
        remove(tx, tenant, id).await
    }
}

async fn remove(tx: &Tx, tenant: Uuid, id: Uuid) -> Result<(), StoreError> {
    let sql = "DELETE FROM incident_of_case WHERE tenant = $1 AND id = $2";
    tx.execute(sql, &[&tenant, &id]).await?;
    Ok(())
}

/// The incidents of a case.
pub async fn incidents_of(tx: &Tx, tenant: Uuid, case: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let sql = "SELECT id FROM incident_of_case WHERE tenant = $1 AND case_id = $2 ORDER BY id";
    let rows = tx.query(sql, &[&tenant, &case]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Those of these cases that have incidents, or had some that went with them into another case.
pub async fn cases_with_incidents(
    tx: &Tx,
    tenant: Uuid,
    cases: &[Uuid],
) -> Result<HashSet<Uuid>, StoreError> {
    if cases.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = "SELECT case_id FROM incident_of_case WHERE tenant = $1 AND case_id = ANY($2) \
         UNION SELECT came_from FROM incident_of_case WHERE tenant = $1 AND came_from = ANY($2)";
    let rows = tx.query(sql, &[&tenant, &cases]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// The incidents that came to their present case when this one was merged into it.
pub async fn incidents_from(tx: &Tx, tenant: Uuid, case: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let sql = "SELECT id FROM incident_of_case WHERE tenant = $1 AND came_from = $2 ORDER BY id";
    let rows = tx.query(sql, &[&tenant, &case]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

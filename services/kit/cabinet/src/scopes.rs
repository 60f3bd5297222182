//! Who reaches records, told to those who pass on that one changed: the very values that a read of
//! the record would be judged by, at this moment, and nothing else of it.

use kit_proto::records::v1::{FindScopesReply, RecordScope};
use kit_records::Record;
use kit_serve::Refusal;
use kit_store::{StoreError, Tx};
use serde_json::json;
use uuid::Uuid;

use crate::get::WITHOUT_DOCUMENT;
use crate::office::Office;
use crate::refusals;
use crate::sql::told;
use crate::stored::Stored;
use crate::tables::Tables;

/// Records that one call asks about.
const MOST: usize = 500;
/// Besides the row: through whom it was reached when somebody else owned it, and open conflicts.
const MORE: &str = ", d.user_name AS before_name, d.groups AS before_groups, \
     d.agency AS before_agency, (SELECT count(*) FROM {conflict} c WHERE c.tenant = r.tenant \
     AND c.record = r.id) AS conflicts FROM {row} r LEFT JOIN directory_user d \
     ON d.tenant = r.tenant AND d.user_name = r.facets->>'previously_owned_by' \
     WHERE r.tenant = $1 AND r.id = ANY($2)";

impl Office {
    /// The scopes of those of the records that are kept here.
    pub async fn find_scopes(
        &self,
        tenant: Uuid,
        ids: &[String],
    ) -> Result<FindScopesReply, Refusal> {
        self.erased_again(tenant).await?;
        let ids: Vec<Uuid> = ids.iter().take(MOST).filter_map(|id| id.parse().ok()).collect();
        let tx = self.store.read(tenant).await.map_err(refusals::store)?;
        let mut records = Vec::with_capacity(ids.len());
        for tables in self.tables.iter() {
            let found = scopes(&tx, tables, tenant, &ids).await.map_err(refusals::store)?;
            records.extend(found);
        }
        Ok(FindScopesReply { records })
    }
}

async fn scopes(
    tx: &Tx,
    tables: &'static Tables,
    tenant: Uuid,
    ids: &[Uuid],
) -> Result<Vec<RecordScope>, StoreError> {
    let sql = format!("SELECT {}{}", &*WITHOUT_DOCUMENT, tables.fill(MORE));
    told(&sql);
    let rows = tx.query(&sql, &[&tenant, &ids]).await?;
    rows.iter().map(|row| scope(tables, row)).collect()
}

fn scope(tables: &Tables, row: &tokio_postgres::Row) -> Result<RecordScope, StoreError> {
    let record = Stored::read(row)?;
    let conflicts: i64 = row.try_get("conflicts")?;
    let before = before(row)?.filter(|before| *before != record.scope());
    Ok(RecordScope {
        record_type: tables.record_type.as_str().to_owned(),
        id: record.id.to_string(),
        scope: serde_json::to_vec(&record.scope())?.into(),
        before: before.map(|one| serde_json::to_vec(&one)).transpose()?.unwrap_or_default().into(),
        conflicts: u32::try_from(conflicts).unwrap_or(u32::MAX),
    })
}

/// The scope that the record had through its last owner but one, as that person stands now.
fn before(row: &tokio_postgres::Row) -> Result<Option<Record>, StoreError> {
    let Some(name) = row.try_get::<_, Option<String>>("before_name")? else { return Ok(None) };
    let groups: Option<Vec<String>> = row.try_get("before_groups")?;
    let agency: Option<String> = row.try_get("before_agency")?;
    let agencies: Vec<String> = agency.into_iter().collect();
    Ok(Some(Record::from_iter([
        ("associated_user_names".to_owned(), json!([name])),
        ("associated_user_groups".to_owned(), json!(groups.unwrap_or_default())),
        ("associated_user_agencies".to_owned(), json!(agencies)),
    ])))
}

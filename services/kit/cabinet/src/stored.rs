//! A record's row as queries read it, and its document opened.

use std::collections::HashMap;

use jiff::Timestamp;
use kit_access::Reach;
use kit_records::values::Record;
use kit_seal::DataKey;
use kit_store::{KeyCache, KeyState, StoreError};
use serde_json::json;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::record_row::document_context;
use crate::tables::Tables;

/// Everything that a reader selects, of a row `r`.
pub const COLUMNS: &str = "r.id, r.version, r.created_at, r.last_updated_at, r.record_state, \
     r.module_id, r.owned_by, r.identified_by, r.associated_user_names, r.associated_user_groups, \
     r.associated_user_agencies, r.owned_by_groups, r.owned_by_agency_id, \
     r.owned_by_agency_office, r.owned_by_location, \
     (SELECT l.hierarchy FROM directory_location l WHERE l.tenant = r.tenant \
     AND l.code = r.owned_by_location) AS owner_place, r.key_id, r.document";

/// A record as its row holds it; the document still sealed.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: Uuid,
    pub version: u64,
    pub created_at: Timestamp,
    pub last_updated_at: Timestamp,
    pub enabled: bool,
    pub module: Option<String>,
    pub owned_by: Option<String>,
    pub identified_by: Option<String>,
    pub user_names: Vec<String>,
    pub groups: Vec<String>,
    pub agencies: Vec<String>,
    pub owner_groups: Vec<String>,
    pub owner_agency: Option<String>,
    pub owner_office: Option<String>,
    pub owner_location: Option<String>,
    /// Place codes from the country down to the owner's place.
    pub owner_place: Option<Vec<String>>,
    pub key: Uuid,
    document: Vec<u8>,
}

/// A record with its document in clear.
#[derive(Debug)]
pub struct Opened {
    pub row: Stored,
    /// The record as JSON.
    pub json: Vec<u8>,
}

impl Stored {
    /// Reads a row of [`COLUMNS`].
    pub fn read(row: &Row) -> Result<Self, StoreError> {
        let version: i64 = row.try_get("version")?;
        Ok(Self {
            id: row.try_get("id")?,
            version: u64::try_from(version).unwrap_or_default(),
            created_at: row.try_get("created_at")?,
            last_updated_at: row.try_get("last_updated_at")?,
            enabled: row.try_get("record_state")?,
            module: row.try_get("module_id")?,
            owned_by: row.try_get("owned_by")?,
            identified_by: row.try_get("identified_by")?,
            user_names: row.try_get("associated_user_names")?,
            groups: row.try_get("associated_user_groups")?,
            agencies: row.try_get("associated_user_agencies")?,
            owner_groups: row.try_get("owned_by_groups")?,
            owner_agency: row.try_get("owned_by_agency_id")?,
            owner_office: row.try_get("owned_by_agency_office")?,
            owner_location: row.try_get("owned_by_location")?,
            owner_place: row.try_get("owner_place")?,
            key: row.try_get("key_id")?,
            document: row.try_get("document")?,
        })
    }

    /// Whether the record lies within a caller's reach.
    pub fn is_within(&self, reach: &Reach) -> bool {
        *reach == Reach::All || reach.covers(&self.scope())
    }

    /// What decides who reaches the record.
    pub fn scope(&self) -> Record {
        let mut scope = Record::new();
        scope.insert("associated_user_names".into(), json!(self.user_names));
        scope.insert("associated_user_groups".into(), json!(self.groups));
        scope.insert("associated_user_agencies".into(), json!(self.agencies));
        scope.insert("identified_by".into(), json!(self.identified_by));
        scope
    }

    fn open(self, tables: &Tables, tenant: Uuid, key: &DataKey) -> Result<Opened, StoreError> {
        let json = key.open(&document_context(tables, &tenant, &self.id), &self.document).map_err(
            |_| StoreError::Internal(anyhow::anyhow!("document of {} is damaged", self.id)),
        )?;
        Ok(Opened { row: self, json })
    }
}

/// Opens documents, asking the keyring once for all. What was erased meanwhile is left out.
pub async fn open_all(
    keys: &KeyCache,
    tables: &Tables,
    tenant: Uuid,
    rows: Vec<Stored>,
) -> Result<Vec<Opened>, StoreError> {
    let known: HashMap<Uuid, KeyState> = keys.open(tenant, rows.iter().map(|row| row.key)).await?;
    let mut opened = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(KeyState::Live(key)) = known.get(&row.key) {
            opened.push(row.open(tables, tenant, key)?);
        }
    }
    Ok(opened)
}

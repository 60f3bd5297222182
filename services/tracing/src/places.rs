//! Where places lie, from this service's own directory.

use std::collections::{BTreeSet, HashMap};

use family_tracing_domain::Places;
use kit_records::Record;
use kit_store::{StoreError, Tx};
use serde_json::Value;
use uuid::Uuid;

/// Places by code, as far as the directory knows them.
#[derive(Debug, Default)]
pub struct Known(HashMap<String, Vec<String>>);

impl Known {
    /// The places that these records name.
    pub async fn of(tx: &Tx, tenant: Uuid, records: &[&Record]) -> Result<Self, StoreError> {
        let codes: BTreeSet<&str> = records.iter().flat_map(|record| codes(record)).collect();
        if codes.is_empty() {
            return Ok(Self::default());
        }
        let codes: Vec<&str> = codes.into_iter().collect();
        let sql = "SELECT code, hierarchy FROM directory_location \
             WHERE tenant = $1 AND code = ANY($2)";
        let rows = tx.query(sql, &[&tenant, &codes]).await?;
        let place = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
        Ok(Self(rows.iter().map(place).collect::<Result<_, StoreError>>()?))
    }
}

fn codes(record: &Record) -> impl Iterator<Item = &str> {
    let named = |name: &str| name.starts_with("location_") || name == "relation_location_current";
    record.iter().filter(move |(name, _)| named(name)).filter_map(|(_, value)| value.as_str())
}

impl Places for Known {
    /// A place that the directory does not know lies nowhere but in itself.
    fn path(&self, code: &str) -> Vec<String> {
        self.0.get(code).cloned().unwrap_or_else(|| vec![code.to_owned()])
    }
}

/// Whether a value says anything; used where a caller's view may lack a field.
pub fn text<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    record.get(name).and_then(Value::as_str)
}

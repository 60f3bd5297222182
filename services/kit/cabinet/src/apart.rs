//! A record taken apart into what its rows hold besides the sealed document.

use std::collections::HashSet;
use std::sync::Arc;

use kit_records::split::{self, Split, TokenSource};
use kit_records::{CatalogIndex, Record, RecordType, marks, search};
use kit_seal::IndexKey;
use kit_store::{KeyCache, StoreError, Tx};
use serde_json::Value;
use uuid::Uuid;

use crate::catalogs::{Catalogs, Wanted};
use crate::tables::Tables;
use crate::terms;

/// The purpose under which the keyring gives the key for the blind terms of a type.
pub const fn index_purpose(record_type: RecordType) -> &'static str {
    record_type.path()
}

const KNOWN_PLACES: &str =
    "SELECT code FROM directory_location WHERE tenant = $1 AND code = ANY($2)";

/// What a tenant's records of one type are taken apart by.
#[derive(Clone)]
pub struct Ground {
    pub tables: &'static Tables,
    pub catalog: Arc<CatalogIndex>,
    /// Which forms these are, as far as it matters here.
    pub forms: i64,
    pub blind: IndexKey,
}

/// What a record's rows say of its values.
pub struct Apart {
    pub facets: Value,
    /// Marks of the facets, as its narrow row holds them.
    pub codes: Vec<i64>,
    /// What is sealed and found by its terms.
    pub sources: Vec<TokenSource>,
}

/// The facet of a record that was merged into another.
pub const MERGED_INTO: &str = "merged_into";

impl Apart {
    /// Whether no list and no search leads to the record: another is worked with instead. It has
    /// its row, and neither terms nor marks.
    pub fn is_hidden(&self) -> bool {
        self.facets.get(MERGED_INTO).is_some_and(|into| !into.is_null())
    }
}

impl Ground {
    /// The newest forms of a tenant.
    pub async fn of(
        catalogs: &Catalogs,
        keys: &KeyCache,
        tenant: Uuid,
        tables: &'static Tables,
    ) -> Result<Self, StoreError> {
        let catalog = catalogs.take(tenant, Wanted::default()).await;
        let catalog = catalog.map_err(StoreError::Unavailable)?;
        let forms = catalogs.forms(tenant, tables.record_type, &catalog);
        let blind = keys.index(tenant, index_purpose(tables.record_type)).await?;
        Ok(Self { tables, catalog, forms, blind })
    }

    /// Takes a record apart; places of odd codes are not looked at yet.
    pub fn split(&self, record: &Record) -> Split {
        split::split(&self.catalog, self.tables.record_type, record)
    }
}

impl From<Split> for Apart {
    fn from(parts: Split) -> Self {
        Self {
            codes: codes(&parts.facets),
            facets: Value::Object(parts.facets),
            sources: parts.sources,
        }
    }
}

/// Takes odd codes into the facets where they name places that are known.
pub async fn open_places(
    tx: &Tx,
    tenant: Uuid,
    parts: impl Iterator<Item = &mut Split>,
) -> Result<(), StoreError> {
    let parts: Vec<&mut Split> = parts.filter(|one| !one.places.is_empty()).collect();
    let asked: Vec<String> =
        parts.iter().flat_map(|one| one.place_codes()).map(str::to_owned).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let rows = tx.query(KNOWN_PLACES, &[&tenant, &asked]).await?;
    let known: HashSet<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    for one in parts {
        one.open_places(|code| known.contains(code));
    }
    Ok(())
}

/// The hashes of a record's marks, sorted.
pub fn codes(facets: &Record) -> Vec<i64> {
    let mut codes: Vec<i64> = marks::of(facets).iter().map(|mark| terms::mark(mark)).collect();
    codes.sort_unstable();
    codes
}

/// What a record is found by: the keys of each text, and its equality within its field.
pub fn blind_terms(blind: &IndexKey, sources: &[TokenSource]) -> Vec<i64> {
    let keys: Vec<search::Key> = sources
        .iter()
        .flat_map(|source| {
            let equality = search::equality_key(&source.field, &source.text);
            search::index_keys(source).into_iter().chain([equality])
        })
        .collect();
    terms::blind_all(blind, &keys)
}

/// The terms of these values lying sealed in these fields.
pub fn equality_terms<'a>(
    blind: &IndexKey,
    values: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<i64> {
    let keys: Vec<search::Key> =
        values.into_iter().map(|(field, text)| search::equality_key(field, text)).collect();
    terms::blind_all(blind, &keys)
}

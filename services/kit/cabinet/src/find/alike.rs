//! Records that share names, numbers or identifiers with one that is given: candidates for who may
//! be the same person. Found by terms alone; what they hold is for the caller to compare.

use std::collections::HashMap;

use kit_access::Reach;
use kit_records::fold::words;
use kit_records::search::{self, Key, Plan};
use kit_records::split::{self, Purpose, TokenSource};
use kit_records::{Record, RecordType};
use kit_seal::IndexKey;
use kit_store::{StoreError, Tx};
use serde_json::Value;
use uuid::Uuid;

use super::candidates::ids_of;
use crate::apart::index_purpose;
use crate::list_sql::scope_terms;
use crate::office::Office;
use crate::sql::Statement;
use crate::tables::Tables;
use crate::terms;

/// Records that one key leads to, the newest first.
const OF_ONE_KEY: i64 = 200;
/// What is shared must weigh as much: two words that sound alike, or one number.
const LEAST: i64 = 11;
/// Where only one word is known of a name, that word.
const LEAST_OF_ONE: i64 = 6;
/// A telephone, an identifier.
const NUMBER: i64 = 40;
/// Keys of a name that are blunter lead to too many.
const SHARP: i64 = 3;
/// More bearers of a word are not counted: it is common.
const COUNTED: i64 = 3_000;

/// What to look for, and where.
#[derive(Debug, Clone)]
pub struct Alike<'a> {
    pub tenant: Uuid,
    pub record_type: RecordType,
    pub record: &'a Record,
    /// Nobody's reach: all records.
    pub reach: Reach,
    /// The record itself.
    pub except: Option<Uuid>,
    pub most: i64,
}

/// How common names are.
#[derive(Debug, Clone, Default)]
pub struct Bearers {
    pub records: u64,
    /// Records with this word in a name, more or less.
    pub of: HashMap<String, u64>,
}

impl Office {
    /// The records that share most, the most promising first.
    pub async fn alike(&self, tx: &Tx, asked: &Alike<'_>) -> Result<Vec<Uuid>, StoreError> {
        let blind = self.blind(asked.tenant, asked.record_type).await?;
        match asked.statement(&blind) {
            Some(sql) => ids_of(tx, &sql).await,
            None => Ok(Vec::new()),
        }
    }

    /// How many records bear these words, of how many.
    pub async fn bearers(
        &self,
        tx: &Tx,
        tenant: Uuid,
        record_type: RecordType,
        names: impl IntoIterator<Item = &str>,
    ) -> Result<Bearers, StoreError> {
        let blind = self.blind(tenant, record_type).await?;
        let tables = Tables::of(record_type);
        let mut all: Vec<String> = names.into_iter().flat_map(words).collect();
        all.sort_unstable();
        all.dedup();
        let known: Vec<(String, i64)> = all
            .into_iter()
            .filter_map(|word| sound(&word).map(|key| (word, terms::blind(&blind, &key))))
            .collect();
        let terms: Vec<i64> = known.iter().map(|(_, term)| *term).collect();
        let mut sql = Statement::of(tenant);
        sql.push("SELECT q.term, (SELECT count(*) FROM (SELECT 1 FROM ").push(tables.term);
        sql.push(" t WHERE t.tenant = ").again().push(" AND t.term = q.term LIMIT ");
        sql.bind(COUNTED).push(") c) FROM unnest(").bind(terms).push("::bigint[]) q(term)");
        let rows = tx.client().query_typed(&sql.text, &sql.typed()).await?;
        let mut counts: HashMap<i64, u64> = HashMap::new();
        for row in rows {
            counts.insert(row.try_get(0)?, row.try_get::<_, i64>(1)?.unsigned_abs());
        }
        let of = known.into_iter().map(|(word, term)| (word, counts[&term])).collect();
        Ok(Bearers { records: 0, of })
    }

    async fn blind(&self, tenant: Uuid, record_type: RecordType) -> Result<IndexKey, StoreError> {
        self.store.keys().index(tenant, index_purpose(record_type)).await
    }
}

/// The key of how a word sounds.
fn sound(word: &str) -> Option<Key> {
    let Plan::AnyGroup(groups) = search::plan(Purpose::Name, word) else { return None };
    let mut keys = groups.into_iter().next()?.into_iter();
    keys.find(|key| key.text.starts_with('x'))
}

impl Alike<'_> {
    fn statement(&self, blind: &IndexKey) -> Option<Statement> {
        let tables = Tables::of(self.record_type);
        let (mut terms, mut groups, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        let (sought, least) = self.sought();
        for (number, keys) in (0_i64..).zip(&sought) {
            for (key, weight) in keys {
                terms.push(terms::blind(blind, key));
                groups.push(number);
                weights.push(*weight);
            }
        }
        if terms.is_empty() {
            return None;
        }
        let mut sql = Statement::of(self.tenant);
        sql.push("SELECT c.id FROM (SELECT q.grp, t.id, t.created_at, max(q.weight) AS best FROM ");
        sql.push("unnest(").bind(terms).push("::bigint[], ").bind(groups).push("::bigint[], ");
        sql.bind(weights).push("::bigint[]) q(term, grp, weight)");
        sql.push(", LATERAL (SELECT k.created_at, k.id FROM ").push(tables.term);
        sql.push(" k WHERE k.tenant = ").again().push(" AND k.term = q.term");
        if let Some(scope) = scope_terms(&self.reach) {
            sql.push(" AND EXISTS (SELECT 1 FROM ").push(tables.term);
            sql.push(" s WHERE s.tenant = ").again().push(" AND s.term = ANY(").bind(scope);
            sql.push(") AND s.created_at = k.created_at AND s.id = k.id)");
        }
        sql.push(" ORDER BY k.created_at DESC, k.id DESC LIMIT ").bind(OF_ONE_KEY);
        sql.push(") t GROUP BY 1, 2, 3) c WHERE c.id <> ");
        sql.bind(self.except.unwrap_or_default()).push(" GROUP BY c.id, c.created_at ");
        sql.push("HAVING sum(c.best) >= ").bind(least).push("::bigint");
        sql.push(" ORDER BY sum(c.best) DESC, c.created_at DESC, c.id DESC LIMIT ").bind(self.most);
        Some(sql)
    }

    /// The keys that are looked for, by what they are of, each with what it weighs; and how much a
    /// candidate must share.
    fn sought(&self) -> (Vec<Vec<(Key, i64)>>, i64) {
        let (mut sought, mut least) = (Vec::new(), LEAST);
        for source in self.sources() {
            if source.purpose != Purpose::Name {
                let key = search::equality_key(&source.field, &source.text);
                let mut keys = vec![(key, NUMBER)];
                if let (Purpose::Phone, Plan::All(all)) =
                    (source.purpose, search::plan(source.purpose, &source.text))
                {
                    keys.extend(all.into_iter().map(|key| (key, NUMBER)));
                }
                sought.push(keys);
            } else if let Plan::AnyGroup(groups) = search::plan(Purpose::Name, &source.text) {
                if groups.len() == 1 && source.field == "name" {
                    least = LEAST_OF_ONE;
                }
                let sharp = |keys: std::collections::BTreeSet<Key>| {
                    let keys = keys.into_iter().map(|key| (key.sharpness(), key));
                    keys.filter(|(weight, _)| *weight >= SHARP).map(|(w, key)| (key, w)).collect()
                };
                sought.extend(groups.into_iter().map(sharp));
            }
        }
        (sought, least)
    }

    /// The names, numbers and identifiers that the record tells.
    fn sources(&self) -> Vec<TokenSource> {
        let told = self.record.iter().filter_map(|(name, value)| {
            let text = value.as_str().filter(|text| !text.trim().is_empty())?;
            let purpose = split::purpose_of(self.record_type, name, None)?;
            let own = self.record_type.own_id_fields().contains(&name.as_str());
            let is_own = own || matches!(name.as_str(), "short_id" | "unique_identifier");
            (!is_own && purpose != Purpose::Text).then(|| TokenSource {
                field: name.clone(),
                purpose,
                text: text.to_owned(),
            })
        });
        let mut sources: Vec<TokenSource> = told.collect();
        let is_named = sources.iter().any(|one| one.field == "name");
        if !is_named && self.record_type == RecordType::Case {
            let parts = ["name_first", "name_middle", "name_last"];
            let parts = parts.iter().filter_map(|part| self.record.get(*part)?.as_str());
            let text = parts.collect::<Vec<_>>().join(" ");
            let (field, purpose) = ("name".to_owned(), Purpose::Name);
            sources.push(TokenSource { field, purpose, text });
        }
        sources
    }
}

/// The path of each place that records name, from the country down to it. What the directory does
/// not know lies nowhere but in itself.
pub async fn place_paths(
    tx: &Tx,
    tenant: Uuid,
    records: &[&Record],
) -> Result<HashMap<String, Vec<String>>, StoreError> {
    let named = |name: &str| name.starts_with("location_") || name.contains("_location");
    let codes = records.iter().flat_map(|record| record.iter());
    let codes = codes.filter(|(name, _)| named(name)).filter_map(|(_, value)| Value::as_str(value));
    let mut codes: Vec<&str> = codes.collect();
    codes.sort_unstable();
    codes.dedup();
    let mut paths: HashMap<String, Vec<String>> =
        codes.iter().map(|code| ((*code).to_owned(), vec![(*code).to_owned()])).collect();
    if !codes.is_empty() {
        let sql = "SELECT code, hierarchy FROM directory_location \
             WHERE tenant = $1 AND code = ANY($2)";
        for row in tx.query(sql, &[&tenant, &codes]).await? {
            paths.insert(row.try_get(0)?, row.try_get(1)?);
        }
    }
    Ok(paths)
}

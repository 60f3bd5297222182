//! How many records each value of a filter would lead to, beside what else is asked for.
//!
//! A count is the total of the list with that filter set to that value alone. It is asked with the
//! list's own reading of the query, its own reach and its own conditions, so that nothing is
//! decided twice; only the newest records of each list are looked at, so that it costs little.

mod wish;

use kit_proto::common::v1::{ListRequest, Reply};
use kit_records::query::{Filter, Search};
use kit_serve::Refusal;
use kit_store::{StoreError, Tx};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::list::Asked;
use crate::office::{Asking, Office, pairs};
use crate::refusals;
use crate::sql::{Statement, told};
use wish::{Field, Pairs, Wish};

/// Of lists longer than are looked at, counts are told up to this one.
const TOLD: i64 = 1_000;
/// Records of a list that are looked at, at least and at most.
const LOOKED_AT: (i64, i64) = (1_001, 3_000);
/// How often a record is held against a value in one call.
const COMPARED: i64 = 60_000;

/// A list whose records are counted: that of some fields, whose own filters are left out.
struct Ballot<'w> {
    pairs: Pairs,
    fields: Vec<&'w Field>,
}

/// How many records there are, as far as they were looked at.
struct Tally {
    /// Not all records of the list were.
    cut: bool,
    records: i64,
    /// Of each value, in order.
    counts: Vec<i64>,
}

impl Office {
    /// `GET /<type>/counts`
    pub async fn count_records(
        &self,
        asking: &Asking,
        request: &ListRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let wish = Wish::read(asking, pairs(&request.parameters))?;
        let all = self.asked(asking, &wish.pairs).await?;
        let most = (COMPARED / i64::try_from(wish.values()).unwrap_or(COMPARED).max(1))
            .clamp(LOOKED_AT.0, LOOKED_AT.1);
        let mut counted = Map::new();
        for ballot in ballots(&wish) {
            let asked = self.asked(asking, &ballot.pairs).await?;
            let values = ballot.fields.iter().flat_map(|field| &field.values);
            let filters: Vec<Filter> = values.map(|value| value.filter.clone()).collect();
            // A filter by what lies sealed counts nothing, and is refused as in the list.
            let unknowable = asked.filters().unknowable(&filters);
            if !unknowable.is_empty() {
                return Err(refusals::unreadable(unknowable));
            }
            let tally = self.tally(&asked, &filters, most).await.map_err(refusals::store)?;
            let mut counts = tally.counts.iter();
            for field in &ballot.fields {
                let of = field.values.iter().zip(&mut counts);
                let of = of.map(|(value, count)| (value.text.clone(), tally.told(*count)));
                counted.insert(field.name.clone(), of.collect::<Map<_, _>>().into());
            }
        }
        let total = self.total_of(&all, most).await.map_err(refusals::store)?;
        let in_order = wish
            .fields
            .iter()
            .map(|field| (field.name.clone(), counted.remove(&field.name).unwrap_or_default()));
        Ok(Reply {
            data: Value::Object(in_order.collect()).to_string().into(),
            metadata: json!({"total": total}).to_string().into(),
            ..Reply::default()
        })
    }

    /// The total of what is asked for: as the list tells it, but of a search.
    async fn total_of(&self, asked: &Asked<'_>, most: i64) -> Result<Value, StoreError> {
        if asked.query.search.is_some() {
            let tally = self.tally(asked, &[], most).await?;
            return Ok(tally.told(tally.records));
        }
        let tx = self.store.read(asked.asking.tenant).await?;
        let total = self.total(&tx, asked).await?;
        Ok(json!({"count": total.records, "more": false}))
    }

    async fn tally(
        &self,
        asked: &Asked<'_>,
        filters: &[Filter],
        most: i64,
    ) -> Result<Tally, StoreError> {
        let found = match &asked.query.search {
            Some(search) => Some(self.searched(asked, search).await?),
            None => None,
        };
        let cut = found.as_ref().is_some_and(|(_, cut)| *cut);
        let sql = statement(asked, filters, found.map(|(ids, _)| ids), most);
        let tx = self.store.read(asked.asking.tenant).await?;
        let (records, counts) = count(&tx, &sql, filters.len()).await?;
        Ok(Tally { cut: cut || records > most, records, counts })
    }

    /// What a search finds, and whether there may be more.
    async fn searched(
        &self,
        asked: &Asked<'_>,
        search: &Search,
    ) -> Result<(Vec<Uuid>, bool), StoreError> {
        let (ids, total) = self.search_ids(asked, search).await?;
        let seen = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        Ok((ids, total > seen))
    }
}

impl Tally {
    /// As the answer has it.
    fn told(&self, count: i64) -> Value {
        let count = if self.cut { count.min(TOLD) } else { count };
        json!({"count": count, "more": self.cut})
    }
}

/// The fields by the list that they are counted in: most have no filter of their own, and share
/// the one that was asked for.
fn ballots(wish: &Wish) -> Vec<Ballot<'_>> {
    let mut ballots: Vec<Ballot<'_>> = Vec::new();
    for field in &wish.fields {
        let pairs = wish.without(&field.name);
        match ballots.iter_mut().find(|one| one.pairs == pairs) {
            Some(ballot) => ballot.fields.push(field),
            None => ballots.push(Ballot { pairs, fields: vec![field] }),
        }
    }
    ballots
}

/// Counts the newest records of a list, or those found, and those of them that meet each filter.
fn statement(
    asked: &Asked<'_>,
    filters: &[Filter],
    found: Option<Vec<Uuid>>,
    most: i64,
) -> Statement {
    let mut sql = Statement::of(asked.asking.tenant);
    sql.push("SELECT count(*)");
    for filter in filters {
        sql.push(", count(*) FILTER (WHERE true");
        asked.filters().and_all(&mut sql, std::slice::from_ref(filter));
        sql.push(")");
    }
    sql.push(" FROM ");
    match found {
        Some(ids) => {
            sql.push("(SELECT created_at, id FROM ").push(asked.tables().row);
            sql.push(" WHERE tenant = ").again().push(" AND id = ANY(").bind(ids).push(")) k");
        }
        None => asked.newest_keys(&mut sql, most.saturating_add(1)),
    }
    asked.beside_for(&mut sql, filters);
    sql
}

/// Statements of so many shapes are not kept prepared.
async fn count(tx: &Tx, sql: &Statement, values: usize) -> Result<(i64, Vec<i64>), StoreError> {
    told(&sql.text);
    let rows = tx.client().query_typed(&sql.text, &sql.typed()).await?;
    let Some(row) = rows.first() else { return Ok((0, vec![0; values])) };
    let counts = (1..=values).map(|at| Ok(row.try_get(at)?)).collect::<Result<_, StoreError>>()?;
    Ok((row.try_get(0)?, counts))
}

//! Search: candidates by terms, opened, verified and ranked in memory.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use kit_proto::common::v1::Reply;
use kit_records::query::{Search, SearchKind};
use kit_records::search::{self, Key, Match, Plan};
use kit_records::split::{self, Purpose};
use kit_records::{CatalogIndex, RecordType};
use kit_serve::Refusal;
use kit_store::StoreError;
use serde_json::{Value, json};

use crate::answer::View;
use crate::filter_sql::Filters;
use crate::queries::list_cases::{Asked, Page, index, scope_terms, select};
use crate::service::Cases;
use crate::shallow::Shallow;
use crate::sql::Statement;
use crate::stored::{COLUMNS, Opened, open_all};
use crate::{refusals, terms};

/// At most this many candidates are opened for one search.
const CANDIDATES: i64 = 1_000;

/// A case that matched, and why.
struct Hit {
    case: Opened,
    found: Match,
}

impl Cases {
    /// A list with `query`.
    pub(crate) async fn find_cases(
        &self,
        asked: &Asked<'_>,
        search: &Search,
    ) -> Result<Reply, Refusal> {
        let wide = search.wide;
        let beyond = wide && asked.asking.principal.may("case", "search_owned_by_others");
        let (mut hits, cut) = self.hits(asked, search, beyond).await.map_err(refusals::store)?;
        hits.sort_by(best_first);
        let total = i64::try_from(hits.len()).unwrap_or(i64::MAX);
        let (limit, offset) = asked.window();
        let (mut cases, mut reasons) = (Vec::new(), Vec::new());
        for hit in hits.into_iter().skip(index(offset)).take(index(limit)) {
            reasons.push((hit.case.row.id, hit.found));
            cases.push(hit.case);
        }
        let notes = if cut { vec![("candidates_cut", json!(CANDIDATES))] } else { vec![] };
        let page = Page { cases, total, notes };
        let view = if wide { View::Preview } else { View::Asked(&asked.query.fields) };
        asked.reply(&page, view, |case| {
            let found = reasons.iter().find(|(id, _)| *id == case.row.id);
            found.map_or_else(Vec::new, |(_, found)| vec![("matched_on", matched_on(found))])
        })
    }

    /// Everything that really matches, and whether there were more candidates than are opened.
    async fn hits(
        &self,
        asked: &Asked<'_>,
        search: &Search,
        beyond: bool,
    ) -> Result<(Vec<Hit>, bool), StoreError> {
        let purpose = purpose(search.kind);
        let Some(sql) = candidates(asked, &search::plan(purpose, &search.text), beyond) else {
            return Ok((Vec::new(), false));
        };
        let tx = self.store.read(asked.asking.tenant).await?;
        let rows = select(&tx, &sql).await?;
        drop(tx);
        let cut = rows.len() > index(CANDIDATES);
        let opened = open_all(self.store.keys(), asked.asking.tenant, rows).await?;
        let hits = opened.into_iter().take(index(CANDIDATES)).filter_map(|case| {
            let found = verified(&asked.asking.index, purpose, search, &case)?;
            Some(Hit { case, found })
        });
        Ok((hits.collect(), cut))
    }
}

fn best_first(one: &Hit, other: &Hit) -> Ordering {
    let score = other.found.score.total_cmp(&one.found.score);
    score
        .then_with(|| other.case.row.created_at.cmp(&one.case.row.created_at))
        .then_with(|| one.case.row.id.cmp(&other.case.row.id))
}

fn matched_on(found: &Match) -> Value {
    json!([{ "field": found.field, "reason": found.reason }])
}

const fn purpose(kind: SearchKind) -> Purpose {
    match kind {
        SearchKind::Identifier => Purpose::Identifier,
        SearchKind::Name => Purpose::Name,
        SearchKind::Phone => Purpose::Phone,
    }
}

/// Whether an opened case matches, held against the texts of its searched fields.
fn verified(
    index: &CatalogIndex,
    purpose: Purpose,
    search: &Search,
    case: &Opened,
) -> Option<Match> {
    let document = Shallow::parse(&case.json).ok()?;
    let mut texts: Vec<(&str, String)> = Vec::new();
    for (name, raw) in &document.0 {
        let field = index.field(RecordType::Case, name);
        if split::purpose_of(RecordType::Case, name, field) == Some(purpose) {
            let value: Value = serde_json::from_str(raw.get()).ok()?;
            texts.extend(words(&value).into_iter().map(|text| (name.as_ref(), text)));
        }
    }
    let texts = texts.iter().map(|(name, text)| (*name, text.as_str()));
    search::verify(purpose, &search.text, texts)
}

fn words(value: &Value) -> Vec<String> {
    let many = value.as_array().map_or(&[][..], Vec::as_slice).iter();
    let one = value.as_str().into_iter();
    one.chain(many.filter_map(Value::as_str)).map(str::to_owned).collect()
}

/// Rows that share enough terms with the query, most first.
fn candidates(asked: &Asked<'_>, plan: &Plan, beyond: bool) -> Option<Statement> {
    let (wanted, groups, least) = match plan {
        Plan::Nothing => return None,
        Plan::AnyGroup(groups) => numbered(asked, groups, 1),
        Plan::All(keys) => {
            let each: Vec<BTreeSet<Key>> = keys.iter().map(|key| [key.clone()].into()).collect();
            numbered(asked, &each, each.len())
        }
    };
    if wanted.is_empty() {
        return None;
    }
    let mut sql = Statement::new(&format!("SELECT {COLUMNS} FROM (SELECT t.id, t.created_at, "));
    sql.push("count(DISTINCT q.grp) AS shared FROM unnest(").bind(wanted).push(", ").bind(groups);
    sql.push(") q(term, grp) JOIN case_term t ON t.tenant = ").bind(asked.asking.tenant);
    sql.push(" AND t.term = q.term GROUP BY t.id, t.created_at HAVING count(DISTINCT q.grp) >= ");
    sql.bind(i64::try_from(least).unwrap_or(i64::MAX));
    sql.push(") c JOIN case_row r ON r.id = c.id WHERE r.tenant = ").bind(asked.asking.tenant);
    if let Some(scope) = scope_terms(&asked.reach).filter(|_| !beyond) {
        sql.push(" AND ");
        crate::filter_sql::has_term(&mut sql, scope);
    }
    let filters = Filters { index: &asked.asking.index, blind: &asked.blind };
    filters.and_all(&mut sql, &asked.query.filters);
    sql.push(" ORDER BY c.shared DESC, r.created_at DESC, r.id DESC LIMIT ").bind(CANDIDATES + 1);
    Some(sql)
}

/// Terms with the number of the group they stand for, and how many groups a candidate needs.
fn numbered(
    asked: &Asked<'_>,
    groups: &[BTreeSet<Key>],
    least: usize,
) -> (Vec<i64>, Vec<i64>, usize) {
    let (mut all, mut numbers) = (Vec::new(), Vec::new());
    for (number, keys) in (0_i64..).zip(groups) {
        for key in keys {
            all.push(terms::blind(&asked.blind, key));
            numbers.push(number);
        }
    }
    (all, numbers, least)
}

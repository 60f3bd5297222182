//! Search: candidates by terms, opened, verified and ranked in memory.

mod alike;
mod candidates;
mod reasons;

use std::cmp::Ordering;

use kit_proto::common::v1::Reply;
use kit_records::Record;
use kit_records::query::{Search, SearchKind};
use kit_records::search::{self, Match, Query};
use kit_records::split::{self, Purpose};
use kit_serve::Refusal;
use kit_store::StoreError;
use serde_json::{Value, json};
use uuid::Uuid;

pub use alike::{Alike, Bearers, place_paths};

use crate::answer::View;
use crate::list::{Asked, Page, index, rows_of, sort_key};
use crate::office::{Asking, Office};
use crate::shallow::Shallow;
use crate::stored::{Opened, open_all};
use crate::tables::Tables;

/// At most this many candidates are ranked for one search.
const CANDIDATES: i64 = 1_000;
/// So many are opened where the best come first, or as many as the page needs.
const OPENED: usize = 60;

/// A record that matched, and why.
struct Hit {
    record: Opened,
    /// The best of what matched.
    found: Match,
    /// All of it, the best first.
    all: Vec<Match>,
}

/// A search with its purpose and reach.
struct Sought<'a> {
    asked: &'a Asked<'a>,
    search: &'a Search,
    purpose: Purpose,
    /// Whether records out of reach are searched, too.
    beyond: bool,
    /// Whether every candidate is opened, whatever the page shows.
    all: bool,
}

impl Office {
    /// A list with `query`.
    pub(crate) async fn find_records(
        &self,
        asked: &Asked<'_>,
        search: &Search,
    ) -> Result<Reply, Refusal> {
        let wide = search.wide;
        let beyond = wide && asked.asking.may("search_owned_by_others");
        let purpose = purpose(search.kind);
        let sought = Sought { asked, search, purpose, beyond, all: false };
        let (hits, total) = self.hits(&sought).await.map_err(crate::refusals::store)?;
        let cut = total > CANDIDATES;
        let (limit, offset) = asked.window();
        let (mut records, mut reasons) = (Vec::new(), Vec::new());
        let readable = if wide {
            asked.asking.permitted(None).preview()
        } else {
            asked.asking.permitted(None).readable()
        };
        let mut told = Record::new();
        for hit in hits.into_iter().skip(index(offset)).take(index(limit)) {
            let why = reasons::told(asked.asking, &hit.all, |field| readable.contains(field));
            told.insert(hit.record.row.id.to_string(), why);
            reasons.push((hit.record.row.id, hit.found));
            records.push(hit.record);
        }
        let mut notes = vec![("reasons", Value::Object(told))];
        if cut {
            notes.push(("candidates_cut", json!(CANDIDATES)));
        }
        self.add_beside(asked.asking, &mut records).await?;
        let page = Page { records, total, notes };
        let view = if wide { View::Preview } else { View::Asked(&asked.query.fields) };
        asked.reply(&page, view, |one| {
            let found = reasons.iter().find(|(id, _)| *id == one.row.id);
            found.map_or_else(Vec::new, |(_, found)| vec![("matched_on", matched_on(found))])
        })
    }

    /// The ids of all that a search finds among its candidates, and how many it may be in all.
    pub(crate) async fn search_ids(
        &self,
        asked: &Asked<'_>,
        search: &Search,
    ) -> Result<(Vec<Uuid>, i64), StoreError> {
        let beyond = search.wide && asked.asking.may("search_owned_by_others");
        let sought = Sought { asked, search, purpose: purpose(search.kind), beyond, all: true };
        let (hits, total) = self.hits(&sought).await?;
        Ok((hits.into_iter().map(|hit| hit.record.row.id).collect(), total))
    }

    /// What really matches of the candidates that are opened, in order, and how many match.
    async fn hits(&self, sought: &Sought<'_>) -> Result<(Vec<Hit>, i64), StoreError> {
        let asked = sought.asked;
        let tx = self.store.read(asked.asking.tenant).await?;
        let candidates = sought.candidates(&tx).await?;
        let first = candidates.ids.iter().take(sought.opened()).copied().collect();
        let rows = rows_of(&tx, asked.tables(), asked.asking.tenant, first).await?;
        drop(tx);
        let looked_at = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let opened = open_all(self.store.keys(), asked.tables(), asked.asking.tenant, rows).await?;
        let query = Query::new(sought.purpose, &sought.search.text);
        let hits = opened.into_iter().filter_map(|record| {
            let all = verified(asked.asking, sought.purpose, &query, &record);
            let found = all.first()?.clone();
            Some(Hit { record, found, all })
        });
        let mut hits: Vec<Hit> = hits.collect();
        sought.sort(&mut hits);
        let unseen = (candidates.total - looked_at).max(0);
        let total = i64::try_from(hits.len()).unwrap_or(i64::MAX).saturating_add(unseen);
        Ok((hits, total))
    }
}

impl Sought<'_> {
    const fn tables(&self) -> &'static Tables {
        self.asked.tables()
    }

    /// How many candidates are opened: those that the page can need, all where a field of theirs
    /// decides the order.
    fn opened(&self) -> usize {
        let (limit, offset) = self.asked.window();
        let most = index(CANDIDATES);
        if self.all || self.is_ordered() {
            most
        } else {
            OPENED.max(index(offset + limit)).min(most)
        }
    }

    /// Whether the caller's order counts: names come by likeness, as in Primero.
    fn is_ordered(&self) -> bool {
        self.purpose != Purpose::Name && self.asked.query.order.is_some()
    }

    fn sort(&self, hits: &mut [Hit]) {
        let newest = |one: &Hit, other: &Hit| {
            let by_age = other.record.row.created_at.cmp(&one.record.row.created_at);
            by_age.then_with(|| other.record.row.id.cmp(&one.record.row.id))
        };
        match &self.asked.query.order {
            _ if self.purpose == Purpose::Name => hits.sort_by(best_first),
            None => hits.sort_by(newest),
            Some(order) => hits.sort_by(|one, other| {
                let (left, right) = (sort_key(&one.record, order), sort_key(&other.record, order));
                let by = if order.descending { right.cmp(&left) } else { left.cmp(&right) };
                by.then_with(|| newest(one, other))
            }),
        }
    }
}

fn best_first(one: &Hit, other: &Hit) -> Ordering {
    let score = other.found.score.total_cmp(&one.found.score);
    score
        .then_with(|| other.record.row.created_at.cmp(&one.record.row.created_at))
        .then_with(|| one.record.row.id.cmp(&other.record.row.id))
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

/// What of an opened record matches, held against the texts of its searched fields.
fn verified(asking: &Asking, purpose: Purpose, query: &Query, record: &Opened) -> Vec<Match> {
    let Ok(document) = Shallow::parse(&record.json) else { return Vec::new() };
    let mut texts: Vec<(&str, String)> = Vec::new();
    let is_searched = |name: &str| {
        // Only what a form says makes a field one of phone numbers.
        let field =
            (purpose == Purpose::Phone).then(|| asking.index.field(asking.record_type, name));
        split::purpose_of(asking.record_type, name, field.flatten()) == Some(purpose)
    };
    for (name, raw) in &document.0 {
        if is_searched(name) {
            let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
            texts.extend(words(&value).into_iter().map(|text| (name.as_ref(), text)));
        }
    }
    let texts = texts.iter().map(|(name, text)| (*name, text.as_str()));
    search::rank(query, texts)
}

fn words(value: &Value) -> Vec<String> {
    let many = value.as_array().map_or(&[][..], Vec::as_slice).iter();
    let one = value.as_str().into_iter();
    one.chain(many.filter_map(Value::as_str)).map(str::to_owned).collect()
}

//! Traces as the reference shows them: each reached through its request.

use std::collections::HashMap;

use family_tracing_domain::{Standing, comparison, sought};
use kit_cabinet::{Answer, Asking, View, refusals};
use kit_dossier::fields::text;
use kit_proto::common::v1::{GetRequest, ListRequest, Parameter, Reply};
use kit_records::query::Projection;
use kit_records::{Record, RecordType};
use kit_serve::Refusal;
use kit_store::StoreError;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Tracing;
use crate::cards::{Card, Side, cards};
use crate::pairs::traces_of;

/// Fields of a request that each of its traces shows, besides those of the inquirer.
const SHARED: [&str; 10] = [
    "inquiry_date",
    "location_last",
    "telephone_last",
    "date_of_separation",
    "separation_cause",
    "separation_cause_other",
    "location_separation",
    "location_before_separation",
    "owned_by",
    "owned_by_agency_id",
];

/// A record as the caller may see it.
#[derive(Debug, Default)]
pub struct Seen {
    pub record: Record,
    /// Whether they reach it; else it is what is shown to whoever may look for matches.
    pub is_whole: bool,
}

impl Seen {
    const fn whole(record: Record) -> Self {
        Self { record, is_whole: true }
    }

    const fn part(record: Record) -> Self {
        Self { record, is_whole: false }
    }

    /// As a side of a comparison.
    pub const fn side(&self) -> comparison::Side<'_> {
        comparison::Side { shown: &self.record, is_whole: self.is_whole }
    }
}

/// A trace whose request the caller reaches.
#[derive(Debug)]
pub struct Reached {
    pub id: Uuid,
    /// The trace with its inquirer, as far as the caller may read both.
    pub shown: Record,
}

impl Tracing {
    /// `GET /tracing_requests/:id/traces`
    pub async fn list_traces(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let row = self.office.reachable(asking, &request.id).await?;
        let module = row.module.clone();
        let opened = self.office.opened(asking, row).await?;
        let view = View::Asked(&Projection::All);
        let answer = Answer::new(asking, module.as_deref(), view);
        let json = answer.write(&opened, &[]).map_err(Refusal::internal)?;
        let shown: Record = serde_json::from_slice(&json).map_err(Refusal::internal)?;
        let ids: Vec<Uuid> = sought(&shown).map(|one| one.id).collect();
        let matched = self.matched(asking, &ids).await?;
        let traces: Vec<Record> =
            ids.iter().map(|id| trace(&shown, *id, matched.get(id).copied())).collect();
        reply(&traces, &[opened.row.id])
    }

    /// `GET /traces/:id`
    pub async fn get_trace(&self, asking: &Asking, request: &GetRequest) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let reached = self.reached(asking, &request.id).await?;
        self.one_trace(asking, reached).await
    }

    /// `GET /cases/:id/traces`
    pub async fn list_case_traces(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        let case = self.case(asking, &request.id).await?.0;
        let tx = self.office.read(asking).await?;
        let found = traces_of(&tx, asking.tenant, &[case], &[Standing::Confirmed]).await;
        drop(tx);
        let found = found.map_err(refusals::store)?;
        let ids: Vec<Uuid> = found.into_iter().map(|(trace, _)| trace).collect();
        let shown = self.shown_traces(asking, &ids).await?;
        let traces: Vec<&Record> =
            ids.iter().filter_map(|id| Some(&shown.get(id)?.record)).collect();
        reply(&traces, &[case])
    }

    /// A case that the caller reaches, as they may read it.
    pub async fn case(&self, asking: &Asking, id: &str) -> Result<(Uuid, Record), Refusal> {
        let case = self.cases.find(&asking.call, id).await?;
        let id = text(&case, "id").and_then(|id| id.parse().ok());
        Ok((id.ok_or_else(|| Refusal::internal("a case was answered without id"))?, case))
    }

    /// A trace that exists (404), of a request within the caller's reach (403).
    pub async fn reached(&self, asking: &Asking, id: &str) -> Result<Reached, Refusal> {
        let parsed: Uuid = id.parse().map_err(|_| no_such_trace(id))?;
        let requests = self.requests_of(asking, &[parsed]).await?;
        let request = requests.get(&parsed).ok_or_else(|| no_such_trace(id))?;
        self.office.reachable(asking, &request.to_string()).await?;
        let mut shown = self.shown_traces(asking, &[parsed]).await?;
        let shown = shown.remove(&parsed).ok_or_else(|| no_such_trace(id))?;
        Ok(Reached { id: parsed, shown: shown.record })
    }

    /// The answer that shows one trace, with what its case and itself have in common.
    pub async fn one_trace(&self, asking: &Asking, reached: Reached) -> Result<Reply, Refusal> {
        let Reached { id, mut shown } = reached;
        let matched: Option<Uuid> = text(&shown, "matched_case_id").and_then(|id| id.parse().ok());
        if let Some(case) = matched
            && let Some(case) = self.shown_cases(asking, &[case]).await?.remove(&case)
        {
            let trace = comparison::Side { shown: &shown, is_whole: true };
            let compared = comparison::compared(case.side(), trace);
            shown.insert("matched_case_comparison".into(), compared);
        }
        reply(&shown, &[id])
    }

    /// These traces as the caller may see them: whole, of requests that they reach; of others
    /// what is shown to whoever may look for matches, and nothing to whoever may not.
    pub async fn shown_traces(
        &self,
        asking: &Asking,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Seen>, Refusal> {
        let requests = self.requests_of(asking, ids).await?;
        let whole = self.shown_requests(asking, requests.values().copied().collect()).await?;
        let matched = self.matched(asking, ids).await?;
        let mut shown = HashMap::new();
        for (id, request) in &requests {
            let found = whole.get(request);
            let found = found.map(|request| trace(request, *id, matched.get(id).copied()));
            shown.extend(found.map(|record| (*id, Seen::whole(record))));
        }
        if may_match(asking) {
            let others: Vec<Uuid> =
                ids.iter().copied().filter(|id| !shown.contains_key(id)).collect();
            let cards = cards(&self.office.store, asking.tenant, Side::Trace, &others).await;
            for (id, mut card) in cards.map_err(refusals::store)? {
                card.shown.insert("matched_case_id".into(), json!(matched.get(&id)));
                shown.insert(id, Seen::part(card.shown));
            }
        }
        Ok(shown)
    }

    /// These cases as the caller may see them, on the same terms.
    pub async fn shown_cases(
        &self,
        asking: &Asking,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Seen>, Refusal> {
        let reached = self.cases.reached(&asking.call, ids.to_vec()).await?.into_iter();
        let whole = |case| Some((text(&case, "id")?.parse().ok()?, Seen::whole(case)));
        let mut shown: HashMap<Uuid, Seen> = reached.filter_map(whole).collect();
        if may_match(asking) {
            let others: Vec<Uuid> =
                ids.iter().copied().filter(|id| !shown.contains_key(id)).collect();
            let cards = cards(&self.office.store, asking.tenant, Side::Case, &others).await;
            let cards = cards.map_err(refusals::store)?;
            let agencies = self.agencies(asking, cards.values()).await?;
            shown.extend(cards.into_iter().map(|(id, mut card)| {
                let owner = text(&card.shown, "owned_by").and_then(|name| agencies.get(name));
                card.shown.insert("owned_by_agency_id".into(), json!(owner));
                (id, Seen::part(card.shown))
            }));
        }
        Ok(shown)
    }

    /// The agencies of those who own these cases, as the directory knows them today.
    async fn agencies(
        &self,
        asking: &Asking,
        cards: impl Iterator<Item = &Card> + Send,
    ) -> Result<HashMap<String, String>, Refusal> {
        let owners: Vec<String> =
            cards.filter_map(|card| text(&card.shown, "owned_by")).map(str::to_owned).collect();
        if owners.is_empty() {
            return Ok(HashMap::new());
        }
        let sql = "SELECT user_name, agency FROM directory_user \
             WHERE tenant = $1 AND user_name = ANY($2) AND agency IS NOT NULL";
        let tx = self.office.read(asking).await?;
        let rows = tx.query(sql, &[&asking.tenant, &owners]).await.map_err(refusals::store)?;
        let pair = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
        let pairs: Result<_, StoreError> = rows.iter().map(pair).collect();
        pairs.map_err(refusals::store)
    }

    /// The requests that traces belong to.
    pub async fn requests_of(
        &self,
        asking: &Asking,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Uuid>, Refusal> {
        let sql = "SELECT id, request_id FROM trace_sought WHERE tenant = $1 AND id = ANY($2)";
        self.two_columns(asking, sql, ids).await
    }

    /// The cases that traces were matched with.
    async fn matched(&self, asking: &Asking, ids: &[Uuid]) -> Result<HashMap<Uuid, Uuid>, Refusal> {
        let sql = "SELECT trace_id, case_id FROM trace_pair \
             WHERE tenant = $1 AND trace_id = ANY($2) AND standing = 'confirmed'";
        self.two_columns(asking, sql, ids).await
    }

    async fn two_columns(
        &self,
        asking: &Asking,
        sql: &str,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Uuid>, Refusal> {
        let tx = self.office.read(asking).await?;
        let rows = tx.query(sql, &[&asking.tenant, &ids]).await.map_err(refusals::store)?;
        let pair = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
        let pairs: Result<_, StoreError> = rows.iter().map(pair).collect();
        pairs.map_err(refusals::store)
    }

    /// Those of these requests that the caller reaches, as they may read them.
    async fn shown_requests(
        &self,
        asking: &Asking,
        ids: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, Record>, Refusal> {
        if ids.is_empty() || !asking.may("read") {
            return Ok(HashMap::new());
        }
        let one = |name: &str, value: String| Parameter { name: name.to_owned(), value };
        let wanted: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        let parameters = vec![one("id", wanted.join(",")), one("per", wanted.len().to_string())];
        let record_type = RecordType::TracingRequest.as_str().to_owned();
        let list = ListRequest { parameters, record_type };
        let reply = self.office.list_records(asking, &list).await?;
        let requests: Vec<Record> =
            serde_json::from_slice(&reply.data).map_err(Refusal::internal)?;
        let named = |request: Record| Some((text(&request, "id")?.parse().ok()?, request));
        Ok(requests.into_iter().filter_map(named).collect())
    }
}

/// Whether the caller may look for matches.
pub fn may_match(asking: &Asking) -> bool {
    asking.principal.may("potential_match", "read")
}

/// One trace of a request that is shown.
fn trace(request: &Record, id: Uuid, matched: Option<Uuid>) -> Record {
    let request_id = request.get("id").cloned().unwrap_or_default();
    let mut shown = Record::from_iter([
        ("id".to_owned(), json!(id)),
        ("matched_case_id".to_owned(), json!(matched)),
        ("tracing_request_id".to_owned(), request_id.clone()),
        ("inquirer_id".to_owned(), request_id),
    ]);
    let of_inquirer = |name: &str| name.starts_with("relation") || SHARED.contains(&name);
    let inquirer = request.iter().filter(|(name, _)| of_inquirer(name));
    shown.extend(inquirer.map(|(name, value)| (name.clone(), value.clone())));
    // Whoever may not read the form of the children reads only that there is one.
    let entry = sought(request).find(|one| one.id == id).map(|one| one.entry);
    let own = entry.into_iter().flatten();
    let own = own.filter(|(name, _)| !matches!(name.as_str(), "unique_id" | "id"));
    shown.extend(own.map(|(name, value)| (name.clone(), value.clone())));
    shown
}

/// 404 for a trace, in the finder's words.
pub fn no_such_trace(id: &str) -> Refusal {
    // An id that is none may be anything a caller typed: it is not repeated.
    match id.parse::<Uuid>() {
        Ok(id) => Refusal::not_found(format!("Couldn't find Trace with 'id'={id}")),
        Err(_) => Refusal::not_found("Couldn't find Trace"),
    }
}

/// An answer.
pub fn reply(data: &impl serde::Serialize, ids: &[Uuid]) -> Result<Reply, Refusal> {
    Ok(Reply {
        data: serde_json::to_vec(data).map_err(Refusal::internal)?.into(),
        record_ids: ids.iter().map(Uuid::to_string).collect(),
        ..Reply::default()
    })
}

/// What a member of a body names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    NotSent,
    /// `null`
    Nothing,
    Record(Uuid),
}

/// A member of a body that names a record, or says that there is none.
pub fn id_in(body: &Record, name: &str) -> Result<Named, Refusal> {
    let wrong = || {
        let field = kit_serve::FieldProblem::new(format!("/{name}"), "not_a_uuid");
        Refusal::invalid_record(vec![field])
    };
    match body.get(name) {
        None => Ok(Named::NotSent),
        Some(Value::Null) => Ok(Named::Nothing),
        Some(Value::String(id)) => id.parse().map(Named::Record).map_err(|_| wrong()),
        Some(_) => Err(wrong()),
    }
}

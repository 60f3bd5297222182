//! Notices: what was proposed and concerns records within the caller's scope. A notice names the
//! two records, never a person; it goes as soon as the proposal does, or one of the records.

use family_tracing_domain::See;
use kit_access::Scope;
use kit_cabinet::{Asking, body, pairs, refusals};
use kit_matching::Tier;
use kit_proto::common::v1::{ListRequest, Reply, WriteRequest};
use kit_records::values::format_time;
use kit_serve::{FieldProblem, Refusal};
use kit_store::{StoreError, Tx};
use serde_json::{Value, json};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::Tracing;
use crate::confirm::{executed, stamp};
use crate::matches::language;
use crate::pairs::{read_tier, tier_name};
use crate::texts;
use crate::traces::{may_match, reply};

/// The most on one page.
const MOST: i64 = 100;
/// On one page unless asked otherwise.
const USUAL: i64 = 20;

/// Proposals of children who may be sought by traces that have no child yet, of which one side
/// is the caller's: any case ($2) or those of some ($3), any trace ($4) or those of some ($5).
const CONCERNING: &str = " FROM trace_pair p \
     JOIN case_sought c ON c.tenant = p.tenant AND c.id = p.case_id \
     JOIN trace_sought t ON t.tenant = p.tenant AND t.id = p.trace_id AND t.wanted \
     WHERE p.tenant = $1 AND p.standing = 'proposed' \
     AND ($2 OR c.owned_by = ANY($3) OR c.people && $3 \
     OR $4 OR t.owned_by = ANY($5) OR t.people && $5) \
     AND NOT EXISTS (SELECT 1 FROM trace_pair q WHERE q.tenant = p.tenant \
     AND q.trace_id = p.trace_id AND q.standing = 'confirmed')";

/// Whose records of one type a caller's notices are about.
#[derive(Debug, Default)]
struct Owners {
    everybody: bool,
    names: Vec<String>,
}

/// A notice as its row has it.
struct Notice {
    id: Uuid,
    trace: Uuid,
    case: Uuid,
    request: Uuid,
    tier: Tier,
    since: jiff::Timestamp,
    seen: bool,
    /// Whether the case lies within the caller's scope.
    is_mine: bool,
}

impl Tracing {
    /// `GET /api/amparo/v1/notices`
    pub async fn list_notices(
        &self,
        asking: &Asking,
        request: &ListRequest,
    ) -> Result<Reply, Refusal> {
        if !may_match(asking) {
            return Err(Refusal::forbidden());
        }
        let page = Page::read(request)?;
        let tx = self.office.read(asking).await?;
        let (cases, traces) = owners(&tx, asking).await.map_err(refusals::store)?;
        let counted = count(&tx, asking, &cases, &traces).await.map_err(refusals::store)?;
        let found = select(&tx, asking, &cases, &traces, &page).await;
        drop(tx);
        let notices = found.map_err(refusals::store)?;
        let ids: Vec<Uuid> = notices.iter().map(|one| one.case).collect();
        let shown = self.shown_cases(asking, &ids).await?;
        let data: Vec<Value> = notices
            .iter()
            .map(|one| {
                let display =
                    shown.get(&one.case).and_then(|case| case.record.get("case_id_display"));
                one.told(asking, display)
            })
            .collect();
        let metadata = json!({
            "total": if page.unseen { counted.unseen } else { counted.total },
            "unseen": counted.unseen, "per": page.per, "page": page.number,
        });
        let metadata = serde_json::to_vec(&metadata).map_err(Refusal::internal)?;
        Ok(Reply { metadata: metadata.into(), ..reply(&data, &[])? })
    }

    /// `PATCH /api/amparo/v1/notices/:id`: seen, or to be looked at again.
    pub async fn update_notice(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        if !may_match(asking) {
            return Err(Refusal::forbidden());
        }
        let unknown = || Refusal::not_found("Couldn't find Notice");
        let id: Uuid = request.id.parse().map_err(|_| unknown())?;
        let tx = self.office.read(asking).await?;
        let (cases, traces) = owners(&tx, asking).await.map_err(refusals::store)?;
        let found = select_one(&tx, asking, &cases, &traces, id).await;
        drop(tx);
        let mut notice = found.map_err(refusals::store)?.ok_or_else(unknown)?;
        let sent = body(&request.data)?;
        let Some(seen) = sent.get("seen").and_then(Value::as_bool) else {
            let wrong = FieldProblem::new("/seen", "wrong_type").with("expected", "boolean");
            return Err(Refusal::invalid_record(vec![wrong]));
        };
        let meta = self.office.meta(asking, &request.command_id);
        let command = See { stamp: stamp(&meta), case: notice.case, seen };
        self.office.store.execute(&meta, notice.trace, command).await.map_err(executed)?;
        notice.seen = seen;
        let shown = self.shown_cases(asking, &[notice.case]).await?;
        let display = shown.get(&notice.case).and_then(|case| case.record.get("case_id_display"));
        reply(&notice.told(asking, display), &[])
    }
}

impl Notice {
    fn told(&self, asking: &Asking, display: Option<&Value>) -> Value {
        let is_mine = self.is_mine;
        json!({
            "id": self.id,
            "created_at": format_time(self.since),
            "seen": self.seen,
            "tier": tier_name(self.tier),
            "about": if is_mine { "case" } else { "trace" },
            "text": texts::notice(self.tier, is_mine, language(asking)),
            "case": {"id": self.case, "case_id_display": display},
            "trace": {"id": self.trace, "tracing_request_id": self.request},
        })
    }

    fn read(row: &Row) -> Result<Self, StoreError> {
        let tier: Option<&str> = row.try_get("tier")?;
        Ok(Self {
            id: row.try_get("notice_id")?,
            trace: row.try_get("trace_id")?,
            case: row.try_get("case_id")?,
            request: row.try_get("request_id")?,
            tier: tier.map_or(Tier::Unlikely, read_tier),
            since: row.try_get("since")?,
            seen: row.try_get("seen")?,
            is_mine: row.try_get("is_mine")?,
        })
    }
}

/// Which part of the list is asked for.
#[derive(Debug)]
struct Page {
    per: i64,
    number: i64,
    /// Only what the caller has not seen.
    unseen: bool,
}

impl Page {
    fn read(request: &ListRequest) -> Result<Self, Refusal> {
        let mut page = Self { per: USUAL, number: 1, unseen: false };
        for (name, value) in pairs(&request.parameters) {
            let number = || value.parse::<i64>().ok().filter(|number| *number > 0);
            let wrong = || Refusal::missing_parameter(&name);
            match name.as_str() {
                "per" => page.per = number().ok_or_else(wrong)?.min(MOST),
                "page" => page.number = number().filter(|it| *it < 1 << 32).ok_or_else(wrong)?,
                "seen" => page.unseen = value == "false",
                _ => {}
            }
        }
        Ok(page)
    }
}

/// Whose cases, and whose traces, lie within the caller's scope.
async fn owners(tx: &Tx, asking: &Asking) -> Result<(Owners, Owners), StoreError> {
    let sql = "SELECT user_name FROM directory_user WHERE tenant = $1 AND ";
    let principal = &asking.principal;
    let rows = match principal.scope {
        Scope::Group if !principal.groups.is_empty() => {
            let sql = format!("{sql} groups && $2");
            Some(tx.query(&sql, &[&asking.tenant, &principal.groups]).await?)
        }
        Scope::Agency if !principal.agency.is_empty() => {
            let sql = format!("{sql} agency = $2");
            Some(tx.query(&sql, &[&asking.tenant, &principal.agency]).await?)
        }
        _ => None,
    };
    let mut names = vec![principal.user_name.clone()];
    for row in rows.iter().flatten() {
        names.push(row.try_get(0)?);
    }
    let everybody = principal.scope == Scope::All;
    let of = |permitted: bool| {
        let names = if permitted { names.clone() } else { Vec::new() };
        Owners { everybody: everybody && permitted, names }
    };
    Ok((of(principal.may("case", "read")), of(asking.may("read"))))
}

/// How many notices there are.
struct Counted {
    total: i64,
    unseen: i64,
}

async fn count(
    tx: &Tx,
    asking: &Asking,
    cases: &Owners,
    traces: &Owners,
) -> Result<Counted, StoreError> {
    let sql =
        format!("SELECT count(*), count(*) FILTER (WHERE NOT ($6 = ANY(p.seen_by))) {CONCERNING}");
    let name = &asking.principal.user_name;
    let params: kit_store::Params<'_> =
        &[&asking.tenant, &cases.everybody, &cases.names, &traces.everybody, &traces.names, name];
    let row = tx.query_one(&sql, params).await?;
    Ok(Counted { total: row.try_get(0)?, unseen: row.try_get(1)? })
}

const COLUMNS: &str = "SELECT p.notice_id, p.trace_id, p.case_id, p.tier, p.since, \
     $6 = ANY(p.seen_by) AS seen, t.request_id, \
     $2 OR c.owned_by = ANY($3) OR c.people && $3 AS is_mine";

async fn select(
    tx: &Tx,
    asking: &Asking,
    cases: &Owners,
    traces: &Owners,
    page: &Page,
) -> Result<Vec<Notice>, StoreError> {
    let sql = format!(
        "{COLUMNS} {CONCERNING} AND NOT ($7 AND $6 = ANY(p.seen_by)) \
         ORDER BY p.since DESC, p.notice_id LIMIT $8 OFFSET $9"
    );
    let params: kit_store::Params<'_> = &[
        &asking.tenant,
        &cases.everybody,
        &cases.names,
        &traces.everybody,
        &traces.names,
        &asking.principal.user_name,
        &page.unseen,
        &page.per,
        &((page.number - 1) * page.per),
    ];
    tx.query(&sql, params).await?.iter().map(Notice::read).collect()
}

async fn select_one(
    tx: &Tx,
    asking: &Asking,
    cases: &Owners,
    traces: &Owners,
    id: Uuid,
) -> Result<Option<Notice>, StoreError> {
    let sql = format!("{COLUMNS} {CONCERNING} AND p.notice_id = $7");
    let params: kit_store::Params<'_> = &[
        &asking.tenant,
        &cases.everybody,
        &cases.names,
        &traces.everybody,
        &traces.names,
        &asking.principal.user_name,
        &id,
    ];
    tx.query_opt(&sql, params).await?.as_ref().map(Notice::read).transpose()
}

//! Lists of cases: scope, filters, order, pages.

use futures_util::future::try_join;
use kit_access::Reach;
use kit_proto::common::v1::{ListRequest, Reply};
use kit_records::query::{self, ListQuery, Order};
use kit_records::{RecordType, split};
use kit_seal::IndexKey;
use kit_serve::Refusal;
use kit_store::{StoreError, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::answer::{Answer, View};
use crate::filter_sql::{Filters, has_term};
use crate::projections::INDEX_PURPOSE;
use crate::service::{Asking, Cases, pairs};
use crate::shallow::{self, Shallow};
use crate::sql::{Held, Statement};
use crate::stored::{COLUMNS, Opened, Stored, open_all};
use crate::{refusals, terms};

/// A sealed field sorts at most this many rows.
pub const SORTABLE: usize = 10_000;

/// What a list is made of, once read and permitted.
pub(crate) struct Asked<'a> {
    pub asking: &'a Asking,
    pub query: ListQuery,
    pub reach: Reach,
    pub blind: IndexKey,
}

/// A page of a list.
pub(crate) struct Page {
    pub cases: Vec<Opened>,
    pub total: i64,
    /// More about the list for the answer's `metadata`.
    pub notes: Vec<(&'static str, Value)>,
}

/// How a list is put in order.
enum Sorting<'a> {
    /// By Postgres, over columns or facets.
    Sql(Held<'a>, bool),
    /// In memory, over what only opened documents tell.
    Sealed(&'a Order),
}

impl Cases {
    /// `GET /cases`.
    pub async fn list_cases(
        &self,
        asking: &Asking,
        request: &ListRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let readable = asking.permitted(None).readable();
        let is_filter = |field: &str| field == "id" || readable.contains(field);
        let mut query =
            query::parse(&pairs(&request.parameters), &is_filter).map_err(refusals::unreadable)?;
        query.order = query.order.filter(|order| is_filter(&order.field));
        let blind = self.store.keys().index(asking.tenant, INDEX_PURPOSE).await;
        let reach = Reach::of(&asking.principal, RecordType::Case);
        let blind = blind.map_err(refusals::store)?;
        let asked = Asked { asking, query, reach, blind };
        if let Some(search) = &asked.query.search {
            return self.find_cases(&asked, search).await;
        }
        let page = self.page(&asked).await.map_err(refusals::store)?;
        asked.reply(&page, View::Asked(&asked.query.fields), |_| vec![])
    }

    async fn page(&self, asked: &Asked<'_>) -> Result<Page, StoreError> {
        let tx = self.store.read(asked.asking.tenant).await?;
        match asked.sorting() {
            Sorting::Sql(held, descending) => self.page_by_sql(tx, asked, held, descending).await,
            Sorting::Sealed(order) => self.page_in_memory(tx, asked, order).await,
        }
    }

    async fn page_by_sql(
        &self,
        tx: Tx,
        asked: &Asked<'_>,
        held: Held<'_>,
        descending: bool,
    ) -> Result<Page, StoreError> {
        let rows = asked.page_statement(held, descending);
        let count = asked.count();
        let (rows, total) = try_join(select(&tx, &rows), count_of(&tx, &count)).await?;
        drop(tx);
        let cases = open_all(self.store.keys(), asked.asking.tenant, rows).await?;
        Ok(Page { cases, total, notes: vec![] })
    }

    /// Opens every row of the list, up to a bound, and sorts them by a sealed field.
    async fn page_in_memory(
        &self,
        tx: Tx,
        asked: &Asked<'_>,
        order: &Order,
    ) -> Result<Page, StoreError> {
        let count = asked.count();
        let total = count_of(&tx, &count).await?;
        if usize::try_from(total).unwrap_or(usize::MAX) > SORTABLE {
            let held = Held::Time("created_at");
            let mut page = self.page_by_sql(tx, asked, held, true).await?;
            page.notes.push(("sort_limit_exceeded", json!(SORTABLE)));
            return Ok(page);
        }
        let rows = select(&tx, &asked.select(COLUMNS).0).await?;
        drop(tx);
        let cases = open_all(self.store.keys(), asked.asking.tenant, rows).await?;
        let mut keyed: Vec<_> =
            cases.into_iter().map(|case| (sort_key(&case, order), case)).collect();
        keyed.sort_by(|(left, one), (right, other)| {
            let by = if order.descending { right.cmp(left) } else { left.cmp(right) };
            by.then_with(|| other.row.created_at.cmp(&one.row.created_at))
                .then_with(|| one.row.id.cmp(&other.row.id))
        });
        let (limit, offset) = asked.window();
        let cases = keyed.into_iter().map(|(_, case)| case);
        let cases = cases.skip(index(offset)).take(index(limit)).collect();
        Ok(Page { cases, total, notes: vec![] })
    }
}

pub(crate) fn index(number: i64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Empty last when ascending, as Postgres sorts nulls; texts without regard to case.
fn sort_key(case: &Opened, order: &Order) -> (bool, String) {
    let text = Shallow::parse(&case.json).ok().and_then(|document| document.text(&order.field));
    (text.is_none(), text.unwrap_or_default().to_lowercase())
}

impl Asked<'_> {
    fn sorting(&self) -> Sorting<'_> {
        let Some(order) = &self.query.order else {
            return Sorting::Sql(Held::Time("created_at"), true);
        };
        let held = Held::of(&order.field);
        let facet = matches!(held, Held::Facet(_));
        let index = &self.asking.index;
        if facet && split::held(index, RecordType::Case, &order.field) != split::Held::Facet {
            return Sorting::Sealed(order);
        }
        Sorting::Sql(held, order.descending)
    }

    /// How many rows, after how many.
    pub fn window(&self) -> (i64, i64) {
        let per = i64::try_from(self.query.per).unwrap_or(i64::MAX);
        let page = i64::try_from(self.query.page).unwrap_or(i64::MAX);
        (per, (page - 1).saturating_mul(per))
    }

    /// The rows of one page.
    fn page_statement(&self, held: Held<'_>, descending: bool) -> Statement {
        let window = self.window();
        let by_age = matches!(held, Held::Time("created_at"));
        let terms = scope_terms(&self.reach);
        if let Some(terms) = terms.filter(|_| by_age && self.query.filters.is_empty()) {
            return newest_of(self.asking.tenant, &terms, descending, window);
        }
        let (mut sql, age) = self.select(COLUMNS);
        order_by(&mut sql, held, descending, age);
        sql.push(" LIMIT ").bind(window.0).push(" OFFSET ").bind(window.1);
        sql
    }

    /// The whole list, and whose `created_at` and `id` put it in order by an index.
    fn select(&self, columns: &str) -> (Statement, &'static str) {
        let mut sql = Statement::new(&format!("SELECT {columns} "));
        let age = self.from(&mut sql);
        (sql, age)
    }

    fn count(&self) -> Statement {
        let mut sql = Statement::new("SELECT count(*) ");
        match scope_terms(&self.reach).filter(|_| self.query.filters.is_empty()) {
            // The terms alone tell how many there are.
            Some(terms) => {
                sql.push(
                    "FROM (SELECT DISTINCT s.created_at, s.id FROM case_term s WHERE s.tenant = ",
                );
                sql.bind(self.asking.tenant).push(" AND s.term = ANY(").bind(terms).push(")) s");
            }
            None => {
                self.from(&mut sql);
            }
        }
        sql
    }

    /// The rows within reach that meet the filters.
    fn from(&self, sql: &mut Statement) -> &'static str {
        let filters = Filters { index: &self.asking.index, blind: &self.blind };
        let (tenant, asked) = (self.asking.tenant, &self.query.filters);
        let age = match scope_terms(&self.reach) {
            Some(terms) if asked.iter().any(|one| filters.is_selective(one)) => {
                sql.push("FROM case_row r WHERE r.tenant = ").bind(tenant).push(" AND ");
                has_term(sql, terms);
                "r"
            }
            terms => from_scope(sql, tenant, terms.as_deref()),
        };
        filters.and_all(sql, asked);
        age
    }

    /// The answer: rows cut to what the caller may see, and where the page lies.
    pub fn reply(
        &self,
        page: &Page,
        view: View<'_>,
        more: impl Fn(&Opened) -> Vec<(&'static str, Value)>,
    ) -> Result<Reply, Refusal> {
        let answer = Answer::new(&self.asking.principal, &self.asking.index, None, view);
        let rows: Vec<Vec<u8>> = page
            .cases
            .iter()
            .map(|case| answer.write(case, &more(case)))
            .collect::<Result<_, _>>()
            .map_err(Refusal::internal)?;
        let mut metadata = json!({
            "total": page.total, "per": self.query.per, "page": self.query.page,
        });
        for (name, value) in &page.notes {
            metadata[name] = value.clone();
        }
        Ok(Reply {
            data: shallow::array(rows.iter().map(Vec::as_slice)).into(),
            metadata: metadata.to_string().into_bytes().into(),
            record_ids: page.cases.iter().map(|case| case.row.id.to_string()).collect(),
            ..Reply::default()
        })
    }
}

/// The terms of a reach; none means that everything is reached.
pub(crate) fn scope_terms(reach: &Reach) -> Option<Vec<i64>> {
    match reach {
        Reach::All => None,
        Reach::Any(members) => {
            let mut all: Vec<i64> = members.iter().map(terms::scope_term).collect();
            all.sort_unstable();
            all.dedup();
            Some(all)
        }
    }
}

/// `FROM` and `WHERE` for the rows that have any of the terms. One term is read in the order of
/// its index, so that a page need not read all. Says whose order that is.
fn from_scope(sql: &mut Statement, tenant: Uuid, terms: Option<&[i64]>) -> &'static str {
    match terms {
        None => {
            sql.push("FROM case_row r WHERE r.tenant = ").bind(tenant);
            return "r";
        }
        Some([term]) => {
            sql.push("FROM case_term s JOIN case_row r ON r.tenant = s.tenant AND r.id = s.id");
            sql.push(" WHERE s.tenant = ").bind(tenant).push(" AND s.term = ").bind(*term);
        }
        Some(terms) => {
            sql.push("FROM (SELECT DISTINCT created_at, id FROM case_term WHERE tenant = ");
            sql.bind(tenant).push(" AND term = ANY(").bind(terms.to_vec());
            sql.push(")) s JOIN case_row r ON r.id = s.id WHERE r.tenant = ").bind(tenant);
        }
    }
    "s"
}

/// A page of what has any of the terms, by age alone: each term gives no more rows than the page
/// can need, whatever the size of the scope.
fn newest_of(
    tenant: Uuid,
    terms: &[i64],
    descending: bool,
    (limit, offset): (i64, i64),
) -> Statement {
    let direction = if descending { "DESC" } else { "ASC" };
    let order = |of: &str| format!(" ORDER BY {of}created_at {direction}, {of}id {direction}");
    let mut sql =
        Statement::new(&format!("SELECT {COLUMNS} FROM (SELECT DISTINCT created_at, id FROM ("));
    for (at, term) in terms.iter().enumerate() {
        sql.push(if at > 0 { " UNION ALL (" } else { "(" });
        sql.push("SELECT created_at, id FROM case_term WHERE tenant = ").bind(tenant);
        sql.push(" AND term = ").bind(*term).push(&order(""));
        sql.push(" LIMIT ").bind(limit.saturating_add(offset)).push(")");
    }
    sql.push(") u").push(&order("")).push(" LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
    sql.push(") s JOIN case_row r ON r.id = s.id WHERE r.tenant = ").bind(tenant);
    sql.push(&order("s."));
    sql
}

fn order_by(sql: &mut Statement, held: Held<'_>, descending: bool, age: &str) {
    let direction = if descending { " DESC" } else { " ASC" };
    sql.push(" ORDER BY ");
    match held {
        Held::Id => sql.push("r.id"),
        Held::Time("created_at") => sql.push(&format!("{age}.created_at")),
        Held::Text(column) | Held::Texts(column) | Held::Time(column) | Held::Bool(column) => {
            sql.push(&format!("r.{column}"))
        }
        Held::Facet(field) => sql.push("r.facets->").bind(field.to_owned()),
    };
    sql.push(direction);
    match held {
        Held::Id => {}
        Held::Time("created_at") => {
            sql.push(&format!(", {age}.id{direction}"));
        }
        _ => {
            sql.push(&format!(", {age}.created_at DESC, {age}.id DESC"));
        }
    }
}

pub(crate) async fn select(tx: &Tx, sql: &Statement) -> Result<Vec<Stored>, StoreError> {
    let rows = tx.client().query_typed(&sql.text, &sql.typed()).await?;
    rows.iter().map(Stored::read).collect()
}

async fn count_of(tx: &Tx, sql: &Statement) -> Result<i64, StoreError> {
    let rows = tx.client().query_typed(&sql.text, &sql.typed()).await?;
    match rows.first() {
        Some(row) => Ok(row.try_get(0)?),
        None => Ok(0),
    }
}

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
use crate::filter_sql::{Few, Filters, has_term};
use crate::projections::INDEX_PURPOSE;
use crate::service::{Asking, Cases, pairs};
use crate::shallow::{self, Shallow};
use crate::sql::{Held, Statement, told};
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
        let unknowable = asked.filters().unknowable(&asked.query.filters);
        if !unknowable.is_empty() {
            return Err(refusals::unreadable(unknowable));
        }
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
        let (rows, total) = try_join(select(&tx, &rows), self.total(&tx, asked)).await?;
        drop(tx);
        let cases = open_all(self.store.keys(), asked.asking.tenant, rows).await?;
        Ok(Page { cases, total: total.cases, notes: total.notes() })
    }

    /// Opens every row of the list, up to a bound, and sorts them by a sealed field.
    async fn page_in_memory(
        &self,
        tx: Tx,
        asked: &Asked<'_>,
        order: &Order,
    ) -> Result<Page, StoreError> {
        let total = self.total(&tx, asked).await?.cases;
        if usize::try_from(total).unwrap_or(usize::MAX) > SORTABLE {
            let held = Held::Time("created_at");
            let mut page = self.page_by_sql(tx, asked, held, true).await?;
            page.notes.push(("sort_limit_exceeded", json!(SORTABLE)));
            return Ok(page);
        }
        let rows = select(&tx, &asked.all_rows()).await?;
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

/// What a list is sorted by in memory: numbers, then texts without regard to case, and what is
/// empty last when ascending, as Postgres sorts nulls.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SortKey {
    Number(i64),
    Text(String),
    Nothing,
}

pub(crate) fn sort_key(case: &Opened, order: &Order) -> SortKey {
    let document = Shallow::parse(&case.json).unwrap_or_default();
    let value = document.get(&order.field).map(|raw| serde_json::from_str(raw.get()));
    match value.and_then(Result::ok) {
        Some(Value::Number(number)) => number.as_i64().map_or(SortKey::Nothing, SortKey::Number),
        Some(Value::String(text)) => SortKey::Text(text.to_lowercase()),
        None | Some(Value::Null) => SortKey::Nothing,
        Some(other) => SortKey::Text(other.to_string()),
    }
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

    pub fn filters(&self) -> Filters<'_> {
        Filters { index: &self.asking.index, blind: &self.blind }
    }

    /// The rows of one page. By age they are chosen first, by the keys of cases alone, so that no
    /// row is read which is not shown.
    fn page_statement(&self, held: Held<'_>, descending: bool) -> Statement {
        let mut sql = Statement::of(self.asking.tenant);
        let (limit, offset) = self.window();
        if matches!(held, Held::Time("created_at")) {
            let direction = if descending { "DESC" } else { "ASC" };
            sql.push(&format!("SELECT {COLUMNS} FROM (SELECT k.created_at, k.id "));
            self.keys(&mut sql, Some((direction, limit.saturating_add(offset))), false);
            sql.push(&by_age("k", direction)).push(" LIMIT ").bind(limit);
            sql.push(" OFFSET ").bind(offset);
            sql.push(") k JOIN case_row r ON r.tenant = ").again().push(" AND r.id = k.id");
            sql.push(&by_age("k", direction));
            return sql;
        }
        sql.push(&format!("SELECT {COLUMNS} "));
        self.keys(&mut sql, None, true);
        order_by(&mut sql, held, descending);
        sql.push(" LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
        sql
    }

    /// Every row of the list, in no order.
    fn all_rows(&self) -> Statement {
        let mut sql = Statement::of(self.asking.tenant);
        sql.push(&format!("SELECT {COLUMNS} "));
        self.keys(&mut sql, None, true);
        sql
    }

    /// What tells this list from others, whatever its page or order.
    pub fn list(&self) -> String {
        format!("{:?} {:?}", self.reach, self.query.filters)
    }

    /// How many cases the list has, counted up to a bound if there is one.
    pub fn count(&self, most: Option<i64>) -> Statement {
        let mut sql = Statement::of(self.asking.tenant);
        sql.push("SELECT count(*) FROM (SELECT 1 ");
        self.keys(&mut sql, None, false);
        if let Some(most) = most {
            sql.push(" LIMIT ").bind(most);
        }
        sql.push(") c");
        sql
    }

    /// `FROM` and `WHERE`: the keys `k` of the cases within reach that meet the filters, with the
    /// row `r` beside it where it is wanted. `first` says in which direction of age how many are
    /// wanted at most, where nothing else decides.
    fn keys(&self, sql: &mut Statement, first: Option<(&str, i64)>, with_row: bool) {
        let (filters, asked) = (self.filters(), &self.query.filters);
        let scope = scope_terms(&self.reach);
        let few = filters.few(asked);
        let row = with_row && !filters.need_row(asked);
        let alone = first.filter(|_| asked.is_empty());
        let driver = Driver::of(few, scope.as_deref());
        driver.write(sql, first.map(|(direction, _)| direction), alone.map(|(_, most)| most));
        if driver.has_marks() {
            // The table itself is where the list begins: no second look at it.
            sql.push(" CROSS JOIN LATERAL (SELECT k.codes) m");
            self.row_beside(sql);
        } else {
            self.beside(sql);
        }
        if row {
            sql.push(" JOIN case_row r ON r.tenant = ").again().push(" AND r.id = k.id");
        }
        driver.limit(sql);
        self.narrow(sql, !driver.is_scope());
    }

    /// Joins what the filters look at beside the key `k` of a case.
    pub fn beside(&self, sql: &mut Statement) {
        if self.filters().need_marks(&self.query.filters) {
            sql.push(" JOIN case_mark m ON m.tenant = ").again().push(" AND m.id = k.id");
        }
        self.row_beside(sql);
    }

    fn row_beside(&self, sql: &mut Statement) {
        if self.filters().need_row(&self.query.filters) {
            sql.push(" JOIN case_row r ON r.tenant = ").again().push(" AND r.id = k.id");
        }
    }

    /// Conditions that keep to the reach, if it counts, and to the filters.
    pub fn narrow(&self, sql: &mut Statement, within_reach: bool) {
        if let Some(scope) = scope_terms(&self.reach).filter(|_| within_reach) {
            sql.push(" AND ");
            has_term(sql, scope);
        }
        self.filters().and_all(sql, &self.query.filters);
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

/// Where a list begins: with what is fewest, and in the order of an index.
enum Driver<'a> {
    /// All cases of the tenant.
    Everything,
    Few(Few),
    Scope(&'a [i64]),
}

impl<'a> Driver<'a> {
    fn of(few: Option<Few>, scope: Option<&'a [i64]>) -> Self {
        match (few, scope) {
            (Some(few), _) => Self::Few(few),
            (None, Some(scope)) => Self::Scope(scope),
            (None, None) => Self::Everything,
        }
    }

    fn terms(&self) -> &[i64] {
        match self {
            Self::Few(Few::Terms(terms)) => terms,
            Self::Scope(terms) => terms,
            Self::Everything | Self::Few(Few::Ids(_)) => &[],
        }
    }

    const fn has_marks(&self) -> bool {
        matches!(self, Self::Everything | Self::Few(Few::Ids(_)))
    }

    const fn is_scope(&self) -> bool {
        matches!(self, Self::Scope(_))
    }

    /// ` FROM ... k`. Several terms are merged in the order of age, each case once; no more of
    /// each than `most`.
    fn write(&self, sql: &mut Statement, direction: Option<&str>, most: Option<i64>) {
        match self {
            Self::Everything | Self::Few(Few::Ids(_)) => {
                sql.push("FROM case_mark k");
            }
            Self::Scope([_]) => {
                sql.push("FROM case_term k");
            }
            Self::Few(Few::Terms(_)) | Self::Scope(_) => {
                let terms = self.terms();
                sql.push("FROM (SELECT DISTINCT u.created_at, u.id FROM (");
                for (at, term) in terms.iter().enumerate() {
                    sql.push(if at > 0 { " UNION ALL (" } else { "(" });
                    sql.push("SELECT created_at, id FROM case_term WHERE tenant = ").again();
                    sql.push(" AND term = ").bind(*term);
                    if let (Some(direction), Some(most)) = (direction, most) {
                        sql.push(&by_age("case_term", direction)).push(" LIMIT ").bind(most);
                    }
                    sql.push(")");
                }
                if terms.is_empty() {
                    sql.push("SELECT created_at, id FROM case_term WHERE false");
                }
                sql.push(") u");
                if let Some(direction) = direction {
                    sql.push(&by_age("u", direction));
                }
                sql.push(") k");
            }
        }
    }

    /// ` WHERE ...`
    fn limit(&self, sql: &mut Statement) {
        match self {
            Self::Everything => {
                sql.push(" WHERE k.tenant = ").again();
            }
            Self::Few(Few::Ids(ids)) => {
                sql.push(" WHERE k.tenant = ").again().push(" AND k.id = ANY(");
                sql.bind(ids.clone()).push(")");
            }
            Self::Scope([term]) => {
                sql.push(" WHERE k.tenant = ").again().push(" AND k.term = ").bind(*term);
            }
            Self::Few(Few::Terms(_)) | Self::Scope(_) => {
                sql.push(" WHERE true");
            }
        }
    }
}

fn by_age(of: &str, direction: &str) -> String {
    format!(" ORDER BY {of}.created_at {direction}, {of}.id {direction}")
}

fn order_by(sql: &mut Statement, held: Held<'_>, descending: bool) {
    sql.push(" ORDER BY ");
    match held {
        Held::Id => sql.push("r.id"),
        Held::Text(column) | Held::Texts(column) | Held::Time(column) | Held::Bool(column) => {
            sql.push(&format!("r.{column}"))
        }
        Held::Facet(field) => sql.push("r.facets->").bind(field.to_owned()).push("::text"),
    };
    sql.push(if descending { " DESC" } else { " ASC" });
    if held != Held::Id {
        sql.push(", k.created_at DESC, k.id DESC");
    }
}

/// The rows of these cases, in any order.
pub(crate) async fn rows_of(
    tx: &Tx,
    tenant: Uuid,
    ids: Vec<Uuid>,
) -> Result<Vec<Stored>, StoreError> {
    let mut sql = Statement::of(tenant);
    sql.push(&format!("SELECT {COLUMNS} FROM case_row r WHERE r.tenant = ")).again();
    sql.push(" AND r.id = ANY(").bind(ids).push(")");
    select(tx, &sql).await
}

pub(crate) async fn select(tx: &Tx, sql: &Statement) -> Result<Vec<Stored>, StoreError> {
    told(&sql.text);
    let rows = tx.query(&sql.text, &sql.params()).await?;
    rows.iter().map(Stored::read).collect()
}

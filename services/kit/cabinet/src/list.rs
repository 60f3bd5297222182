//! Lists of records: scope, filters, order, pages.

use futures_util::future::try_join;
use kit_access::Reach;
use kit_proto::common::v1::{ListRequest, Reply};
use kit_records::query::{self, ListQuery, Order};
use kit_records::split;
use kit_seal::IndexKey;
use kit_serve::Refusal;
use kit_store::{StoreError, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::answer::{Answer, View};
use crate::apart::index_purpose;
use crate::filter_sql::Filters;
use crate::office::{Asking, Office, pairs};
use crate::refusals;
use crate::shallow::{self, Shallow};
use crate::sql::{Held, Statement, told};
use crate::stored::{COLUMNS, Opened, Stored, open_all};
use crate::tables::Tables;

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
    pub records: Vec<Opened>,
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

impl Office {
    /// A list.
    pub async fn list_records(
        &self,
        asking: &Asking,
        request: &ListRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let asked = self.asked(asking, &pairs(&request.parameters)).await?;
        if let Some(search) = &asked.query.search {
            return self.find_records(&asked, search).await;
        }
        let mut page = self.page(&asked).await.map_err(refusals::store)?;
        self.add_beside(asking, &mut page.records).await?;
        asked.reply(&page, View::Asked(&asked.query.fields), |_| vec![])
    }

    /// What a list's query asks for, as far as this caller may ask it.
    pub(crate) async fn asked<'a>(
        &self,
        asking: &'a Asking,
        pairs: &[(String, String)],
    ) -> Result<Asked<'a>, Refusal> {
        let readable = asking.permitted(None).readable();
        let is_filter = |field: &str| field == "id" || readable.contains(field);
        let mut query = query::parse(pairs, &is_filter).map_err(refusals::unreadable)?;
        query.order = query.order.filter(|order| is_filter(&order.field));
        let blind = self.store.keys().index(asking.tenant, index_purpose(asking.record_type)).await;
        let reach = Reach::of(&asking.principal, asking.record_type);
        let blind = blind.map_err(refusals::store)?;
        let asked = Asked { asking, query, reach, blind };
        let unknowable = asked.filters().unknowable(&asked.query.filters);
        if unknowable.is_empty() { Ok(asked) } else { Err(refusals::unreadable(unknowable)) }
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
        let records =
            open_all(self.store.keys(), asked.tables(), asked.asking.tenant, rows).await?;
        Ok(Page { records, total: total.records, notes: total.notes() })
    }

    /// Opens every row of the list, up to a bound, and sorts them by a sealed field.
    async fn page_in_memory(
        &self,
        tx: Tx,
        asked: &Asked<'_>,
        order: &Order,
    ) -> Result<Page, StoreError> {
        let total = self.total(&tx, asked).await?.records;
        if usize::try_from(total).unwrap_or(usize::MAX) > SORTABLE {
            let held = Held::Time("created_at");
            let mut page = self.page_by_sql(tx, asked, held, true).await?;
            page.notes.push(("sort_limit_exceeded", json!(SORTABLE)));
            return Ok(page);
        }
        let rows = select(&tx, &asked.all_rows()).await?;
        drop(tx);
        let records =
            open_all(self.store.keys(), asked.tables(), asked.asking.tenant, rows).await?;
        let mut keyed: Vec<_> =
            records.into_iter().map(|one| (sort_key(&one, order), one)).collect();
        keyed.sort_by(|(left, one), (right, other)| {
            let by = if order.descending { right.cmp(left) } else { left.cmp(right) };
            by.then_with(|| other.row.created_at.cmp(&one.row.created_at))
                .then_with(|| one.row.id.cmp(&other.row.id))
        });
        let (limit, offset) = asked.window();
        let records = keyed.into_iter().map(|(_, one)| one);
        let records = records.skip(index(offset)).take(index(limit)).collect();
        Ok(Page { records, total, notes: vec![] })
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

pub(crate) fn sort_key(record: &Opened, order: &Order) -> SortKey {
    let document = Shallow::parse(&record.json).unwrap_or_default();
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
        let held = Held::of(self.tables(), &order.field);
        let facet = matches!(held, Held::Facet(_));
        let index = &self.asking.index;
        if facet && split::held(index, self.asking.record_type, &order.field) != split::Held::Facet
        {
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
        Filters { tables: self.tables(), index: &self.asking.index, blind: &self.blind }
    }

    /// The answer: rows cut to what the caller may see, and where the page lies.
    pub fn reply(
        &self,
        page: &Page,
        view: View<'_>,
        more: impl Fn(&Opened) -> Vec<(&'static str, Value)>,
    ) -> Result<Reply, Refusal> {
        let answer = Answer::new(self.asking, None, view);
        let rows: Vec<Vec<u8>> = page
            .records
            .iter()
            .map(|one| answer.write(one, &more(one)))
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
            record_ids: page.records.iter().map(|one| one.row.id.to_string()).collect(),
            ..Reply::default()
        })
    }
}

/// The rows of these records, in any order.
pub async fn rows_of(
    tx: &Tx,
    tables: &Tables,
    tenant: Uuid,
    ids: Vec<Uuid>,
) -> Result<Vec<Stored>, StoreError> {
    let mut sql = Statement::of(tenant);
    sql.push(&format!("SELECT {COLUMNS} FROM {} r WHERE r.tenant = ", tables.row)).again();
    sql.push(" AND r.id = ANY(").bind(ids).push(")");
    select(tx, &sql).await
}

pub(crate) async fn select(tx: &Tx, sql: &Statement) -> Result<Vec<Stored>, StoreError> {
    told(&sql.text);
    let rows = tx.query(&sql.text, &sql.params()).await?;
    rows.iter().map(Stored::read).collect()
}

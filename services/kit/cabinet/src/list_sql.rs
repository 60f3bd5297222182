//! The SQL of a list: where it begins, what narrows it, in which order it comes.

use kit_access::Reach;
use kit_records::query::Filter;

use crate::filter_sql::{Few, has_term};
use crate::list::Asked;
use crate::sql::{Held, Statement};
use crate::stored::COLUMNS;
use crate::tables::Tables;
use crate::terms;

impl Asked<'_> {
    /// The tables of what is listed.
    pub const fn tables(&self) -> &'static Tables {
        self.asking.tables()
    }

    /// The rows of one page. By age they are chosen first, by the keys of records alone, so that no
    /// row is read which is not shown.
    pub fn page_statement(&self, held: Held<'_>, descending: bool) -> Statement {
        let mut sql = Statement::of(self.asking.tenant);
        let (limit, offset) = self.window();
        if matches!(held, Held::Time("created_at")) {
            let direction = if descending { "DESC" } else { "ASC" };
            sql.push(&format!("SELECT {COLUMNS} FROM (SELECT k.created_at, k.id "));
            self.keys(&mut sql, Some((direction, limit.saturating_add(offset))), false);
            sql.push(&by_age("k", direction)).push(" LIMIT ").bind(limit);
            sql.push(" OFFSET ").bind(offset);
            sql.push(") k JOIN ")
                .push(self.tables().row)
                .push(" r ON r.tenant = ")
                .again()
                .push(" AND r.id = k.id");
            sql.push(&by_age("k", direction));
            return sql;
        }
        sql.push(&format!("SELECT {COLUMNS} "));
        self.keys(&mut sql, None, true);
        order_by(&mut sql, held, descending);
        sql.push(" LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
        sql
    }

    /// The ids of the newest records of the list.
    pub fn newest(&self, most: i64) -> Statement {
        let mut sql = Statement::of(self.asking.tenant);
        sql.push("SELECT k.id ");
        self.keys(&mut sql, Some(("DESC", most)), false);
        sql.push(&by_age("k", "DESC")).push(" LIMIT ").bind(most);
        sql
    }

    /// The keys of the newest records of the list, as a table `k`.
    pub fn newest_keys(&self, sql: &mut Statement, most: i64) {
        sql.push("(SELECT k.created_at, k.id ");
        self.keys(sql, Some(("DESC", most)), false);
        sql.push(&by_age("k", "DESC")).push(" LIMIT ").bind(most).push(") k");
    }

    /// Every row of the list, in no order.
    pub fn all_rows(&self) -> Statement {
        let mut sql = Statement::of(self.asking.tenant);
        sql.push(&format!("SELECT {COLUMNS} "));
        self.keys(&mut sql, None, true);
        sql
    }

    /// What tells this list from others, whatever its page or order.
    pub fn list(&self) -> String {
        format!("{} {:?} {:?}", self.tables().row, self.reach, self.query.filters)
    }

    /// How many records the list has, counted up to a bound if there is one.
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

    /// `FROM` and `WHERE`: the keys `k` of the records within reach that meet the filters, with the
    /// row `r` beside it where it is wanted. `first` says in which direction of age how many are
    /// wanted at most, where nothing else decides.
    fn keys(&self, sql: &mut Statement, first: Option<(&str, i64)>, with_row: bool) {
        let (filters, asked) = (self.filters(), &self.query.filters);
        let scope = scope_terms(&self.reach);
        let few = filters.few(asked);
        let row = with_row && !filters.need_row(asked);
        let alone = first.filter(|_| asked.is_empty());
        let driver = Driver::of(few, scope.as_deref());
        driver.write(
            sql,
            self.tables(),
            first.map(|(direction, _)| direction),
            alone.map(|(_, most)| most),
        );
        if driver.has_marks() {
            // The table itself is where the list begins: no second look at it.
            sql.push(" CROSS JOIN LATERAL (SELECT k.codes) m");
            self.row_beside(sql, asked);
        } else {
            self.beside(sql);
        }
        if row {
            sql.push(" JOIN ")
                .push(self.tables().row)
                .push(" r ON r.tenant = ")
                .again()
                .push(" AND r.id = k.id");
        }
        driver.limit(sql);
        self.narrow(sql, !driver.is_scope());
    }

    /// Joins what the filters look at beside the key `k` of a record.
    pub fn beside(&self, sql: &mut Statement) {
        self.beside_for(sql, &self.query.filters);
    }

    /// The same for other filters.
    pub fn beside_for(&self, sql: &mut Statement, filters: &[Filter]) {
        if self.filters().need_marks(filters) {
            sql.push(" JOIN ")
                .push(self.tables().mark)
                .push(" m ON m.tenant = ")
                .again()
                .push(" AND m.id = k.id");
        }
        self.row_beside(sql, filters);
    }

    fn row_beside(&self, sql: &mut Statement, filters: &[Filter]) {
        if self.filters().need_row(filters) {
            sql.push(" JOIN ")
                .push(self.tables().row)
                .push(" r ON r.tenant = ")
                .again()
                .push(" AND r.id = k.id");
        }
    }

    /// Conditions that keep to the reach, if it counts, and to the filters.
    pub fn narrow(&self, sql: &mut Statement, within_reach: bool) {
        if let Some(scope) = scope_terms(&self.reach).filter(|_| within_reach) {
            sql.push(" AND ");
            has_term(sql, self.tables(), scope);
        }
        self.filters().and_all(sql, &self.query.filters);
    }
}

/// The terms of a reach; none means that everything is reached.
pub fn scope_terms(reach: &Reach) -> Option<Vec<i64>> {
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
    /// All records of the tenant.
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

    /// ` FROM ... k`. Several terms are merged in the order of age, each record once; no more of
    /// each than `most`.
    fn write(
        &self,
        sql: &mut Statement,
        tables: &Tables,
        direction: Option<&str>,
        most: Option<i64>,
    ) {
        match self {
            Self::Everything | Self::Few(Few::Ids(_)) => {
                sql.push("FROM ").push(tables.mark).push(" k");
            }
            Self::Scope([_]) => {
                sql.push("FROM ").push(tables.term).push(" k");
            }
            Self::Few(Few::Terms(_)) | Self::Scope(_) => {
                let terms = self.terms();
                sql.push("FROM (SELECT DISTINCT u.created_at, u.id FROM (");
                for (at, term) in terms.iter().enumerate() {
                    sql.push(if at > 0 { " UNION ALL (" } else { "(" });
                    sql.push("SELECT created_at, id FROM ").push(tables.term);
                    sql.push(" WHERE tenant = ").again();
                    sql.push(" AND term = ").bind(*term);
                    if let (Some(direction), Some(most)) = (direction, most) {
                        sql.push(&by_age(tables.term, direction)).push(" LIMIT ").bind(most);
                    }
                    sql.push(")");
                }
                if terms.is_empty() {
                    sql.push("SELECT created_at, id FROM ").push(tables.term);
                    sql.push(" WHERE false");
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

//! Records that may match a search, by their terms, without a look at what they hold.

use std::collections::BTreeSet;

use kit_records::search::{self, Key, Plan};
use kit_records::split::Purpose;
use kit_store::{StoreError, Tx};
use uuid::Uuid;

use super::{CANDIDATES, Sought};
use crate::list_sql::scope_terms;
use crate::sql::{Statement, told};
use crate::tables::Tables;
use crate::terms;

/// Records that one key leads to, the newest first.
const OF_ONE_KEY: i64 = 400;
/// Where as many share the spelling or the sound of a name, what may merely be confused with it is
/// not looked for.
const ENOUGH: usize = 200;
/// The keys of a name that are looked for first are as sharp as this.
const SHARP: i64 = 5;
/// Where a caller reaches at most so many records, a name is looked for in each of them.
const SMALL: i64 = 3_000;
/// What is sought as part of an id, and found by nothing else, is looked for within all ids.
const WITHIN_IDS: usize = 6;

/// Records that may match, the most promising first.
pub(super) struct Candidates {
    pub ids: Vec<Uuid>,
    /// How many there are, also beyond those that are looked at.
    pub total: i64,
}

/// Terms that are sought, each with the group and the weight of its key.
#[derive(Default)]
struct Weighed {
    terms: Vec<i64>,
    groups: Vec<i64>,
    weights: Vec<i64>,
}

impl Sought<'_> {
    /// What may match, by the kind of search.
    pub(super) async fn candidates(&self, tx: &Tx) -> Result<Candidates, StoreError> {
        match search::plan(self.purpose, &self.search.text) {
            Plan::Nothing => Ok(Candidates { ids: vec![], total: 0 }),
            Plan::AnyGroup(groups) => self.by_name(tx, &groups).await,
            Plan::All(keys) => self.by_parts(tx, &keys).await,
            Plan::Short(key) => self.short(tx, &key).await,
        }
    }

    /// Records that share keys of a name. In a small reach, all of those within it; otherwise those
    /// that sharp keys lead to, and blunt ones where they are few.
    async fn by_name(&self, tx: &Tx, groups: &[BTreeSet<Key>]) -> Result<Candidates, StoreError> {
        let all = self.weighed(groups, |_| true);
        let ids = match self.scope() {
            Some(scope) if self.is_small(tx, &scope).await? => {
                ids_of(tx, &self.sharing_within(scope, all)).await?
            }
            _ => {
                let sharp = self.weighed(groups, |key| key.sharpness() >= SHARP);
                let sharp = ids_of(tx, &self.sharing(sharp)).await?;
                if sharp.len() >= ENOUGH { sharp } else { ids_of(tx, &self.sharing(all)).await? }
            }
        };
        let total = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        Ok(Candidates { ids, total })
    }

    /// Whether no more records are reached than can be looked at one by one: then what others have
    /// does not count, however much it is.
    async fn is_small(&self, tx: &Tx, scope: &[i64]) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {} WHERE tenant = $1 AND term = ANY($2) \
             LIMIT $3) reached",
            self.tables().term
        );
        told(&sql);
        let row = tx.query_one(&sql, &[&self.asked.asking.tenant, &scope, &(SMALL + 1)]).await?;
        Ok(row.try_get::<_, i64>(0)? <= SMALL)
    }

    fn weighed(&self, groups: &[BTreeSet<Key>], which: impl Fn(&Key) -> bool) -> Weighed {
        let mut weighed = Weighed::default();
        for (number, group) in (0_i64..).zip(groups) {
            for key in group.iter().filter(|key| which(key)) {
                weighed.terms.push(terms::blind(&self.asked.blind, key));
                weighed.groups.push(number);
                weighed.weights.push(key.sharpness());
            }
        }
        weighed
    }

    /// Who shares the most and the sharpest keys, of a reach's records one by one.
    fn sharing_within(&self, scope: Vec<i64>, keys: Weighed) -> Statement {
        let tables = self.tables();
        let mut sql = Statement::of(self.asked.asking.tenant);
        sql.push("SELECT c.id FROM (SELECT q.grp, k.id, k.created_at, max(q.weight) AS best ");
        sql.push("FROM (SELECT DISTINCT created_at, id FROM ").push(tables.term);
        sql.push(" WHERE tenant = ")
            .again()
            .push(" AND term = ANY(")
            .bind(scope)
            .push(")) k JOIN ");
        sql.push(tables.row).push(" n ON n.tenant = ").again().push(" AND n.id = k.id");
        sql.push(" AND n.terms && ").bind(keys.terms.clone());
        self.asked.beside(&mut sql);
        sql.push(" JOIN ");
        keys.write(&mut sql);
        sql.push(" ON q.term = ANY(n.terms) WHERE true");
        self.asked.narrow(&mut sql, false);
        sql.push(" GROUP BY 1, 2, 3) c");
        best_of(&mut sql);
        sql
    }

    /// Who shares the most and the sharpest keys, of the newest that each key leads to.
    fn sharing(&self, keys: Weighed) -> Statement {
        let mut sql = Statement::of(self.asked.asking.tenant);
        sql.push("SELECT c.id FROM (SELECT q.grp, t.id, t.created_at, max(q.weight) AS best FROM ");
        keys.write(&mut sql);
        sql.push(", LATERAL (SELECT k.created_at, k.id FROM ").push(self.tables().term).push(" k");
        self.asked.beside(&mut sql);
        sql.push(" WHERE k.tenant = ").again().push(" AND k.term = q.term");
        self.asked.narrow(&mut sql, !self.beyond);
        sql.push(" ORDER BY k.created_at DESC, k.id DESC LIMIT ").bind(OF_ONE_KEY);
        sql.push(") t GROUP BY 1, 2, 3) c");
        best_of(&mut sql);
        sql
    }

    /// Records that have all parts, or whose id has.
    async fn by_parts(&self, tx: &Tx, keys: &BTreeSet<Key>) -> Result<Candidates, StoreError> {
        let found = self.counted(tx, |sql| self.any_source(sql, keys)).await?;
        let part = search::part_of_id(&self.search.text).filter(|_| self.is_identifier());
        match part.filter(|part| found.total == 0 && part.len() >= WITHIN_IDS) {
            Some(part) => self.counted(tx, |sql| within_ids(sql, self.tables(), &part)).await,
            None => Ok(found),
        }
    }

    /// Who has it as a whole, and the newest records besides: what is so short is part of most.
    async fn short(&self, tx: &Tx, key: &Key) -> Result<Candidates, StoreError> {
        let term = terms::blind(&self.asked.blind, key);
        let newest = |sql: &mut Statement| {
            sql.push("(SELECT created_at, id FROM ").push(self.tables().term);
            sql.push(" WHERE tenant = ").again();
            sql.push(" AND term = ").bind(term).push(") UNION (");
            sql.push("SELECT k.created_at, k.id FROM ");
            let scope = self.scope();
            match scope.as_deref() {
                Some([one]) => {
                    sql.push(self.tables().term).push(" k WHERE k.tenant = ").again();
                    sql.push(" AND k.term = ").bind(*one);
                }
                _ => {
                    sql.push(self.tables().mark).push(" k WHERE k.tenant = ").again();
                }
            }
            sql.push(" ORDER BY k.created_at DESC, k.id DESC LIMIT ").bind(CANDIDATES).push(")");
        };
        let ids = ids_of(tx, &self.newest_of(newest, CANDIDATES)).await?;
        // All of them are opened, so that the total is of what matches.
        Ok(Candidates { total: i64::try_from(ids.len()).unwrap_or(i64::MAX), ids })
    }

    fn scope(&self) -> Option<Vec<i64>> {
        scope_terms(&self.asked.reach).filter(|_| !self.beyond)
    }

    fn is_identifier(&self) -> bool {
        self.purpose == Purpose::Identifier
    }

    /// The keys of records that have all parts; for identifiers, also of those whose id begins with
    /// it, or ends with it.
    fn any_source(&self, sql: &mut Statement, keys: &BTreeSet<Key>) {
        having_all(sql, self.tables(), &self.terms(keys));
        if !self.is_identifier() {
            return;
        }
        let Some(part) = search::part_of_id(&self.search.text) else { return };
        let bounds = (format!("{part:0<32}").parse::<Uuid>(), format!("{part:f<32}").parse());
        if let (Ok(low), Ok(high)) = bounds {
            let high: Uuid = high;
            sql.push(" UNION SELECT created_at, id FROM ").push(self.tables().mark);
            sql.push(" WHERE tenant = ").again();
            sql.push(" AND id BETWEEN ").bind(low).push(" AND ").bind(high);
        }
        if let Some(tail) = part.get(part.len().saturating_sub(SHORT_ID)..)
            && tail.len() < part.len()
            && let Plan::All(keys) = search::plan(Purpose::Identifier, tail)
        {
            sql.push(" UNION ");
            having_all(sql, self.tables(), &self.terms(&keys));
        }
    }

    fn terms(&self, keys: &BTreeSet<Key>) -> Vec<i64> {
        keys.iter().map(|key| terms::blind(&self.asked.blind, key)).collect()
    }

    /// The newest of some records, and how many there are.
    async fn counted(
        &self,
        tx: &Tx,
        source: impl Fn(&mut Statement),
    ) -> Result<Candidates, StoreError> {
        let ids = ids_of(tx, &self.newest_of(&source, CANDIDATES + 1)).await?;
        let mut total = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        if total > CANDIDATES {
            let mut sql = Statement::of(self.asked.asking.tenant);
            sql.push("SELECT count(*)");
            self.of(&mut sql, &source);
            let row = tx.client().query_typed(&sql.text, &sql.typed()).await?;
            total = row.first().map_or(Ok(total), |row| row.try_get(0))?;
        }
        Ok(Candidates { ids, total })
    }

    fn newest_of(&self, source: impl Fn(&mut Statement), most: i64) -> Statement {
        let mut sql = Statement::of(self.asked.asking.tenant);
        sql.push("SELECT k.id");
        self.of(&mut sql, source);
        sql.push(" ORDER BY k.created_at DESC, k.id DESC LIMIT ").bind(most);
        sql
    }

    /// ` FROM` a source, within reach and filters.
    fn of(&self, sql: &mut Statement, source: impl Fn(&mut Statement)) {
        sql.push(" FROM (");
        source(sql);
        sql.push(") k");
        self.asked.beside(sql);
        sql.push(" WHERE true");
        self.asked.narrow(sql, !self.beyond);
    }
}

impl Weighed {
    /// As a table `q`.
    fn write(self, sql: &mut Statement) {
        sql.push("unnest(").bind(self.terms).push("::bigint[], ").bind(self.groups);
        sql.push("::bigint[], ").bind(self.weights).push("::bigint[]) q(term, grp, weight)");
    }
}

/// The best of candidates `c`, each with the best weight of each group of keys.
fn best_of(sql: &mut Statement) {
    sql.push(" GROUP BY c.id, c.created_at ");
    sql.push("ORDER BY sum(c.best) DESC, c.created_at DESC, c.id DESC LIMIT ").bind(CANDIDATES);
}

/// Characters of a short id, which ends the id.
const SHORT_ID: usize = 7;

/// The keys of records that have all of these terms.
fn having_all(sql: &mut Statement, tables: &Tables, terms: &[i64]) {
    sql.push("SELECT a.created_at, a.id FROM ")
        .push(tables.term)
        .push(" a WHERE a.tenant = ")
        .again();
    let (first, others) = terms.split_first().map_or((0, &[][..]), |(one, more)| (*one, more));
    sql.push(" AND a.term = ").bind(first);
    for term in others {
        sql.push(" AND EXISTS (SELECT 1 FROM ")
            .push(tables.term)
            .push(" b WHERE b.tenant = ")
            .again();
        sql.push(" AND b.term = ").bind(*term);
        sql.push(" AND b.created_at = a.created_at AND b.id = a.id)");
    }
}

/// The keys of records whose id holds these digits anywhere.
fn within_ids(sql: &mut Statement, tables: &Tables, part: &str) {
    sql.push("SELECT created_at, id FROM ").push(tables.mark).push(" WHERE tenant = ").again();
    sql.push(" AND replace(id::text, '-', '') LIKE ").bind(format!("%{part}%"));
}

/// Statements of so many shapes are not kept prepared.
pub(super) async fn ids_of(tx: &Tx, sql: &Statement) -> Result<Vec<Uuid>, StoreError> {
    told(&sql.text);
    let rows = tx.client().query_typed(&sql.text, &sql.typed()).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

//! Reads the kept counts, as far as the caller reaches.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use kit_access::{Principal, Reach, Scope};
use kit_records::RecordType;
use kit_store::{StoreError, Tx};
use uuid::Uuid;

use super::query::Weeks;
use super::rebuild::Edition;
use super::tally::{nodes_until, number_of, scope};

/// When something was, as far as numbers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// Without a day.
    Ever,
    LastWeek,
    ThisWeek,
}

/// What the caller sees: which scopes add up to their reach, and whose records they lead.
#[derive(Debug, Clone)]
pub struct Sight {
    pub tenant: Uuid,
    pub user_name: String,
    /// The caller's own.
    pub groups: Vec<String>,
    /// Of the role; none means all.
    pub modules: Vec<String>,
    scopes: Vec<String>,
    /// The scopes of owners all of whose records lie within reach; nothing stands for everybody's.
    owners: Option<Vec<String>>,
    pub now: Timestamp,
    pub today: Date,
    pub weeks: Weeks,
    /// Which counts are told.
    pub edition: Edition,
}

/// Counts of everything within reach, by measure, key and time.
#[derive(Debug, Default)]
pub struct Shared(HashMap<(String, Span), BTreeMap<String, i64>>);

/// Counts by owner: measure, then owner, module and key.
#[derive(Debug, Default)]
pub struct Owned(HashMap<String, BTreeMap<(String, String, String), i64>>);

/// Counts of some measures and days in some scopes, and modules if any are named.
pub const SHARED: &str = "SELECT measure, key, \
     CASE WHEN day = 0 THEN 0 WHEN day < $5 THEN 1 ELSE 2 END, sum(records)::bigint \
     FROM board_count \
     WHERE tenant = $1 AND measure = ANY($2) AND day = ANY($3) AND scope = ANY($4) \
     AND (cardinality($6::text[]) = 0 OR module = ANY($6)) GROUP BY 1, 2, 3";

/// Counts by owner, of everybody's.
pub const OF_ALL: &str = "SELECT measure, scope, module, key, sum(records)::bigint \
     FROM board_count WHERE tenant = $1 AND measure = ANY($2) AND day = ANY($3) \
     AND scope >= 'o:' AND scope < 'o;' \
     AND (cardinality($4::text[]) = 0 OR module = ANY($4)) \
     GROUP BY 1, 2, 3, 4 HAVING sum(records) <> 0";

/// Counts by owner, of some.
pub const OF_SOME: &str = "SELECT measure, scope, module, key, sum(records)::bigint \
     FROM board_count WHERE tenant = $1 AND measure = ANY($2) AND day = ANY($3) \
     AND scope = ANY($5) AND (cardinality($4::text[]) = 0 OR module = ANY($4)) \
     GROUP BY 1, 2, 3, 4 HAVING sum(records) <> 0";

const GROUPS: &str = "SELECT scope, groups FROM board_cohort WHERE tenant = $1";

impl Sight {
    /// Of a caller, at a moment of a day.
    pub async fn of(
        tx: &Tx,
        principal: &Principal,
        (now, today): (Timestamp, Date),
    ) -> Result<Self, StoreError> {
        let tenant = principal.tenant;
        let edition = Edition::of(tx).await?;
        let mut scopes = Vec::new();
        match Reach::of(principal, RecordType::Case) {
            Reach::All => scopes.push(scope::ALL.to_owned()),
            Reach::Any(terms) => {
                let mut groups = BTreeSet::new();
                for term in terms {
                    match term.field {
                        "associated_user_groups" => drop(groups.insert(term.value)),
                        "associated_user_agencies" => scopes.push(scope::agency(&term.value)),
                        "identified_by" => scopes.push(scope::identified(&term.value)),
                        _ => scopes.push(scope::user(&term.value)),
                    }
                }
                scopes.extend(cohorts(tx, edition, tenant, &groups).await?);
            }
        }
        Ok(Self {
            tenant,
            user_name: principal.user_name.clone(),
            groups: principal.groups.clone(),
            modules: principal.modules.clone(),
            scopes,
            owners: owners(tx, edition, principal).await?,
            now,
            today,
            weeks: Weeks::around(today),
            edition,
        })
    }

    /// What is counted within reach.
    pub async fn shared(&self, tx: &Tx, measures: &[&str]) -> Result<Shared, StoreError> {
        let mut found = Shared::default();
        if measures.is_empty() || self.scopes.is_empty() {
            return Ok(found);
        }
        let (first, this) = (number_of(self.weeks.last.0), number_of(self.weeks.this.0));
        let days: Vec<i32> = (first..first + 14).chain([0]).collect();
        let sql = self.edition.sql(SHARED);
        let rows = tx
            .query(&sql, &[&self.tenant, &measures, &days, &self.scopes, &this, &self.modules])
            .await?;
        for row in rows {
            let span = match row.try_get::<_, i32>(2)? {
                0 => Span::Ever,
                1 => Span::LastWeek,
                _ => Span::ThisWeek,
            };
            let of = found.0.entry((row.try_get(0)?, span)).or_default();
            of.insert(row.try_get(1)?, row.try_get(3)?);
        }
        Ok(found)
    }

    /// What is counted of owners whom the caller leads, the caller among them.
    pub async fn owned(&self, tx: &Tx, measures: &[&str]) -> Result<Owned, StoreError> {
        self.of_owners(tx, measures, &[0], self.owners.as_deref()).await
    }

    /// How many cases of each owner are late by one of these kinds of task.
    pub async fn late(&self, tx: &Tx, measures: &[&str]) -> Result<Owned, StoreError> {
        let nodes = nodes_until(self.today);
        self.of_owners(tx, measures, &nodes, self.owners.as_deref()).await
    }

    /// What is counted on some days, or in some minutes, of owners whom the caller leads.
    pub async fn lately(
        &self,
        tx: &Tx,
        measures: &[&str],
        numbers: &[i32],
    ) -> Result<Owned, StoreError> {
        self.of_owners(tx, measures, numbers, self.owners.as_deref()).await
    }

    /// How many tasks the caller has that are overdue, and that will be within a week.
    pub async fn tasks(&self, tx: &Tx, measures: &[&str]) -> Result<(Owned, Owned), StoreError> {
        let yesterday = nodes_until(self.today.saturating_sub(1.days()));
        let soon = nodes_until(self.today.saturating_add(7.days()));
        let own = self.own_scope();
        let overdue = self.of_owners(tx, measures, &yesterday, Some(&own)).await?;
        Ok((overdue, self.of_owners(tx, measures, &soon, Some(&own)).await?))
    }

    fn own_scope(&self) -> Vec<String> {
        vec![scope::owner(&self.user_name)]
    }

    async fn of_owners(
        &self,
        tx: &Tx,
        measures: &[&str],
        days: &[i32],
        owners: Option<&[String]>,
    ) -> Result<Owned, StoreError> {
        let mut found = Owned::default();
        if measures.is_empty() || owners.is_some_and(<[String]>::is_empty) {
            return Ok(found);
        }
        let rows = if let Some(owners) = owners {
            let sql = self.edition.sql(OF_SOME);
            tx.query(&sql, &[&self.tenant, &measures, &days, &self.modules, &owners]).await?
        } else {
            let sql = self.edition.sql(OF_ALL);
            tx.query(&sql, &[&self.tenant, &measures, &days, &self.modules]).await?
        };
        for row in rows {
            let owner: &str = row.try_get(1)?;
            let owner = owner.strip_prefix("o:").unwrap_or(owner).to_owned();
            let of = found.0.entry(row.try_get(0)?).or_default();
            of.insert((owner, row.try_get(2)?, row.try_get(3)?), row.try_get(4)?);
        }
        Ok(found)
    }
}

/// The cohorts that have one of these groups.
async fn cohorts(
    tx: &Tx,
    edition: Edition,
    tenant: Uuid,
    groups: &BTreeSet<String>,
) -> Result<Vec<String>, StoreError> {
    let mut scopes = Vec::new();
    if groups.is_empty() {
        return Ok(scopes);
    }
    for row in tx.query(&edition.sql(GROUPS), &[&tenant]).await? {
        let of: Vec<String> = row.try_get(1)?;
        if of.iter().any(|one| groups.contains(one)) {
            scopes.push(row.try_get(0)?);
        }
    }
    Ok(scopes)
}

/// The scopes of those whom the caller leads.
async fn owners(
    tx: &Tx,
    edition: Edition,
    principal: &Principal,
) -> Result<Option<Vec<String>>, StoreError> {
    let own = || Ok(Some(vec![scope::owner(&principal.user_name)]));
    let sql = edition.sql("SELECT user_name FROM directory_user WHERE tenant = $1 AND ");
    let rows = match principal.scope {
        Scope::All => return Ok(None),
        // What of one's own records one did not identify is out of reach.
        Scope::Identified => return Ok(Some(vec![])),
        Scope::Group if !principal.groups.is_empty() => {
            let sql = format!("{sql} groups && $2");
            tx.query(&sql, &[&principal.tenant, &principal.groups]).await?
        }
        Scope::Agency if !principal.agency.is_empty() => {
            let sql = format!("{sql} agency = $2");
            tx.query(&sql, &[&principal.tenant, &principal.agency]).await?
        }
        Scope::Own | Scope::Group | Scope::Agency | Scope::AdminOnly | Scope::Webhook => {
            return own();
        }
    };
    let names = rows.iter().map(|row| Ok(scope::owner(row.try_get(0)?)));
    names.collect::<Result<_, StoreError>>().map(Some)
}

impl Shared {
    /// How many have this value.
    pub fn of(&self, measure: &str, span: Span, key: &str) -> i64 {
        let of = self.0.get(&(measure.to_owned(), span));
        of.and_then(|of| of.get(key)).copied().unwrap_or_default()
    }

    /// How many have each value that occurs.
    pub fn all(&self, measure: &str, span: Span) -> BTreeMap<&str, i64> {
        let of = self.0.get(&(measure.to_owned(), span)).into_iter().flatten();
        of.filter(|(_, records)| **records != 0).map(|(key, n)| (key.as_str(), *n)).collect()
    }
}

impl Owned {
    /// How many each owner has, whatever the module and value.
    pub fn by_owner(&self, measure: &str) -> BTreeMap<&str, i64> {
        let mut all = BTreeMap::new();
        for ((owner, _, _), records) in self.0.get(measure).into_iter().flatten() {
            *all.entry(owner.as_str()).or_default() += records;
        }
        all
    }

    /// How many each owner has of each value, in one module.
    pub fn by_key(&self, measure: &str, module: &str) -> BTreeMap<(&str, &str), i64> {
        let of = self.0.get(measure).into_iter().flatten();
        let of = of.filter(|((_, of, key), _)| of == module && !key.is_empty());
        of.map(|((owner, _, key), records)| ((owner.as_str(), key.as_str()), *records)).collect()
    }

    /// How many one owner has of each value, whatever the module.
    pub fn of_owner(&self, measure: &str, name: &str) -> BTreeMap<&str, i64> {
        let mut all = BTreeMap::new();
        for ((owner, _, key), records) in self.0.get(measure).into_iter().flatten() {
            if owner == name {
                *all.entry(key.as_str()).or_default() += records;
            }
        }
        all
    }

    /// How many each owner has of one value, whatever the module.
    pub fn by_owner_of(&self, measure: &str, value: &str) -> BTreeMap<&str, i64> {
        let mut all = BTreeMap::new();
        for ((owner, _, key), records) in self.0.get(measure).into_iter().flatten() {
            if key == value {
                *all.entry(owner.as_str()).or_default() += records;
            }
        }
        all
    }

    /// Takes counts of other measures.
    pub fn take(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many in all.
    pub fn total(&self, measure: &str) -> i64 {
        self.0.get(measure).into_iter().flatten().map(|(_, records)| records).sum()
    }
}

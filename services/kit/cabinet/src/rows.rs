//! The statements behind the row, the terms and the marks of a record.

mod copy;
mod whole;

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use futures_util::future::{try_join, try_join_all, try_join3, try_join4};
use jiff::Timestamp;
use kit_access::Term;
use kit_store::{Removed, StoreError, Tx};
use uuid::Uuid;

use crate::apart::{Apart, Ground, blind_terms};
use crate::sql::told;
use crate::tables::{PerType, Tables};
use crate::terms;
use whole::Whole;

/// The statements that write the records of one type.
struct Sql {
    write: String,
    patch: String,
    mark: String,
    unmark: String,
    add_terms: String,
    drop_terms: String,
    hold: String,
    retake: String,
    retaken: String,
}

static SQL: LazyLock<PerType<Sql>> = LazyLock::new(|| {
    PerType::new(|tables| Sql {
        write: tables.fill(include_str!("sql/write_row.sql")),
        patch: tables.fill(include_str!("sql/patch_row.sql")),
        mark: tables.fill(MARK),
        unmark: tables.fill(UNMARK),
        add_terms: tables.fill(ADD_TERMS),
        drop_terms: tables.fill(DROP_TERMS),
        hold: tables.fill(HOLD),
        retake: tables.fill(RETAKE),
        retaken: tables.fill(RETAKEN),
    })
});

const MARK: &str = "INSERT INTO {mark} (tenant, id, created_at, codes) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (tenant, id) DO UPDATE SET created_at = excluded.created_at, \
     codes = excluded.codes";
const UNMARK: &str = "DELETE FROM {mark} WHERE tenant = $1 AND id = $2";
const ADD_TERMS: &str = "INSERT INTO {term} (tenant, term, created_at, id) \
     SELECT $1, t.term, t.created_at, t.id \
     FROM unnest($2::bigint[], $3::timestamptz[], $4::uuid[]) t(term, created_at, id) \
     ON CONFLICT DO NOTHING";
const DROP_TERMS: &str = "DELETE FROM {term} t \
     USING unnest($2::bigint[], $3::timestamptz[], $4::uuid[]) g(term, created_at, id) \
     WHERE t.tenant = $1 AND t.term = g.term AND t.created_at = g.created_at AND t.id = g.id";
/// Nobody's groups, agency or place change while rows are written from them.
const PEOPLE: &str = "SELECT user_name, agency, agency_office, groups, location \
     FROM directory_user WHERE tenant = $1 AND user_name = ANY($2) ORDER BY user_name FOR SHARE";
/// Nobody else writes a row between the look at its terms and their difference.
const HOLD: &str = "SELECT id, created_at, terms FROM {row} WHERE tenant = $1 AND id = ANY($2) \
     ORDER BY id FOR UPDATE";
const RETAKE: &str = "SELECT created_at, terms, associated_user_names, associated_user_groups, \
     associated_user_agencies, identified_by FROM {row} \
     WHERE tenant = $1 AND id = $2 AND version = $3 FOR UPDATE";
const RETAKEN: &str = "UPDATE {row} SET facets = $3, terms = $4, forms = $5 \
     WHERE tenant = $1 AND id = $2";

const REMOVE_TERMS: &str = "DELETE FROM {term} t USING (SELECT unnest(terms) AS term, created_at \
     FROM {row} WHERE tenant = $1 AND id = $2) g \
     WHERE t.tenant = $1 AND t.term = g.term AND t.created_at = g.created_at AND t.id = $2";

/// A row before it is written.
pub struct Row {
    pub id: Uuid,
    pub version: i64,
    /// Of the row that is changed; 0 where there is none yet.
    pub version_before: i64,
    pub created_at: Timestamp,
    pub last_updated_at: Timestamp,
    pub record_state: bool,
    pub status: String,
    pub workflow: Option<String>,
    pub module: Option<String>,
    pub short_id: String,
    pub display_id: String,
    pub owner: Option<String>,
    pub identified_by: Option<String>,
    pub people: Vec<String>,
    pub apart: Apart,
    pub document: Vec<u8>,
    pub key: Uuid,
    /// Whether the marks are those of the version before.
    pub same_marks: bool,
}

/// What the directory says of a user.
struct Colleague {
    agency: Option<String>,
    office: Option<String>,
    groups: Vec<String>,
    location: Option<String>,
}

type Colleagues = HashMap<String, Colleague>;

/// Through whom a record is reached.
#[derive(Default)]
struct Scope {
    groups: Vec<String>,
    agencies: Vec<String>,
}

/// Terms that come or go, each with its record.
#[derive(Default)]
struct Postings(Vec<(i64, Timestamp, Uuid)>);

/// Changes rows whose terms stay; gives back those whose row was not as expected.
pub async fn patch(
    tx: &Tx,
    tenant: Uuid,
    ground: &Ground,
    rows: Vec<Row>,
) -> Result<Vec<Row>, StoreError> {
    if rows.is_empty() {
        return Ok(rows);
    }
    let sql = SQL.of(ground.tables);
    told(&sql.patch);
    try_join(tx.prepare(&sql.patch), tx.prepare(&sql.mark)).await?;
    let patched = try_join_all(rows.iter().map(|row| patch_one(tx, sql, tenant, ground, row)));
    let marked = rows
        .iter()
        .filter(|row| !row.same_marks)
        .map(|row| mark(tx, sql, tenant, (row.id, row.created_at), &row.apart));
    let (patched, _) = try_join(patched, try_join_all(marked)).await?;
    let left = rows.into_iter().zip(patched).filter(|(_, done)| *done == 0);
    Ok(left.map(|(row, _)| row).collect())
}

/// Writes whole rows, whether they are there or not.
pub async fn write(tx: &Tx, tenant: Uuid, ground: &Ground, rows: &[Row]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let names = names_of(rows);
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let sql = SQL.of(ground.tables);
    let held = held(tx, sql, tenant, &ids);
    let (people, held) = try_join(colleagues(tx, tenant, &names), held).await?;
    let (mut gone, mut added) = (Postings::default(), Postings::default());
    let whole: Vec<Whole<'_>> = rows.iter().map(|row| Whole::new(row, &people, ground)).collect();
    for Whole { row, terms, .. } in &whole {
        difference(held.get(&row.id), row.id, row.created_at, terms, &mut gone, &mut added);
    }
    let Sql { hold, drop_terms, add_terms, write, mark: marks, .. } = sql;
    let _prepared = [hold, drop_terms, add_terms, write, marks].map(|one| told(one));
    try_join3(tx.prepare(drop_terms), tx.prepare(add_terms), tx.prepare(write)).await?;
    tx.prepare(marks).await?;
    try_join4(
        gone.run(tx, drop_terms, tenant),
        added.run(tx, add_terms, tenant),
        try_join_all(whole.iter().map(async |one| {
            tx.execute(write, &one.columns(&tenant, &ground.forms)).await.map(drop)
        })),
        try_join_all(
            rows.iter().map(|row| mark(tx, sql, tenant, (row.id, row.created_at), &row.apart)),
        ),
    )
    .await?;
    Ok(())
}

pub use copy::add;

/// Puts what a record was taken apart into in the place of what its rows hold; false if the record
/// was written since that version.
pub async fn retake(
    tx: &Tx,
    tenant: Uuid,
    ground: &Ground,
    (id, version): (Uuid, i64),
    apart: &Apart,
) -> Result<bool, StoreError> {
    let sql = SQL.of(ground.tables);
    let Some(row) = tx.query_opt(&sql.retake, &[&tenant, &id, &version]).await? else {
        return Ok(false);
    };
    let created_at: Timestamp = row.try_get(0)?;
    let before: Vec<i64> = row.try_get(1)?;
    let people: Vec<String> = row.try_get(2)?;
    let scope = Scope { groups: row.try_get(3)?, agencies: row.try_get(4)? };
    let identified_by: Option<String> = row.try_get(5)?;
    let terms = if apart.is_hidden() {
        Vec::new()
    } else {
        let blind = blind_terms(&ground.blind, &apart.sources);
        scope.terms(&people, identified_by.as_deref(), blind)
    };
    let (mut gone, mut added) = (Postings::default(), Postings::default());
    difference(Some(&(created_at, before)), id, created_at, &terms, &mut gone, &mut added);
    let row: kit_store::Params<'_> = &[&tenant, &id, &apart.facets, &terms, &ground.forms];
    try_join4(
        gone.run(tx, &sql.drop_terms, tenant),
        added.run(tx, &sql.add_terms, tenant),
        tx.execute(&sql.retaken, row),
        mark(tx, sql, tenant, (id, created_at), apart),
    )
    .await?;
    Ok(true)
}

/// Removes everything that these tables hold of a record; says how much.
pub async fn remove_rows(
    tx: &Tx,
    tables: &Tables,
    tenant: Uuid,
    id: Uuid,
) -> Result<Removed, StoreError> {
    // Others that write the row add terms: the next statement sees those of the last one.
    tx.query(&SQL.of(tables).hold, &[&tenant, &vec![id]]).await?;
    let mut removed = Removed::new();
    for (table, sql) in [
        (tables.term, REMOVE_TERMS),
        (tables.row, "DELETE FROM {row} WHERE tenant = $1 AND id = $2"),
        (tables.mark, UNMARK),
    ] {
        let rows = tx.execute(&tables.fill(sql), &[&tenant, &id]).await?;
        removed.push((table.into(), rows));
    }
    // Named in the order of the tables' own.
    removed.swap(0, 1);
    Ok(removed)
}

impl Scope {
    fn of(people: &[String], known: &Colleagues) -> Self {
        let of = || people.iter().filter_map(|name| known.get(name));
        let groups: BTreeSet<&String> = of().flat_map(|one| &one.groups).collect();
        let agencies: BTreeSet<&String> = of().filter_map(|one| one.agency.as_ref()).collect();
        Self {
            groups: groups.into_iter().cloned().collect(),
            agencies: agencies.into_iter().cloned().collect(),
        }
    }

    /// All terms of a record, sorted, each once.
    fn terms(&self, people: &[String], identified_by: Option<&str>, blind: Vec<i64>) -> Vec<i64> {
        let term = |field: &'static str| {
            move |value: &str| terms::scope_term(&Term { field, value: value.to_owned() })
        };
        let mut all = blind;
        all.extend(people.iter().map(String::as_str).map(term("associated_user_names")));
        all.extend(self.groups.iter().map(String::as_str).map(term("associated_user_groups")));
        all.extend(self.agencies.iter().map(String::as_str).map(term("associated_user_agencies")));
        all.extend(identified_by.map(term("identified_by")));
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Postings {
    async fn run(mut self, tx: &Tx, sql: &str, tenant: Uuid) -> Result<(), StoreError> {
        if self.0.is_empty() {
            return Ok(());
        }
        // In the order of the index, so that neighbours are written together.
        self.0.sort_unstable();
        let terms: Vec<i64> = self.0.iter().map(|one| one.0).collect();
        let times: Vec<Timestamp> = self.0.iter().map(|one| one.1).collect();
        let ids: Vec<Uuid> = self.0.iter().map(|one| one.2).collect();
        tx.execute(sql, &[&tenant, &terms, &times, &ids]).await?;
        Ok(())
    }
}

/// What has to go and to come so that `now` are the terms of a record.
fn difference(
    before: Option<&(Timestamp, Vec<i64>)>,
    id: Uuid,
    created_at: Timestamp,
    now: &[i64],
    gone: &mut Postings,
    added: &mut Postings,
) {
    let nothing = (created_at, Vec::new());
    let (was_created, before) = before.unwrap_or(&nothing);
    let moved = *was_created != created_at;
    let stays = |list: &[i64], term: &i64| !moved && list.binary_search(term).is_ok();
    let left = before.iter().filter(|term| !stays(now, term));
    gone.0.extend(left.map(|term| (*term, *was_created, id)));
    let mut known = before.clone();
    known.sort_unstable();
    let new = now.iter().filter(|term| !stays(&known, term));
    added.0.extend(new.map(|term| (*term, created_at, id)));
}

/// Everybody who has to do with these records.
fn names_of(rows: &[Row]) -> Vec<&str> {
    let names: BTreeSet<&str> =
        rows.iter().flat_map(|row| &row.people).map(String::as_str).collect();
    names.into_iter().collect()
}

async fn colleagues(tx: &Tx, tenant: Uuid, names: &[&str]) -> Result<Colleagues, StoreError> {
    let read = |row: &tokio_postgres::Row| -> Result<_, StoreError> {
        let colleague = Colleague {
            agency: row.try_get(1)?,
            office: row.try_get(2)?,
            groups: row.try_get(3)?,
            location: row.try_get(4)?,
        };
        Ok((row.try_get(0)?, colleague))
    };
    tx.query(PEOPLE, &[&tenant, &names]).await?.iter().map(read).collect()
}

/// The rows that are there already: when they were created, and their terms.
async fn held(
    tx: &Tx,
    sql: &Sql,
    tenant: Uuid,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, (Timestamp, Vec<i64>)>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let read = |row: &tokio_postgres::Row| -> Result<_, StoreError> {
        Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)))
    };
    tx.query(&sql.hold, &[&tenant, &ids]).await?.iter().map(read).collect()
}

async fn patch_one(
    tx: &Tx,
    sql: &Sql,
    tenant: Uuid,
    ground: &Ground,
    row: &Row,
) -> Result<u64, StoreError> {
    tx.execute(
        &sql.patch,
        &[
            &tenant,
            &row.id,
            &row.version_before,
            &ground.forms,
            &row.version,
            &row.last_updated_at,
            &row.record_state,
            &row.status,
            &row.workflow,
            &row.apart.facets,
            &row.document,
        ],
    )
    .await
}

async fn mark(
    tx: &Tx,
    sql: &Sql,
    tenant: Uuid,
    (id, created_at): (Uuid, Timestamp),
    apart: &Apart,
) -> Result<(), StoreError> {
    if apart.is_hidden() {
        tx.execute(&sql.unmark, &[&tenant, &id]).await?;
    } else {
        tx.execute(&sql.mark, &[&tenant, &id, &created_at, &apart.codes]).await?;
    }
    Ok(())
}

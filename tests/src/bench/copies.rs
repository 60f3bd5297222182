//! Rows of cases that nobody reads, made by SQL from those of other workers, so that the tables
//! and indexes are as large as those of so many cases.
//!
//! What a copy is found by is as common as in a real organisation of that size: names and other
//! words that several cases share stay (each has ten times as many cases in one ten times as
//! large), groups and agencies too. Only what leads to few cases is another's in each copy: ids,
//! numbers, rare names, and the worker, so that no caseload grows.
//!
//! Copies have no events, and no documents. A search goes by the terms of all of them; of as good a
//! match the newest are opened, and copies are older than any case. One that is opened all the same
//! has a key that was destroyed, and is passed over as every erased record is.

use crate::room;
use crate::site::Site;
use anyhow::{Result, ensure};
use std::time::Instant;
use tokio_postgres::Client;
use uuid::Uuid;

/// So many cases at most share what is taken for the case's own.
const RARE: i64 = 3;

/// Every worker has a term of their own, and what few share is rare.
const OWN: &str = "create temp table own as \
     select unnest(terms) as term from case_row group by 1 having count(*) <= $RARE union \
     select scope_term('associated_user_names', name) \
     from (select distinct unnest(associated_user_names) as name from case_row) names";

const WORDS: &str = "create temp table words as select r.id, \
     coalesce(array_agg(t.term) filter (where o.term is null), '{}') as shared, \
     coalesce(array_agg(t.term) filter (where o.term is not null), '{}') as own \
     from case_row r cross join lateral unnest(r.terms) t(term) left join own o on o.term = t.term \
     where r.owned_by <> all($FIRST) group by r.id";

/// What copies are made from, apart from the tables that grow meanwhile.
const ORIGINALS: &str = "create temp table original as \
     select row_number() over () as number, id, created_at, owned_by, associated_user_names, \
     w.shared, w.own, m.codes, {columns} \
     from case_row r join words w using (id) \
     join (select id, codes from case_mark) m using (id)";

const COPIED: &str = "insert into copied select o.number, md5(o.id::text || $1::int4)::uuid, \
     o.created_at - $1::int4 * (select max(created_at) - min(created_at) + interval '1 day' \
     from original), \
     array(select t from (select unnest(o.shared) union \
     select unnest(o.own) # $1::int4::int8) words(t) order by t) \
     from original o where o.number <= $2";

const TERMS: &str = "insert into case_term (tenant, term, created_at, id) \
     select o.tenant, unnest(c.terms), c.created_at, c.id \
     from copied c join original o using (number)";

const MARKS: &str = "insert into case_mark (tenant, id, created_at, codes) \
     select o.tenant, c.id, c.created_at, o.codes from copied c join original o using (number)";

const ROWS: &str = "insert into case_row (id, created_at, document, key_id, terms, owned_by, \
     associated_user_names, {columns}) select c.id, c.created_at, '\\x00', $2, c.terms, o.owned_by || '.' || $1::text, \
     array(select name || '.' || $1::text from unnest(o.associated_user_names) name), {columns} \
     from copied c join original o using (number)";

/// Columns that a copy has like its original.
const COLUMNS: &str = "select string_agg(quote_ident(column_name), ', ') \
     from information_schema.columns where table_schema = 'public' and table_name = 'case_row' \
     and column_name not in \
     ('id', 'created_at', 'document', 'key_id', 'terms', 'owned_by', 'associated_user_names', \
     'identified_by')";

/// A key that opens nothing any more.
const GONE: &str = "insert into data_key (tenant, id, generation, destroyed_at) \
     select $1, $2, max(generation), now() from tenant_key where tenant = $1 \
     on conflict do nothing";

/// Keys and indexes, made when all rows are there: that costs a fraction.
const INDEXES: &str = "select c.conname::text, format('alter table %s drop constraint %I', \
     c.conrelid::regclass, c.conname), format('alter table %s add constraint %I %s', \
     c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) from pg_constraint c \
     where c.contype = 'p' and c.conrelid = any('{case_row,case_term,case_mark}'::regclass[]) \
     union all select i.indexrelid::regclass::text, format('drop index %s', \
     i.indexrelid::regclass), pg_get_indexdef(i.indexrelid) from pg_index i \
     where not i.indisprimary and i.indrelid = any('{case_row,case_term,case_mark}'::regclass[])";

/// What a row takes without its document, keys and indexes included.
const SIZE: &str = "select sum(pg_relation_size(oid) + pg_indexes_size(oid))::int8, \
     (select count(*) from case_row) from pg_class \
     where oid = any('{case_row,case_term,case_mark}'::regclass[])";

/// Copies until there are so many rows.
pub async fn grow(site: &Site, rows: u64) -> Result<()> {
    let cases = site.superuser("cases").await?;
    let row = cases.query_one(SIZE, &[]).await?;
    let (bytes, have): (i64, i64) = (row.get(0), row.get(1));
    ensure!(have > 0, "there is nothing to copy");
    let missing = i64::try_from(rows)?.saturating_sub(have).max(0);
    println!("  {} bytes a row; {missing} rows to copy", bytes / have);
    room::ask_for_copies(site.installation.folder(), u64::try_from(missing * (bytes / have))?)?;
    for setting in
        ["synchronous_commit = off", "maintenance_work_mem = '512MB'", "work_mem = '256MB'"]
    {
        cases.batch_execute(&format!("set {setting}")).await?;
    }
    let began = Instant::now();
    let rows_of = prepare(site, &cases).await?;
    println!("  what there is was looked at: {:.0?}", began.elapsed());
    let indexes = cases.query(INDEXES, &[]).await?;
    for index in &indexes {
        cases.batch_execute(index.get(1)).await?;
    }
    let gone = Uuid::from_u128(0xc0_91e5);
    site.superuser("keyring").await?.execute(GONE, &[&site.tenant, &gone]).await?;
    copy(&cases, &rows_of, gone, missing, began).await?;
    for index in &indexes {
        cases.batch_execute(index.get(2)).await?;
        println!("  {}: {:.0?}", index.get::<_, &str>(0), began.elapsed());
    }
    cases.batch_execute("drop table own, words, original, copied").await?;
    let have: i64 = cases.query_one("select count(*) from case_row", &[]).await?.get(0);
    ensure!(have >= i64::try_from(rows)?, "only {have} rows came of it");
    Ok(())
}

/// Tells what all share from what is a case's own, once for all copies; gives the insertion of
/// rows.
async fn prepare(site: &Site, cases: &Client) -> Result<String> {
    cases.batch_execute(&OWN.replace("$RARE", &RARE.to_string())).await?;
    cases.batch_execute("analyze own").await?;
    // A statement that makes a table takes no parameters.
    let first = site.first.iter().map(|one| format!("'{}'", one.person.user_name));
    let first = format!("array[{}]::text[]", first.collect::<Vec<_>>().join(", "));
    cases.batch_execute(&WORDS.replace("$FIRST", &first)).await?;
    let columns: String = cases.query_one(COLUMNS, &[]).await?.get(0);
    cases.batch_execute(&ORIGINALS.replace("{columns}", &columns)).await?;
    cases.batch_execute("create index on original (number); analyze original").await?;
    cases
        .batch_execute(
            "create temp table copied (number int8, id uuid, \
         created_at timestamptz, terms int8[])",
        )
        .await?;
    Ok(ROWS.replace("{columns}", &columns))
}

async fn copy(
    cases: &Client,
    rows: &str,
    gone: Uuid,
    mut missing: i64,
    began: Instant,
) -> Result<()> {
    let originals: i64 = cases.query_one("select count(*) from original", &[]).await?.get(0);
    ensure!(originals > 0, "all cases are the first workers'");
    for copy in 1_i32.. {
        if missing <= 0 {
            break;
        }
        let some = missing.min(originals);
        cases.batch_execute("truncate copied").await?;
        cases.execute(COPIED, &[&copy, &some]).await?;
        cases.batch_execute("analyze copied").await?;
        cases.execute(TERMS, &[]).await?;
        cases.execute(MARKS, &[]).await?;
        cases.execute(rows, &[&copy.to_string(), &gone]).await?;
        missing -= some;
        println!("  {missing} rows to copy: {:.0?}", began.elapsed());
    }
    Ok(())
}

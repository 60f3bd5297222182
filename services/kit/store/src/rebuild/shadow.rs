//! The tables that are made anew: like the running ones in every respect, in a schema of
//! their own, until they change places.

use deadpool_postgres::Pool;
use futures_util::future::try_join_all;
use tokio_postgres::Row;

use super::SCHEMA;
use super::part::AnyRebuilder;
use crate::{StoreError, Tx};

/// Columns, defaults and checks come by LIKE; what it does not copy, or names anew, is read from
/// the catalogue: keys and indexes keep their names, which error texts are chosen by.
const COPY: &str = "create table amparo_rebuild.%1 (like public.%1 including defaults \
     including constraints including generated including identity including storage \
     including compression including statistics)";

/// How its pages are filled.
const OPTIONS: &str = "\
    select format('alter table amparo_rebuild.%I set (%s)', relname, \
        array_to_string(reloptions, ', ')) \
    from pg_class where oid = $1::text::regclass and reloptions is not null and $2::text <> ''";

/// Statements that finish the copy of one table, in order.
const FINISH: &str = "\
    select format('alter table amparo_rebuild.%I add constraint %I %s', $2::text, conname, \
        pg_get_constraintdef(oid)) \
    from (select * from pg_constraint where conrelid = $1::text::regclass \
        and contype in ('p', 'u', 'x') order by contype, conname) keys \
    union all \
    select regexp_replace(pg_get_indexdef(indexrelid), ' ON (ONLY )?(public\\.)?', \
        ' ON amparo_rebuild.') \
    from pg_index where indrelid = $1::text::regclass and not exists \
        (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x')) \
    union all \
    select format('alter table amparo_rebuild.%I enable row level security', relname) \
    from pg_class where oid = $1::text::regclass and relrowsecurity \
    union all \
    select format('alter table amparo_rebuild.%I force row level security', relname) \
    from pg_class where oid = $1::text::regclass and relforcerowsecurity \
    union all \
    select format('create policy %I on amparo_rebuild.%I as %s for %s to %s', policyname, \
        $2::text, permissive, cmd, array_to_string(roles, ', ')) \
        || coalesce(' using (' || qual || ')', '') \
        || coalesce(' with check (' || with_check || ')', '') \
    from pg_policies where schemaname = 'public' and tablename = $2::text \
    union all \
    select format('grant %s on amparo_rebuild.%I to %s', privilege_type, $2::text, \
        case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end) \
    from pg_class, aclexplode(relacl) where pg_class.oid = $1::text::regclass \
        and grantee <> relowner";

/// References between tables, made when all of them are there.
const REFERENCES: &str = "\
    select format('alter table amparo_rebuild.%I add constraint %I %s', $2::text, conname, \
        pg_get_constraintdef(oid)) \
    from pg_constraint where conrelid = $1::text::regclass and contype = 'f'";

/// What an exchange would break, since it is not copied.
const HINDRANCES: &str = "\
    select 'a trigger' from pg_trigger where tgrelid = $1::text::regclass and not tgisinternal \
    union all \
    select 'a reference from another table' from pg_constraint where contype = 'f' \
        and confrelid = $1::text::regclass \
        and not conrelid = any(select t::regclass from unnest($2::text[]) t) \
    union all \
    select 'a view' from pg_depend join pg_rewrite on pg_rewrite.oid = objid \
        where classid = 'pg_rewrite'::regclass and refobjid = $1::text::regclass";

/// Notes whose rows were written, but for those that an append wrote beside its events; runs for
/// whoever writes, as the owner.
const TOUCHED: &str = "\
    create table amparo_rebuild.touched (tenant uuid not null, stream text not null); \
    alter table amparo_rebuild.touched enable row level security; \
    alter table amparo_rebuild.touched force row level security; \
    create policy owner on amparo_rebuild.touched to current_user using (true); \
    create function amparo_rebuild.touch() returns trigger language plpgsql security definer \
    set search_path = '' as $$ \
    declare \
        owner uuid := coalesce(new.tenant, old.tenant); \
        name text := tg_argv[0] || '-' || coalesce( \
            to_jsonb(new) ->> tg_argv[1], to_jsonb(old) ->> tg_argv[1]); \
    begin \
        if pg_current_xact_id() is distinct from (select transaction from public.event \
            where tenant = owner and stream = name order by version desc limit 1) then \
            insert into amparo_rebuild.touched (tenant, stream) values (owner, name); \
        end if; \
        return null; \
    end $$";

/// The new tables of a group of projections.
pub(super) struct Shadow {
    /// Those that will change places.
    tables: Vec<&'static str>,
    /// Those among them whose keys and indexes come when they are filled.
    bare: Vec<&'static str>,
}

/// Where sorting for indexes may take place.
const SORTING: &str = "begin; set local maintenance_work_mem = '192MB'";

impl Shadow {
    /// Makes them, empty, in place of what an earlier rebuild may have left.
    pub async fn make(pool: &Pool, group: &[&dyn AnyRebuilder]) -> Result<Self, StoreError> {
        let tables = distinct(group, |it| it.tables());
        let mut beside = distinct(group, |it| it.beside());
        beside.retain(|table| !tables.contains(table));
        let tx = Tx::begin_with(pool.get().await?, "begin; set local lock_timeout = '10s'");
        run(&tx, &format!("drop schema if exists {SCHEMA} cascade; create schema {SCHEMA}"))
            .await?;
        let all: Vec<&str> = tables.iter().chain(&beside).copied().collect();
        for table in &all {
            refuse_hindrances(&tx, table, &tables).await?;
            run(&tx, &COPY.replace("%1", table)).await?;
        }
        let bare = distinct(group, |it| if it.is_bare() { it.tables() } else { &[] });
        let keyed = distinct(group, |it| if it.is_bare() { &[] } else { it.tables() });
        let bare: Vec<_> = bare.into_iter().filter(|table| !keyed.contains(table)).collect();
        for table in &all {
            complete(&tx, OPTIONS, table).await?;
            if !bare.contains(table) {
                complete(&tx, FINISH, table).await?;
            }
        }
        run(&tx, TOUCHED).await?;
        for rebuilder in group {
            if let Some((table, column)) = rebuilder.touched() {
                let category = rebuilder.category();
                let name = rebuilder.name();
                run(
                    &tx,
                    &format!(
                        "create trigger amparo_rebuild_{name} \
                         after insert or update or delete on public.{table} for each row \
                         execute function {SCHEMA}.touch('{category}', '{column}')"
                    ),
                )
                .await?;
            }
        }
        tx.commit().await?;
        Ok(Self { tables, bare })
    }

    /// All rows of the first pass are there: keys, indexes, policies and rights follow.
    pub async fn finish(&self, pool: &Pool) -> Result<(), StoreError> {
        let finish = |table| async move {
            let tx = Tx::begin_with(pool.get().await?, SORTING);
            complete(&tx, FINISH, table).await?;
            tx.commit().await
        };
        try_join_all(self.bare.iter().copied().map(finish)).await?;
        let tx = Tx::begin_with(pool.get().await?, "begin");
        for table in &self.tables {
            complete(&tx, REFERENCES, table).await?;
        }
        tx.commit().await
    }

    /// Counts what the planner goes by, before anyone reads the new tables.
    pub async fn analyze(&self, pool: &Pool) -> Result<(), StoreError> {
        let client = pool.get().await?;
        for table in &self.tables {
            client.batch_execute(&format!("analyze {SCHEMA}.{table}")).await?;
        }
        Ok(())
    }

    /// From here on nobody appends or writes the tables; they can still be read.
    pub async fn hold_writers(&self, tx: &Tx) -> Result<(), StoreError> {
        // In the order in which an append comes by them.
        run(tx, "lock table public.event in share mode").await?;
        run(tx, &format!("lock table {} in exclusive mode", self.running())).await
    }

    /// The new tables take the places and names of the running ones, which are dropped.
    pub async fn exchange(&self, tx: &Tx) -> Result<(), StoreError> {
        run(tx, &format!("lock table {} in access exclusive mode", self.running())).await?;
        run(tx, &format!("drop table {}", self.running())).await?;
        for table in &self.tables {
            run(tx, &format!("alter table {SCHEMA}.{table} set schema public")).await?;
        }
        run(tx, &format!("drop schema {SCHEMA} cascade")).await
    }

    /// Leaves the running tables as they are.
    pub async fn discard(&self, pool: &Pool) -> Result<(), StoreError> {
        let tx = Tx::begin_with(pool.get().await?, "begin");
        run(&tx, &format!("drop schema if exists {SCHEMA} cascade")).await?;
        tx.commit().await
    }

    fn running(&self) -> String {
        let tables: Vec<_> = self.tables.iter().map(|table| format!("public.{table}")).collect();
        tables.join(", ")
    }
}

/// Runs the statements that make the copy of a table more like it.
async fn complete(tx: &Tx, sql: &str, table: &str) -> Result<(), StoreError> {
    // Read with the running tables in sight alone, so that nothing is named by its schema.
    run(tx, "set local search_path = public").await?;
    let statements = texts(&tx.query(sql, &[&table, &table]).await?)?;
    run(tx, &format!("set local search_path = {SCHEMA}, public")).await?;
    for statement in statements {
        run(tx, &statement).await?;
    }
    Ok(())
}

fn distinct(
    group: &[&dyn AnyRebuilder],
    of: impl Fn(&dyn AnyRebuilder) -> &'static [&'static str],
) -> Vec<&'static str> {
    let mut tables: Vec<_> = group.iter().flat_map(|it| of(*it).iter().copied()).collect();
    tables.sort_unstable();
    tables.dedup();
    tables
}

async fn refuse_hindrances(tx: &Tx, table: &str, group: &[&str]) -> Result<(), StoreError> {
    let found = texts(&tx.query(HINDRANCES, &[&format!("public.{table}"), &group]).await?)?;
    match found.first() {
        Some(what) => Err(StoreError::internal(format!(
            "table {table} cannot be exchanged: {what} is in the way"
        ))),
        None => Ok(()),
    }
}

fn texts(rows: &[Row]) -> Result<Vec<String>, StoreError> {
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

async fn run(tx: &Tx, sql: &str) -> Result<(), StoreError> {
    Ok(tx.client().batch_execute(sql).await?)
}

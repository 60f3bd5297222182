//! Migrations: plain numbered SQL, forward only, each applied once.

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use tokio_postgres::Client;

use crate::database::relay_role;
use crate::rebuild;

/// One file of SQL. Use [`migrations!`](crate::migrations) to embed them.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The file's name, such as `0001_case_list.sql`.
    pub name: &'static str,
    pub sql: &'static str,
}

/// Embeds files of the crate's `migrations` folder, in the order given.
#[macro_export]
macro_rules! migrations {
    ($($file:literal),* $(,)?) => {
        &[$($crate::Migration {
            name: $file,
            sql: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $file)),
        }),*]
    };
}

/// The store's own, applied before the service's.
pub const OWN_MIGRATIONS: &[Migration] =
    migrations!["0001_log.sql", "0002_relay_role.sql", "0003_proof.sql"];

/// Held while migrating, so that two processes do not migrate at once.
const LOCK: i64 = 0x616d_7061_726f_0001;

/// Applies what is missing of the store's and the service's migrations, in one transaction,
/// as the role that owns the database, and grants the runtime role what it needs.
pub async fn migrate(
    client: &mut Client,
    runtime: &str,
    migrations: &[Migration],
) -> anyhow::Result<()> {
    let tx = client.transaction().await?;
    tx.execute("select pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    tx.batch_execute(
        "create table if not exists migration (scope text, name text, checksum bytea not null, \
         applied_at timestamptz not null default now(), primary key (scope, name))",
    )
    .await?;
    for (scope, list) in [("kit", OWN_MIGRATIONS), ("service", migrations)] {
        for migration in list {
            apply(&tx, scope, migration).await?;
        }
    }
    clear_unfinished_rebuild(&tx).await?;
    let_relay_read(&tx, &relay_role(runtime)).await?;
    refuse_younger_server(&tx).await?;
    // The history is only ever added to: not even the service itself can change it.
    tx.batch_execute(&format!(
        "grant usage on schema public to {runtime}; \
         grant select, insert, update, delete on all tables in schema public to {runtime}; \
         grant usage, select on all sequences in schema public to {runtime}; \
         revoke update, delete on event, attestation from {runtime}; \
         revoke insert, update, delete on migration from {runtime}"
    ))
    .await?;
    Ok(tx.commit().await?)
}

/// What a rebuild that was broken off left behind goes, unless one is under way.
async fn clear_unfinished_rebuild(tx: &tokio_postgres::Transaction<'_>) -> anyhow::Result<()> {
    let free = "select pg_try_advisory_xact_lock($1)";
    if tx.query_one(free, &[&rebuild::LOCK]).await?.get(0) {
        let sql = format!("drop schema if exists {} cascade", rebuild::SCHEMA);
        tx.batch_execute(&sql).await?;
    }
    Ok(())
}

/// The relay reads the whole log, sealed as it is, and writes nothing; the owner does when it
/// rebuilds and verifies.
async fn let_relay_read(tx: &tokio_postgres::Transaction<'_>, relay: &str) -> anyhow::Result<()> {
    if tx.query_opt("select from pg_roles where rolname = $1", &[&relay]).await?.is_none() {
        bail!("the role {relay} is missing: it reads the log for the relay; make it, with login");
    }
    let there = "select from pg_policies where schemaname = 'public' and tablename = 'event' \
         and policyname = 'relay'";
    if tx.query_opt(there, &[]).await?.is_none() {
        let sql = format!(
            "create policy relay on event for select to {relay}, current_user using (true)"
        );
        tx.batch_execute(&sql).await?;
    }
    let sql = format!("grant usage on schema public to {relay}; grant select on event to {relay}");
    Ok(tx.batch_execute(&sql).await?)
}

/// A dump that was loaded into another server brings transaction ids from the future: new
/// events would come before old ones, and consumers would pass them over. Others may have written
/// since this transaction got its own number, so that it is the next one that is compared.
async fn refuse_younger_server(tx: &tokio_postgres::Transaction<'_>) -> anyhow::Result<()> {
    let sql = "select coalesce(max(transaction) >= pg_snapshot_xmax(pg_current_snapshot()), false) \
         from event";
    if tx.query_one(sql, &[]).await?.get(0) {
        bail!(
            "the history is younger than this Postgres server: it was restored from a dump. \
             Stop the server, raise its transaction counter (pg_resetwal --epoch), start again"
        );
    }
    Ok(())
}

async fn apply(
    tx: &tokio_postgres::Transaction<'_>,
    scope: &str,
    migration: &Migration,
) -> anyhow::Result<()> {
    let name = migration.name;
    let checksum = Sha256::digest(migration.sql).to_vec();
    let sql = "select checksum from migration where scope = $1 and name = $2";
    if let Some(row) = tx.query_opt(sql, &[&scope, &name]).await? {
        if row.get::<_, Vec<u8>>(0) != checksum {
            bail!("migration {name} was changed after it was applied");
        }
        return Ok(());
    }
    tx.batch_execute(migration.sql).await.with_context(|| format!("migration {name}"))?;
    let sql = "insert into migration (scope, name, checksum) values ($1, $2, $3)";
    tx.execute(sql, &[&scope, &name, &checksum]).await?;
    Ok(())
}

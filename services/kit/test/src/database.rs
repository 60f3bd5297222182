//! A database per test, copied from a template that was migrated once.

use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context;
use deadpool_postgres::Pool;
use kit_store::{Database, Log, Migration, StoreBuilder, connect};
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, Config, NoTls};

use crate::{TestKeys, servers};

/// One test's own database of one service. Removed when dropped.
pub struct TestDb {
    database: Database,
    admin: Config,
    url: String,
    keys: TestKeys,
    removed: bool,
}

/// A lock that keeps two test processes from making the same template.
const LOCK: i64 = 0x616d_7061_726f_0002;

impl TestDb {
    /// A fresh, migrated, empty database for `service`, with keys of its own.
    pub async fn new(service: &str, migrations: &[Migration]) -> Self {
        Self::try_new(service, migrations).await.expect("a test database")
    }

    async fn try_new(service: &str, migrations: &[Migration]) -> anyhow::Result<Self> {
        let url = tokio::task::spawn_blocking(servers::postgres_url).await??;
        let admin = Config::from_str(&url)?;
        let client = patient(&admin).await?;
        let template = template(&client, &url, service, migrations).await?;
        let mut database = Database::of(service);
        database.name = fresh_name(service);
        copy(&client, &template, &database).await?;
        Ok(Self { database, admin, url, keys: TestKeys::new(), removed: false })
    }

    /// A store builder over this database, as the service's runtime role.
    pub fn store(&self) -> StoreBuilder {
        StoreBuilder::new(self.pool(), self.keys.cache())
    }

    /// A pool as the runtime role, of one connection: whoever holds it and asks for another waits in
    /// vain, here as under load.
    pub fn pool(&self) -> Pool {
        connect(&self.runtime().into(), 1).expect("a pool")
    }

    /// The test's own keyring.
    pub fn keys(&self) -> &TestKeys {
        &self.keys
    }

    /// The address for the runtime role, as settings take it.
    pub fn runtime_url(&self) -> String {
        self.url_for(&self.database.runtime)
    }

    /// The address for the role that owns the tables.
    pub fn owner_url(&self) -> String {
        self.url_for(&self.database.owner)
    }

    /// The same, for what takes it parsed.
    pub fn owner(&self) -> Config {
        self.owner_url().parse().expect("made here")
    }

    /// The name of the service's role.
    pub fn runtime_role(&self) -> &str {
        &self.database.runtime
    }

    /// The log across tenants, as the relay reads it.
    pub fn log(&self) -> Log {
        Log::connect(&self.runtime().into()).expect("a pool")
    }

    /// A connection that may do anything: to damage what a test wants damaged.
    pub async fn admin(&self) -> Client {
        let mut config = self.admin.clone();
        config.dbname(&self.database.name);
        dial(&config).await.expect("a connection")
    }

    fn runtime(&self) -> Config {
        self.database.runtime_config(&self.url, None).expect("checked before")
    }

    fn url_for(&self, role: &str) -> String {
        let tokio_postgres::config::Host::Tcp(host) = &self.admin.get_hosts()[0] else {
            panic!("tests reach Postgres by TCP");
        };
        let port = self.admin.get_ports().first().copied().unwrap_or(5432);
        format!("postgres://{role}@{host}:{port}/{}", self.database.name)
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if std::mem::replace(&mut self.removed, true) {
            return;
        }
        let (admin, name) = (self.admin.clone(), self.database.name.clone());
        // Its own thread and runtime: the test's may be ending.
        let remove = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async move {
                if let Ok(client) = dial(&admin).await {
                    let sql = format!("drop database if exists {name} with (force)");
                    let _ = client.batch_execute(&sql).await;
                }
            });
        });
        let _ = remove.join();
    }
}

async fn dial(config: &Config) -> anyhow::Result<Client> {
    let (client, connection) = config.connect(NoTls).await.context("connecting to Postgres")?;
    tokio::spawn(connection);
    Ok(client)
}

/// A server that was just started may still say no.
async fn patient(config: &Config) -> anyhow::Result<Client> {
    for _ in 0..200 {
        if let Ok(client) = dial(config).await {
            return Ok(client);
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    dial(config).await
}

/// The migrated template of a service; made once for the same SQL.
async fn template(
    client: &Client,
    url: &str,
    service: &str,
    migrations: &[Migration],
) -> anyhow::Result<String> {
    let mut digest = Sha256::new();
    for migration in kit_store::OWN_MIGRATIONS.iter().chain(migrations) {
        digest.update(migration.name);
        digest.update(migration.sql);
    }
    let mut short = [0; 8];
    short.copy_from_slice(&digest.finalize()[..8]);
    let name = format!("amparo_template_{service}_{:016x}", u64::from_be_bytes(short));
    let ready = "select from pg_database where datname = $1 and datistemplate";
    if client.query_opt(ready, &[&name]).await?.is_some() {
        return Ok(name);
    }
    client.execute("select pg_advisory_lock($1)", &[&LOCK]).await?;
    if client.query_opt(ready, &[&name]).await?.is_none() {
        // What an interrupted run left behind is not trusted.
        client.batch_execute(&format!("drop database if exists {name}")).await?;
        let mut database = Database::of(service);
        database.name.clone_from(&name);
        database.provision(url, None, migrations).await?;
        client.batch_execute(&format!("alter database {name} is_template true")).await?;
        sweep(client).await?;
    }
    client.execute("select pg_advisory_unlock($1)", &[&LOCK]).await?;
    Ok(name)
}

async fn copy(client: &Client, template: &str, database: &Database) -> anyhow::Result<()> {
    let Database { name, owner, runtime, relay } = database;
    let sql = format!("create database {name} template {template} owner {owner}");
    for attempt in 0.. {
        match client.batch_execute(&sql).await {
            Ok(()) => break,
            // The migrating connection is still closing.
            Err(error) if attempt < 100 && error.code().is_some_and(|it| it.code() == "55006") => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    client
        .batch_execute(&format!("grant connect on database {name} to {runtime}, {relay}"))
        .await?;
    Ok(())
}

fn fresh_name(service: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("amparo_test_{service}_{}_{next}", std::process::id())
}

/// Drops what test processes left that are no more.
async fn sweep(client: &Client) -> anyhow::Result<()> {
    let sql = "select datname::text from pg_database where datname like 'amparo\\_test\\_%'";
    for row in client.query(sql, &[]).await? {
        let name: String = row.get(0);
        let process = name.rsplit('_').nth(1).and_then(|pid| pid.parse::<u32>().ok());
        let gone =
            process.is_some_and(|pid| !std::path::Path::new(&format!("/proc/{pid}")).exists());
        if gone {
            client.batch_execute(&format!("drop database if exists {name} with (force)")).await?;
        }
    }
    Ok(())
}

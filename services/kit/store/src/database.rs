//! A service's database: its roles, its creation, the connections to it.

use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::{Client, Config};

use crate::{Address, Migration, migrate, tls};

/// One service's database and the roles that touch it: `amparo_owner` owns and migrates,
/// `amparo_<service>` runs, owns nothing and cannot bypass row-level security,
/// `amparo_<service>_relay` reads the sealed log of all tenants and nothing else.
#[derive(Debug, Clone)]
pub struct Database {
    pub name: String,
    pub owner: String,
    pub runtime: String,
    pub relay: String,
}

/// The role that reads the log beside this runtime role.
pub(crate) fn relay_role(runtime: &str) -> String {
    format!("{runtime}_relay")
}

impl Database {
    pub fn of(service: &str) -> Self {
        Self {
            name: format!("amparo_{service}"),
            owner: "amparo_owner".to_owned(),
            runtime: format!("amparo_{service}"),
            relay: relay_role(&format!("amparo_{service}")),
        }
    }

    /// Creates roles and database where they are missing, then migrates. For the embedded
    /// mode and tests: `admin_url` is a superuser's. Roles get `password` where one is given.
    pub async fn provision(
        &self,
        admin_url: &str,
        password: Option<&str>,
        migrations: &[Migration],
    ) -> anyhow::Result<()> {
        let admin = Config::from_str(admin_url).context("the Postgres address is not valid")?;
        let client = client(&admin).await?;
        self.create_roles(&client, password).await?;
        self.create_database(&client).await?;
        let mut here = admin.clone();
        here.dbname(&self.name);
        let mut client = self::client(&here).await?;
        client.batch_execute(&format!("set role {}", self.owner)).await?;
        migrate(&mut client, &self.runtime, migrations).await
    }

    async fn create_roles(&self, client: &Client, password: Option<&str>) -> anyhow::Result<()> {
        for role in [&self.owner, &self.runtime, &self.relay] {
            client
                .batch_execute(&format!(
                    "do $$ begin create role {role} login nosuperuser nobypassrls nocreatedb \
                     nocreaterole; exception when duplicate_object or unique_violation then null; \
                     end $$"
                ))
                .await?;
            if let Some(password) = password {
                let password = password.replace('\'', "''");
                let sql = format!("alter role {role} password '{password}'");
                client.batch_execute(&sql).await.context("setting a role's password")?;
            }
        }
        Ok(())
    }

    async fn create_database(&self, client: &Client) -> anyhow::Result<()> {
        let sql = "select from pg_database where datname = $1";
        if client.query_opt(sql, &[&self.name]).await?.is_none() {
            let (name, owner) = (&self.name, &self.owner);
            client.batch_execute(&format!("create database {name} owner {owner}")).await?;
            client.batch_execute(&format!("revoke connect on database {name} from public")).await?;
        }
        // Also where the database was made before there was a role for the relay.
        let Self { name, runtime, relay, .. } = self;
        let sql = format!("grant connect on database {name} to {runtime}, {relay}");
        Ok(client.batch_execute(&sql).await?)
    }

    /// The address of this database for its runtime role, on the server of `url`.
    pub fn runtime_config(&self, url: &str, password: Option<&str>) -> anyhow::Result<Config> {
        let mut config = Config::from_str(url).context("the Postgres address is not valid")?;
        config.dbname(&self.name).user(&self.runtime);
        if let Some(password) = password {
            config.password(password);
        }
        Ok(config)
    }
}

/// How long a connection of a pool is used: then it is made anew, by the address of the day.
const LIFETIME: Duration = Duration::from_mins(20);
/// How long one is kept that nobody uses.
const IDLE: Duration = Duration::from_mins(5);

/// A pool of at most `size` connections. Connects when first used.
pub fn connect(address: &Address, size: usize) -> anyhow::Result<Pool> {
    connect_with(
        address,
        size,
        "-c statement_timeout=60s -c idle_in_transaction_session_timeout=60s",
    )
}

/// As [`connect`], with other options than those of a service.
pub(crate) fn connect_with(address: &Address, size: usize, options: &str) -> anyhow::Result<Pool> {
    // Outside a tenant's transaction the tenant is one that nobody has.
    let options = format!("{options} -c timezone=UTC -c amparo.tenant={}", uuid::Uuid::nil());
    let address = address.clone().with(move |config| {
        if config.get_application_name().is_none() {
            config.application_name("amparo");
        }
        config.connect_timeout(Duration::from_secs(5)).options(&options);
    });
    let connector = tls::Connector::try_new(address)?;
    let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_connect(Config::new(), connector, manager);
    let wait = Some(Duration::from_secs(10));
    Pool::builder(manager)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(wait)
        .create_timeout(wait)
        .pre_recycle(Hook::sync_fn(|_, metrics| {
            let old = metrics.age() > LIFETIME || metrics.last_used() > IDLE;
            if old { Err(HookError::message("it has served its time")) } else { Ok(()) }
        }))
        .build()
        .context("building the connection pool")
}

/// One connection outside any pool, driven by a task until it is dropped.
pub(crate) async fn client(config: &Config) -> anyhow::Result<Client> {
    let (client, connection) = tls::dial(&config.clone().into()).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "a Postgres connection ended");
        }
    });
    Ok(client)
}

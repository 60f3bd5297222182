//! `amparo migrate`: forward only, safe beside the previous version.

use anyhow::{Context as _, Result};
use clap::Args;
use kit_serve::{Platform, Service};
use kit_store::{Address, Database, Migration};

/// Brings the databases to the shape that this version needs.
#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    platform: Platform,
}

/// The SQL of one service; the gateway keeps nothing.
pub fn migrations(service: Service) -> Option<&'static [Migration]> {
    match service {
        Service::Keyring => Some(keyring::MIGRATIONS),
        Service::Identity => Some(identity::MIGRATIONS),
        Service::Configuration => Some(configuration::MIGRATIONS),
        Service::Cases => Some(cases::MIGRATIONS),
        Service::Incidents => Some(incidents::MIGRATIONS),
        Service::Tracing => Some(family_tracing::MIGRATIONS),
        Service::Reporting => Some(reporting::MIGRATIONS),
        Service::Gateway => None,
    }
}

impl Migrate {
    /// Migrates given databases as the roles that own them.
    pub async fn run(self) -> Result<()> {
        trust(&self.platform)?;
        for service in Service::ALL {
            let Some(migrations) = migrations(service) else { continue };
            let url = self.platform.postgres.owner_url(service)?;
            migrate(service, url.reveal(), migrations)
                .await
                .with_context(|| format!("database of {service}"))?;
            println!("{service}: up to date");
        }
        Ok(())
    }
}

/// Trusts the authority of the Postgres that is connected to over TLS.
pub fn trust(platform: &Platform) -> Result<()> {
    match &platform.postgres.postgres_ca_file {
        Some(file) => kit_store::trust(file).context("--postgres-ca-file"),
        None => Ok(()),
    }
}

async fn migrate(service: Service, url: &str, migrations: &[Migration]) -> Result<()> {
    let address: Address = url.parse().ok().context("the Postgres address is not valid")?;
    let (mut client, connection) = kit_store::dial(&address).await?;
    let driver = tokio::spawn(connection);
    kit_store::migrate(&mut client, &Database::of(service.name()).runtime, migrations).await?;
    drop(client);
    driver.await?.context("Postgres")
}

/// Makes and migrates all databases of a private Postgres, as its superuser.
pub async fn provision_all(superuser_url: &str, password: &str) -> Result<()> {
    for service in Service::ALL {
        let Some(migrations) = migrations(service) else { continue };
        Database::of(service.name())
            .provision(superuser_url, Some(password), migrations)
            .await
            .with_context(|| format!("database of {service}"))?;
    }
    Ok(())
}

/// Addresses on a Postgres that [`provision_all`] prepared: with the runtime roles, and with
/// the owners'.
pub fn addresses(host: &str, password: &str) -> (String, String) {
    let database = Database::of("{service}");
    let address = |role: &str| format!("postgres://{role}:{password}@{host}/{}", database.name);
    (address(&database.runtime), address(&database.owner))
}

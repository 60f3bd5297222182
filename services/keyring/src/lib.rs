//! The keyring: whether a record can still be read.
//!
//! It knows keys, never what they seal, and nothing of cases, people or forms.

mod grpc;
mod local;
mod memory;
mod postgres;
mod ring;
mod root;
pub mod settings;
mod vault;

use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context;
use kit_proto::keyring::v1::keyring_server::KeyringServer;
use kit_serve::{MAX_REPLY, MAX_REQUEST, Server, Shared, Shutdown};

pub use local::LocalKeys;
pub use memory::MemoryVault;
pub use postgres::PostgresVault;
pub use ring::{Keyring, KeyringError, MOST};
pub use root::{LocalRoot, RootKey};
pub use settings::Settings;
pub use vault::{DataKeyRow, TenantKeyRow, Vault};

/// This service's tables.
pub const MIGRATIONS: &[kit_store::Migration] = kit_store::migrations!["0001_keys.sql"];

/// Serves the keyring until told to stop.
pub async fn run(settings: Settings, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let root = settings.root()?;
    let url = shared.postgres_url()?;
    let config = tokio_postgres::Config::from_str(url.reveal())
        .ok()
        .context("the Postgres address is not valid")?;
    let pool = kit_store::connect(&config, shared.platform.postgres.postgres_pool)?;
    let watched = pool.clone();
    shared.health.watch("postgres", move || {
        let pool = watched.clone();
        async move {
            let Ok(client) = pool.get().await else { return false };
            client.simple_query("select").await.is_ok()
        }
    });
    let keyring = Arc::new(Keyring::new(Arc::new(root), Arc::new(PostgresVault::new(pool))));
    let grpc = KeyringServer::new(grpc::Grpc::new(keyring, shared.ids.clone()))
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY);
    Server::try_new(&shared)?.add(grpc, grpc::ACCESS)?.serve(shutdown).await
}

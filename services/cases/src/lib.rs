//! The cases service: everything about a case. README.md is the map.

mod answer;
pub mod catalogs;
mod commands;
mod filter_sql;
mod grpc;
pub mod people;
mod projections;
mod queries;
mod refusals;
mod remote;
mod service;
pub mod settings;
mod shallow;
mod sql;
mod stored;
mod terms;

use std::sync::Arc;

use kit_keys::RemoteKeys;
use kit_proto::cases::v1::cases_server::CasesServer;
use kit_serve::{MAX_REPLY, MAX_REQUEST, Server, Shared, Shutdown};
use kit_store::{KeyCache, Migration, Store, StoreBuilder, connect};
use tokio_postgres::Config;

use crate::catalogs::{CatalogSource, Catalogs};
use crate::people::{People, PeopleSource};
use crate::projections::CaseRow;
use crate::remote::Remote;
use crate::service::Cases;
use crate::settings::Settings;

/// This service's tables.
pub const MIGRATIONS: &[Migration] =
    kit_store::migrations!["0001_case_row.sql", "0002_directory.sql"];

/// The store with its read models, for `run` and for the operator's commands.
pub async fn open(_: &Settings, shared: &Shared) -> anyhow::Result<Store> {
    let remote: Arc<dyn CatalogSource> = Arc::new(Remote(shared.clone()));
    store(shared, Arc::new(Catalogs::new(remote)))
}

fn store(shared: &Shared, catalogs: Arc<Catalogs>) -> anyhow::Result<Store> {
    let config: Config = shared.postgres_url()?.reveal().parse()?;
    let pool = connect(&config, shared.platform.postgres.postgres_pool)?;
    let keys: Arc<KeyCache> = RemoteKeys::cached(shared);
    let row = CaseRow::new(catalogs, Arc::clone(&keys));
    Ok(StoreBuilder::new(pool, keys).projection(row).build())
}

/// Serves until told to stop.
pub async fn run(_: Settings, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let remote = Arc::new(Remote(shared.clone()));
    let source: Arc<dyn CatalogSource> = remote.clone();
    let people: Arc<dyn PeopleSource> = remote;
    let catalogs = Arc::new(Catalogs::new(source));
    let store = store(&shared, Arc::clone(&catalogs))?;
    let cases = Cases {
        store: store.clone(),
        catalogs,
        people: Arc::new(People::new(people)),
        clock: shared.clock.clone(),
        ids: shared.ids.clone(),
    };
    let server = CasesServer::new(cases)
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY);
    Server::try_new(&shared)?.add(server, grpc::ACCESS)?.serve(shutdown).await
}

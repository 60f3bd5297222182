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

use deadpool_postgres::Pool;
use kit_shell::RemoteKeys;
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

/// What cases stands on; tests bring their own.
#[derive(Clone)]
pub struct Parts {
    pub pool: Pool,
    pub keys: Arc<KeyCache>,
    pub catalogs: Arc<dyn CatalogSource>,
    pub people: Arc<dyn PeopleSource>,
}

impl Parts {
    /// This service's database, and the other services by gRPC.
    fn of(shared: &Shared) -> anyhow::Result<Self> {
        let config: Config = shared.postgres_url()?.reveal().parse()?;
        let remote = Arc::new(Remote(shared.clone()));
        Ok(Self {
            pool: connect(&config, shared.platform.postgres.postgres_pool)?,
            keys: RemoteKeys::cached(shared),
            catalogs: remote.clone(),
            people: remote,
        })
    }

    fn store(&self, catalogs: &Arc<Catalogs>) -> Store {
        let row = CaseRow::new(Arc::clone(catalogs), Arc::clone(&self.keys));
        StoreBuilder::new(self.pool.clone(), Arc::clone(&self.keys)).projection(row).build()
    }
}

/// The store with its read models, for the operator's commands.
#[expect(clippy::unused_async, reason = "every service opens its store in this shape")]
pub async fn open(_: &Settings, shared: &Shared) -> anyhow::Result<Store> {
    let parts = Parts::of(shared)?;
    let catalogs = Arc::new(Catalogs::new(Arc::clone(&parts.catalogs)));
    Ok(parts.store(&catalogs))
}

/// Serves until told to stop.
pub async fn run(_: Settings, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let parts = Parts::of(&shared)?;
    serve(parts, shared, shutdown).await
}

/// [`run`], on given parts.
pub async fn serve(parts: Parts, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let catalogs = Arc::new(Catalogs::new(Arc::clone(&parts.catalogs)));
    let store = parts.store(&catalogs);
    let cases = Cases {
        store,
        catalogs,
        people: Arc::new(People::new(parts.people)),
        clock: shared.clock.clone(),
        ids: shared.ids.clone(),
    };
    let server = CasesServer::new(cases)
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY);
    Server::try_new(&shared)?.add(server, grpc::ACCESS)?.serve(shutdown).await
}

//! What a record looks like: modules, forms, lookups, places, settings and snapshots of them.
//!
//! The imperative shell of `configuration-domain`: decides nothing, reads no other service's tables.

mod app;
mod apply;
mod configurations;
mod contact;
mod documents;
mod facts;
mod forms;
mod forms_export;
mod given;
mod grpc;
mod import;
mod install;
mod location_file;
mod locations;
mod lookups;
mod modules;
mod organisation;
mod params;
mod pending;
mod projections;
mod queries;
mod refusals;
pub mod settings;
mod standard;
mod system;
mod workbook;
mod workspace;

use std::sync::Arc;

use configuration_domain::{Form, Lookup, Module, Place, Report, Snapshot};
use kit_bus::{Relay, RelayBuilder};
use kit_proto::configuration::v1::configuration_server::ConfigurationServer;
use kit_serve::{MAX_REPLY, MAX_REQUEST, Server, Shared, Shutdown};
use kit_store::{Migration, Store, StoreBuilder, migrations};

pub use app::App;
pub use documents::Organisation;
pub use organisation::{Answer, Identity, OrganisationPart, OrganisationPort, OrganisationProblem};

/// The tables of this service, in order.
pub const MIGRATIONS: &[Migration] = migrations!["0001_configuration.sql"];

/// The store with this service's read models.
pub fn store(builder: StoreBuilder) -> Store {
    builder
        .projection::<Form, _>(projections::Objects::new())
        .projection::<Lookup, _>(projections::Objects::new())
        .projection::<Module, _>(projections::Objects::new())
        .projection::<Report, _>(projections::Objects::new())
        .projection::<configuration_domain::Settings, _>(projections::Objects::new())
        .projection::<Place, _>(projections::Places)
        .projection::<Snapshot, _>(projections::Snapshots)
        .build()
}

/// The store with its read models, for the operator's commands.
#[expect(clippy::unused_async, reason = "every service opens its store in this shape")]
pub async fn open(_: &settings::Settings, shared: &Shared) -> anyhow::Result<Store> {
    Ok(store(kit_shell::store(shared)?))
}

/// The relay with this service's facts.
pub fn relay(builder: RelayBuilder) -> Arc<Relay> {
    builder
        .facts::<Form>(facts::Public)
        .facts::<Lookup>(facts::Public)
        .facts::<Module>(facts::Public)
        .facts::<configuration_domain::Settings>(facts::Public)
        .facts::<Place>(facts::Public)
        .build()
}

/// Serves until told to stop.
pub async fn run(
    settings: settings::Settings,
    shared: Shared,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let settings::Settings {} = settings;
    let store = store(kit_shell::store(&shared)?);
    let bus = kit_shell::bus(&shared).await?;
    let relay = relay(kit_shell::relay(&shared, &store, &bus)?);
    kit_shell::run_relay(&shared, relay, &shutdown);
    let identity = Arc::new(Identity::new(shared.clone()));
    let app = App::new(store, identity, shared.clock.clone(), shared.ids.clone());
    serve(app, &shared, shutdown).await
}

/// Serves an app that stands on ports of the caller's choice.
pub async fn serve(app: App, shared: &Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    tokio::spawn(pending::follow_pending(app.clone(), shutdown.clone()));
    let takeout = kit_shell::takeout(&app.store, &[]);
    let service = ConfigurationServer::new(grpc::Grpc::new(app))
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY);
    let server = Server::try_new(shared)?.add(service, grpc::ACCESS)?;
    server.add(takeout, kit_shell::TAKEOUT_ACCESS)?.serve(shutdown).await
}

//! The reporting service: read models from the facts of others; it decides nothing.
//!
//! It keeps the audit log, which also answers who saw or changed a record, and the counts of
//! dashboards.

pub mod boards;
mod erased;
mod grpc;
mod inbox;
mod parameters;
pub mod people;
mod queries;
mod reading;
pub mod settings;

use std::sync::Arc;

use kit_bus::Bus;
use kit_cabinet::catalogs::{CatalogSource, Catalogs};
use kit_proto::reporting::v1::reporting_server::ReportingServer;
use kit_serve::{MAX_REPLY, MAX_REQUEST, Server, Shared, Shutdown};
use kit_store::{Migration, Store, StoreBuilder};

use crate::boards::inbox::{CaseBoards, IncidentBoards, PeopleBoards, PlaceBoards, Reader};
use crate::grpc::Reporting;
use crate::inbox::GatewayFacts;
use crate::people::{PeopleSource, Remote};
use crate::reading::Watch;
use crate::settings::Settings;

/// This service's tables.
pub const MIGRATIONS: &[Migration] = kit_store::migrations![
    "0001_audit_entry.sql",
    "0002_reading.sql",
    "0003_activity.sql",
    "0004_boards.sql",
    "0005_erased.sql",
    "0006_before.sql",
];

/// What no other service could tell again.
const KEPT_HERE_ALONE: [&str; 2] = ["audit_entry", "reading_alarm"];

/// What reporting stands on; tests bring their own.
pub struct Parts {
    pub store: StoreBuilder,
    pub people: Arc<dyn PeopleSource>,
    /// What the forms of records are.
    pub catalogs: Arc<dyn CatalogSource>,
}

/// The store, for the operator's commands.
#[expect(clippy::unused_async, reason = "every service opens its store in this shape")]
pub async fn open(_: &Settings, shared: &Shared) -> anyhow::Result<Store> {
    Ok(kit_shell::store(shared)?.build())
}

/// Serves until told to stop.
pub async fn run(_: Settings, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let people = Arc::new(Remote(shared.clone()));
    let catalogs = kit_cabinet::remote_catalogs(&shared);
    serve(Parts { store: kit_shell::store(&shared)?, people, catalogs }, shared, shutdown).await
}

/// [`run`], on given parts.
pub async fn serve(parts: Parts, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let store = parts.store.build();
    let bus = kit_shell::bus(&shared).await?;
    let (watch, readers) = Watch::new(&shared, &store, &bus);
    tokio::spawn(watch.run(shutdown.clone()));
    kit_shell::consume(&shared, &store, &bus, GatewayFacts { readers }, &shutdown)?;
    let catalogs = Arc::new(Catalogs::new(parts.catalogs));
    keep_boards(&shared, &store, &bus, &catalogs, &shutdown)?;
    // The gateway, which has no history, leaves its facts to whoever reads them.
    let sources = vec!["gateway".to_owned(), "reporting".to_owned()];
    let belongings = kit_shell::Belongings { store: store.clone(), bus, sources, relay: None };
    tokio::spawn(kit_shell::forget_ended(shared.clone(), belongings, shutdown.clone()));
    let takeout = kit_shell::takeout(&store, &KEPT_HERE_ALONE);
    let (people, clock) = (parts.people, shared.clock.clone());
    let server = ReportingServer::new(Reporting { store, people, catalogs, clock })
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY);
    let server = Server::try_new(&shared)?.add(server, grpc::ACCESS)?;
    server.add(takeout, kit_shell::TAKEOUT_ACCESS)?.serve(shutdown).await
}

/// Takes in what dashboards are counted from.
fn keep_boards(
    shared: &Shared,
    store: &Store,
    bus: &Bus,
    catalogs: &Arc<Catalogs>,
    shutdown: &Shutdown,
) -> anyhow::Result<()> {
    let reader = Reader { catalogs: Arc::clone(catalogs), keys: Arc::clone(store.keys()) };
    kit_shell::consume(shared, store, bus, CaseBoards(reader.clone()), shutdown)?;
    kit_shell::consume(shared, store, bus, IncidentBoards(reader), shutdown)?;
    kit_shell::consume(shared, store, bus, PeopleBoards, shutdown)?;
    kit_shell::consume(shared, store, bus, PlaceBoards(Arc::clone(catalogs)), shutdown)?;
    Ok(())
}

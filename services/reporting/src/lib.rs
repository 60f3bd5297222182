//! The reporting service: read models from the facts of others; it decides nothing.
//!
//! So far it keeps the audit log, which also answers who saw or changed a record.

mod erased;
mod grpc;
mod inbox;
mod parameters;
pub mod people;
mod queries;
mod reading;
pub mod settings;

use std::sync::Arc;

use kit_proto::reporting::v1::reporting_server::ReportingServer;
use kit_serve::{MAX_REPLY, MAX_REQUEST, Server, Shared, Shutdown};
use kit_store::{Migration, Store, StoreBuilder};

use crate::erased::CasesFacts;
use crate::grpc::Reporting;
use crate::inbox::GatewayFacts;
use crate::people::{PeopleSource, Remote};
use crate::reading::Watch;
use crate::settings::Settings;

/// This service's tables.
pub const MIGRATIONS: &[Migration] =
    kit_store::migrations!["0001_audit_entry.sql", "0002_reading.sql", "0003_activity.sql"];

/// What reporting stands on; tests bring their own.
pub struct Parts {
    pub store: StoreBuilder,
    pub people: Arc<dyn PeopleSource>,
}

/// The store, for the operator's commands.
#[expect(clippy::unused_async, reason = "every service opens its store in this shape")]
pub async fn open(_: &Settings, shared: &Shared) -> anyhow::Result<Store> {
    Ok(kit_shell::store(shared)?.build())
}

/// Serves until told to stop.
pub async fn run(_: Settings, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let people = Arc::new(Remote(shared.clone()));
    serve(Parts { store: kit_shell::store(&shared)?, people }, shared, shutdown).await
}

/// [`run`], on given parts.
pub async fn serve(parts: Parts, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let store = parts.store.build();
    let bus = kit_shell::bus(&shared).await?;
    let (watch, readers) = Watch::new(&shared, &store, &bus);
    tokio::spawn(watch.run(shutdown.clone()));
    kit_shell::consume(&shared, &store, &bus, GatewayFacts { readers }, &shutdown)?;
    kit_shell::consume(&shared, &store, &bus, CasesFacts, &shutdown)?;
    let server = ReportingServer::new(Reporting { store, people: parts.people })
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY);
    Server::try_new(&shared)?.add(server, grpc::ACCESS)?.serve(shutdown).await
}

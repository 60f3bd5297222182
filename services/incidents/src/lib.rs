//! The incidents service: everything about an incident. README.md is the map.

pub mod cases;
mod drawer;
mod grpc;
mod inbox;
mod of_case;
mod projection;
pub mod settings;
mod told;

use std::sync::Arc;

use incidents_domain::IncidentKind;
use kit_cabinet::{Cabinet, House, Office, ServiceName};
use kit_proto::incidents::v1::incidents_server::IncidentsServer;
use kit_serve::{MAX_REPLY, MAX_REQUEST, Shared, Shutdown};
use kit_store::{Migration, Store};

pub use kit_cabinet::{Parts, catalogs, erasures, people};

use crate::cases::{CaseSource, RemoteCases};
use crate::drawer::IncidentDrawer;
use crate::inbox::CaseFacts;
use crate::projection::IncidentOfCase;
use crate::settings::Settings;

/// This service's tables.
pub const MIGRATIONS: &[Migration] = &[
    kit_cabinet::FOUNDATION,
    kit_cabinet::RECORD_TABLES,
    Migration {
        name: "0003_incident_tables.sql",
        sql: include_str!("../migrations/0003_incident_tables.sql"),
    },
    kit_cabinet::FLAG_TABLE,
    Migration { name: "0005_flags.sql", sql: include_str!("../migrations/0005_flags.sql") },
    Migration {
        name: "0020_merged_cases.sql",
        sql: include_str!("../migrations/0020_merged_cases.sql"),
    },
    kit_cabinet::CONFLICT_TABLE,
    Migration { name: "0031_conflicts.sql", sql: include_str!("../migrations/0031_conflicts.sql") },
    kit_cabinet::ALERT_TABLE,
    Migration { name: "0041_alerts.sql", sql: include_str!("../migrations/0041_alerts.sql") },
];

/// The name under which it hears and tells.
pub(crate) struct Service;

impl ServiceName for Service {
    const NAME: &'static str = "incidents";
}

/// The service at work, beyond what all record types share.
#[derive(Clone)]
pub(crate) struct Incidents {
    pub office: Office,
    pub cases: Arc<dyn CaseSource>,
}

/// What is kept here.
fn house(mut parts: Parts, cases: Arc<dyn CaseSource>) -> House<Service> {
    parts.store = parts.store.projection(IncidentOfCase);
    House::new(parts).keep_as::<IncidentKind, _>(|office| IncidentDrawer {
        cabinet: Cabinet::new(office),
        cases,
    })
}

/// The store with its read models, for the operator's commands.
#[expect(clippy::unused_async, reason = "every service opens its store in this shape")]
pub async fn open(_: &Settings, shared: &Shared) -> anyhow::Result<Store> {
    Ok(store(Parts::of(shared)?, Arc::new(RemoteCases(shared.clone()))))
}

/// The store with its read models, on given parts.
pub fn store(parts: Parts, cases: Arc<dyn CaseSource>) -> Store {
    house(parts, cases).store()
}

/// Serves until told to stop.
pub async fn run(_: Settings, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let (parts, cases) = (Parts::of(&shared)?, Arc::new(RemoteCases(shared.clone())));
    serve(parts, cases, shared, shutdown).await
}

/// [`run`], on given parts.
pub async fn serve(
    parts: Parts,
    cases: Arc<dyn CaseSource>,
    shared: Shared,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let open = house(parts, Arc::clone(&cases)).open(&shared, &shutdown).await?;
    let bus = kit_shell::bus(&shared).await?;
    let heard = CaseFacts { office: open.office.clone() };
    kit_shell::consume(&shared, &open.office.store, &bus, heard, &shutdown)?;
    let incidents = Incidents { office: open.office.clone(), cases };
    let server = IncidentsServer::new(incidents)
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY);
    open.server(&shared)?.add(server, grpc::ACCESS)?.serve(shutdown).await
}

//! The cases service: everything about a case. README.md is the map.

mod beside;
mod cases;
mod duplicates;
mod erased;
mod families;
mod grpc;
mod identified;
mod import_cases;
mod incidents;
mod links;
mod merging;
pub mod settings;
mod tasks;
mod upkeep;

use cases_domain::CaseKind;
use cases_domain::families::{FamilyKind, RegistryKind};
use kit_cabinet::{House, ServiceName};
use kit_proto::cases::v1::cases_server::CasesServer;
use kit_serve::{MAX_REPLY, MAX_REQUEST, Shared, Shutdown};
use kit_store::{Migration, Store};

pub use kit_cabinet::{Parts, catalogs, erasures, people};

use crate::beside::Related;
use crate::cases::Cases;
use crate::incidents::IncidentFacts;
use crate::links::LinkedCases;
use crate::settings::Settings;

macro_rules! own {
    ($file:literal) => {
        Migration {
            name: $file,
            sql: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $file)),
        }
    };
}

/// This service's tables.
pub const MIGRATIONS: &[Migration] = &[
    own!("0001_case_row.sql"),
    own!("0002_directory.sql"),
    own!("0003_identified.sql"),
    own!("0004_row_forms.sql"),
    own!("0005_erasure.sql"),
    own!("0006_case_mark.sql"),
    // The template for further types; cases made their tables before there was one.
    Migration { name: "0007_record_tables.sql", ..kit_cabinet::RECORD_TABLES },
    own!("0008_families.sql"),
    own!("0020_duplicates.sql"),
    Migration { name: "0009_flag_table.sql", ..kit_cabinet::FLAG_TABLE },
    own!("0010_flags.sql"),
    own!("0011_case_incident.sql"),
    own!("0012_case_incident_versions.sql"),
    kit_cabinet::CONFLICT_TABLE,
    own!("0031_conflicts.sql"),
    kit_cabinet::ALERT_TABLE,
    own!("0041_alerts.sql"),
];

/// The name under which it hears and tells.
struct Service;

impl ServiceName for Service {
    const NAME: &'static str = "cases";
}

/// What is kept here.
fn house(mut parts: Parts) -> House<Service> {
    parts.store = parts.store.projection(duplicates::DuplicateVerdict);
    House::new(parts)
        .keep_as::<CaseKind, _>(LinkedCases::new)
        .keep::<FamilyKind>()
        .keep::<RegistryKind>()
        .beside(Related)
}

/// The store with its read models, for the operator's commands.
#[expect(clippy::unused_async, reason = "every service opens its store in this shape")]
pub async fn open(_: &Settings, shared: &Shared) -> anyhow::Result<Store> {
    Ok(store(Parts::of(shared)?))
}

/// The store with its read models, on given parts.
pub fn store(parts: Parts) -> Store {
    house(parts).store()
}

/// Serves until told to stop.
pub async fn run(_: Settings, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let parts = Parts::of(&shared)?;
    serve(parts, shared, shutdown).await
}

/// [`run`], on given parts.
pub async fn serve(parts: Parts, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let open = house(parts).open(&shared, &shutdown).await?;
    let bus = kit_shell::bus(&shared).await?;
    let heard = IncidentFacts { office: open.office.clone() };
    kit_shell::consume(&shared, &open.office.store, &bus, heard, &shutdown)?;
    upkeep::keep_ages(&open.office, &shared, &shutdown);
    duplicates::watch(&open.office, &shared, &shutdown).await?;
    let cases =
        Cases { linked: LinkedCases::new(open.office.clone()), office: open.office.clone() };
    let server = CasesServer::new(cases)
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY);
    open.server(&shared)?.add(server, grpc::ACCESS)?.serve(shutdown).await
}

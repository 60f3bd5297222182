//! The cases service: everything about a case. README.md is the map.

mod cases;
mod grpc;
mod identified;
mod import_cases;
pub mod settings;
mod tasks;
mod upkeep;

use cases_domain::CaseKind;
use kit_cabinet::{House, ServiceName};
use kit_proto::cases::v1::cases_server::CasesServer;
use kit_serve::{MAX_REPLY, MAX_REQUEST, Shared, Shutdown};
use kit_store::{Migration, Store};

pub use kit_cabinet::{Parts, catalogs, erasures, people};

use crate::cases::Cases;
use crate::settings::Settings;

/// This service's tables.
pub const MIGRATIONS: &[Migration] = kit_store::migrations![
    "0001_case_row.sql",
    "0002_directory.sql",
    "0003_identified.sql",
    "0004_row_forms.sql",
    "0005_erasure.sql",
    "0006_case_mark.sql"
];

/// The name under which it hears and tells.
struct Service;

impl ServiceName for Service {
    const NAME: &'static str = "cases";
}

/// What is kept here.
fn house(parts: Parts) -> House<Service> {
    House::new(parts).keep::<CaseKind>()
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
    upkeep::keep_ages(&open.office, &shared, &shutdown);
    let cases = Cases { erasures: open.erasures(), office: open.office.clone() };
    let server = CasesServer::new(cases)
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY);
    open.server(&shared)?.add(server, grpc::ACCESS)?.serve(shutdown).await
}

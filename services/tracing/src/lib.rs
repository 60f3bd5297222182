//! The tracing service: tracing requests, the children that they seek, and who may be whom.
//! README.md is the map.

mod cards;
pub mod cases;
mod confirm;
mod grpc;
mod heard;
mod import;
mod keep_up;
mod matcher;
mod matches;
mod notices;
mod pairs;
pub mod pool;
mod requests;
pub mod settings;
mod sides;
mod texts;
mod traces;
mod turns;

use std::sync::Arc;

use family_tracing_domain::TracingKind;
use kit_cabinet::{Cabinet, House, Office, ServiceName};
use kit_proto::tracing::v1::tracing_server::TracingServer;
use kit_serve::{MAX_REPLY, MAX_REQUEST, Shared, Shutdown};
use kit_store::{Migration, Store};

pub use kit_cabinet::{Parts, catalogs, people};

use crate::cases::{CaseSource, RemoteCases};
use crate::heard::CaseFacts;
use crate::keep_up::Waker;
use crate::matcher::Matcher;
use crate::pairs::TracePairs;
use crate::pool::Pools;
use crate::requests::{Matched, RequestDrawer};
use crate::settings::Settings;
use crate::sides::TracesSought;

/// This service's tables.
pub const MIGRATIONS: &[Migration] = &[
    kit_cabinet::FOUNDATION,
    kit_cabinet::RECORD_TABLES,
    Migration {
        name: "0003_tracing_tables.sql",
        sql: include_str!("../migrations/0003_tracing_tables.sql"),
    },
    kit_cabinet::FLAG_TABLE,
    Migration { name: "0005_flags.sql", sql: include_str!("../migrations/0005_flags.sql") },
    kit_cabinet::CONFLICT_TABLE,
    Migration { name: "0031_conflicts.sql", sql: include_str!("../migrations/0031_conflicts.sql") },
    Migration { name: "0032_people.sql", sql: include_str!("../migrations/0032_people.sql") },
    kit_cabinet::ALERT_TABLE,
    Migration { name: "0041_alerts.sql", sql: include_str!("../migrations/0041_alerts.sql") },
    Migration { name: "0042_silent.sql", sql: include_str!("../migrations/0042_silent.sql") },
];

/// The name under which it hears and tells.
pub(crate) struct Service;

impl ServiceName for Service {
    const NAME: &'static str = "tracing";
}

/// The service at work, beyond what all record types share.
#[derive(Clone)]
pub(crate) struct Tracing {
    pub office: Office,
    pub cases: Arc<dyn CaseSource>,
    pub pools: Pools,
    pub waker: Waker,
}

/// What is kept here; `waker` hears of each change.
fn house(mut parts: Parts, waker: Waker) -> House<Service> {
    parts.store = parts.store.projection(TracesSought { waker }).projection(TracePairs);
    House::new(parts)
        .keep_as::<TracingKind, _>(|office| RequestDrawer(Cabinet::new(office)))
        .beside(Matched)
}

/// The store with its read models, for the operator's commands.
#[expect(clippy::unused_async, reason = "every service opens its store in this shape")]
pub async fn open(_: &Settings, shared: &Shared) -> anyhow::Result<Store> {
    Ok(store(Parts::of(shared)?))
}

/// The store with its read models, on given parts.
pub fn store(parts: Parts) -> Store {
    house(parts, Waker::deaf()).store()
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
    let (waker, woken) = Waker::new();
    let open = house(parts, waker.clone()).open(&shared, &shutdown).await?;
    let office = open.office.clone();
    let pools = Pools::new(office.store.clone());
    let bus = kit_shell::bus(&shared).await?;
    let heard = CaseFacts { keys: Arc::clone(office.store.keys()), waker: waker.clone() };
    kit_shell::consume(&shared, &office.store, &bus, heard, &shutdown)?;
    let matcher = Matcher { office: office.clone(), pools: pools.clone() };
    tokio::spawn(keep_up::keep_up(matcher, woken, shared.clone(), bus, shutdown.clone()));
    let tracing = Tracing { office, cases, pools, waker };
    let server = TracingServer::new(tracing)
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY);
    open.server(&shared)?.add(server, grpc::ACCESS)?.serve(shutdown).await
}

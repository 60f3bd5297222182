//! The cases service: everything about a case. README.md is the map.

mod answer;

pub mod catalogs;
mod commands;
pub mod erasures;
mod facts;
mod filter_sql;
mod grpc;
mod inbox;
pub mod people;
mod projections;
mod queries;
mod refacet;
mod refusals;
mod remote;
mod service;
pub mod settings;
mod shallow;
mod sql;
mod stored;
mod terms;
mod turns;
mod upkeep;

use std::sync::Arc;

use kit_bus::{Bus, Kind};
use kit_proto::cases::v1::cases_server::CasesServer;
use kit_serve::{MAX_REPLY, MAX_REQUEST, Server, Shared, Shutdown};
use kit_shell::RemoteKeys;
use kit_store::{KeyCache, Migration, Store, StoreBuilder};

use crate::catalogs::{CatalogSource, Catalogs};
use crate::erasures::Shredder;
use crate::facts::{CaseFacts, ErasureFacts};
use crate::inbox::{ConfigurationFacts, IdentityFacts};
use crate::people::{People, PeopleSource};
use crate::projections::{CaseRow, ErasureRow};
use crate::queries::totals::Totals;
use crate::remote::Remote;
use crate::service::Cases;
use crate::settings::Settings;
use crate::turns::Turns;

/// This service's tables.
pub const MIGRATIONS: &[Migration] = kit_store::migrations![
    "0001_case_row.sql",
    "0002_directory.sql",
    "0003_identified.sql",
    "0004_row_forms.sql",
    "0005_erasure.sql",
    "0006_case_mark.sql"
];

/// What cases stands on; tests bring their own.
pub struct Parts {
    pub store: StoreBuilder,
    /// For the key of blind terms.
    pub keys: Arc<KeyCache>,
    pub catalogs: Arc<dyn CatalogSource>,
    pub people: Arc<dyn PeopleSource>,
    pub shredder: Arc<dyn Shredder>,
}

impl Parts {
    /// This service's database, and the other services by gRPC.
    fn of(shared: &Shared) -> anyhow::Result<Self> {
        let remote = Arc::new(Remote(shared.clone()));
        Ok(Self {
            store: kit_shell::store(shared)?,
            keys: RemoteKeys::cached(shared),
            catalogs: remote.clone(),
            people: remote.clone(),
            shredder: remote,
        })
    }

    /// The store with its read models alone.
    pub fn store(self) -> Store {
        let catalogs = Arc::new(Catalogs::new(self.catalogs));
        self.store.projection(CaseRow::new(catalogs, self.keys)).projection(ErasureRow).build()
    }
}

/// The store with its read models, for the operator's commands.
#[expect(clippy::unused_async, reason = "every service opens its store in this shape")]
pub async fn open(_: &Settings, shared: &Shared) -> anyhow::Result<Store> {
    Ok(Parts::of(shared)?.store())
}

/// Serves until told to stop.
pub async fn run(_: Settings, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let parts = Parts::of(&shared)?;
    serve(parts, shared, shutdown).await
}

/// [`run`], on given parts.
pub async fn serve(parts: Parts, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let catalogs = Arc::new(Catalogs::new(parts.catalogs));
    let row = CaseRow::new(Arc::clone(&catalogs), parts.keys);
    let store = parts.store.projection(row).projection(ErasureRow).build();
    let bus = kit_shell::bus(&shared).await?;
    let cases = Cases {
        store,
        catalogs,
        people: Arc::new(People::new(parts.people)),
        clock: shared.clock.clone(),
        ids: shared.ids.clone(),
        turns: Turns::default(),
        totals: Totals::default(),
        shredder: parts.shredder,
    };
    exchange_facts(&shared, &cases, &bus, &shutdown)?;
    let server = CasesServer::new(cases)
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY);
    Server::try_new(&shared)?.add(server, grpc::ACCESS)?.serve(shutdown).await
}

/// Tells others what happens here, and hears what happens there.
fn exchange_facts(
    shared: &Shared,
    cases: &Cases,
    bus: &Bus,
    shutdown: &Shutdown,
) -> anyhow::Result<()> {
    let store = &cases.store;
    let relay = kit_shell::relay(shared, store, bus)?
        .facts::<cases_domain::Case>(CaseFacts::default())
        .facts::<cases_domain::erasure::Erasure>(ErasureFacts);
    kit_shell::run_relay(shared, relay.build(), shutdown);
    kit_shell::consume(shared, store, bus, IdentityFacts, shutdown)?;
    let (changed, heard) = tokio::sync::mpsc::unbounded_channel();
    kit_shell::consume(
        shared,
        store,
        bus,
        ConfigurationFacts {
            catalogs: Arc::clone(&cases.catalogs),
            keys: Arc::clone(store.keys()),
            changed: changed.clone(),
        },
        shutdown,
    )?;
    tokio::spawn(refacet::keep_facets(cases.clone(), heard));
    let tended = upkeep::look_after(cases.clone(), shared.clone(), changed, shutdown.clone());
    tokio::spawn(tended);
    tokio::spawn(erasures::look_after(cases.clone(), shared.clone(), shutdown.clone()));
    tokio::spawn(expire_catalogs(bus.clone(), Arc::clone(&cases.catalogs), shutdown.clone()));
    Ok(())
}

/// Every process has catalogs of its own, and so each listens for new ones by itself.
async fn expire_catalogs(bus: Bus, catalogs: Arc<Catalogs>, shutdown: Shutdown) {
    let Ok(mut heard) = bus.overhear("configuration").await else { return };
    loop {
        let fact = tokio::select! {
            fact = heard.next() => fact,
            () = shutdown.wait() => None,
        };
        let Some(fact) = fact else { return };
        if let (Some(Kind::CatalogChanged(_)), Ok(tenant)) = (&fact.kind, fact.tenant.parse()) {
            catalogs.expire(tenant);
        }
    }
}

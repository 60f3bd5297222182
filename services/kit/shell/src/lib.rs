//! Where a service's shell takes its store, its keys and its facts from: joins kit-serve's
//! settings and health with kit-store and kit-bus. Knows no domain.

mod attest;
pub mod certificate;
mod figures;
mod keys;
mod schema;
mod takeout;
mod tend;

use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context;
pub use attest::kept;
pub use keys::RemoteKeys;
use kit_bus::{Bus, Consumer, Consuming, Relay, RelayBuilder, Way};
use kit_serve::{Fresh, Secret, Shared, Shutdown};
use kit_store::{Address, Pool, Store, StoreBuilder, connect};
pub use schema::SchemaGate;
pub use takeout::{TAKEOUT_ACCESS, Takeout, takeout};
pub use tend::{Belongings, forget_ended};
use tokio_postgres::Config;

/// Connections to the service's database; without Postgres it is not ready.
pub fn pool(shared: &Shared) -> anyhow::Result<Pool> {
    let pool = connect(&address(shared)?, shared.platform.postgres.postgres_pool)?;
    let watched = pool.clone();
    shared.health.need("postgres", move || {
        let pool = watched.clone();
        async move {
            let Ok(client) = pool.get().await else { return false };
            client.simple_query("select").await.is_ok()
        }
    });
    Ok(pool)
}

/// A store over the service's database, with the keyring's keys. Register projections on it, then
/// `build`.
pub fn store(shared: &Shared) -> anyhow::Result<StoreBuilder> {
    Ok(StoreBuilder::new(pool(shared)?, RemoteKeys::cached(shared)))
}

/// A connection to NATS; health watches it.
pub async fn bus(shared: &Shared) -> anyhow::Result<Bus> {
    let (address, nats) = (shared.nats_url()?, &shared.platform.nats);
    let way = Way::new(move || address.now().reveal().to_owned())
        .vouched_for(nats.nats_ca_file.clone())
        .with_credentials(nats.nats_credentials_file.clone());
    let bus = Bus::open(way).await?;
    let watched = bus.clone();
    shared.health.watch("nats", move || std::future::ready(watched.is_connected()));
    Ok(bus)
}

/// A relay for this service's log: add `facts`, `build`, and hand it to [`run_relay`].
pub fn relay(shared: &Shared, store: &Store, bus: &Bus) -> anyhow::Result<RelayBuilder> {
    let service = shared.service.name();
    Ok(RelayBuilder::new(store.clone(), bus.clone(), service, address(shared)?))
}

/// Runs the relay in the background until shutdown; health watches that it gets on, and names
/// events that make no fact. Beside it: the history is attested, read models of another version
/// are made anew, keys that were destroyed elsewhere are forgotten, figures are reported.
pub fn run_relay(shared: &Shared, relay: Arc<Relay>, shutdown: &Shutdown) {
    let watched = Arc::clone(&relay);
    shared.health.watch("relay", move || std::future::ready(watched.status().failures < 10));
    let watched = Arc::clone(&relay);
    shared.health.remark(move || {
        let parked = watched.status().parked;
        let ids: Vec<_> = parked.iter().map(ToString::to_string).collect();
        (!ids.is_empty()).then(|| format!("events that make no fact: {}", ids.join(", ")))
    });
    tokio::spawn(figures::of_relay(shared.service.name(), Arc::downgrade(&relay)));
    let attesting = attest::keep_attesting(shared.clone(), Arc::clone(&relay), shutdown.clone());
    tokio::spawn(attesting);
    let tending = tend::bring_up_to_date(shared.clone(), Arc::clone(&relay), shutdown.clone());
    tokio::spawn(tending);
    let (store, bus) = (relay.store().clone(), relay.bus().clone());
    tokio::spawn(tend::forget_destroyed(store.clone(), bus.clone(), shutdown.clone()));
    let (sources, relay_of) = (vec![shared.service.name().to_owned()], Some(Arc::clone(&relay)));
    let belongings = Belongings { store, bus, sources, relay: relay_of };
    tokio::spawn(forget_ended(shared.clone(), belongings, shutdown.clone()));
    let shutdown = shutdown.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = relay.run() => {}
            () = shutdown.wait() => {}
        }
    });
}

/// Applies another service's facts until shutdown; health tells of a poison fact.
/// What it returns may be kept for its status, or dropped.
pub fn consume<C: Consumer>(
    shared: &Shared,
    store: &Store,
    bus: &Bus,
    consumer: C,
    shutdown: &Shutdown,
) -> anyhow::Result<Arc<Consuming>> {
    let consuming = Arc::new(Consuming::start(store, bus, &address(shared)?, consumer));
    let name = format!("facts of {} for {}", consuming.source(), consuming.name());
    let well = consuming.well();
    shared.health.watch(name, move || std::future::ready(well()));
    tokio::spawn(figures::of_consumer(shared.service.name(), Arc::downgrade(&consuming)));
    let (kept, shutdown) = (Arc::clone(&consuming), shutdown.clone());
    tokio::spawn(async move {
        shutdown.wait().await;
        kept.stop();
    });
    Ok(consuming)
}

/// The service's database, as the role that owns its tables; an operator's commands use it.
pub fn owner_config(shared: &Shared) -> anyhow::Result<Config> {
    config(&shared.postgres_owner_url()?, format!("amparo {} owner", shared.service))
}

/// The service's database, as its runtime role: by what the settings say at that time.
pub fn address(shared: &Shared) -> anyhow::Result<Address> {
    let asked = shared.clone();
    let configs = Fresh::try_new("the Postgres address", move || configs(&asked))?;
    Ok(Address::new(move || configs.now().to_vec()))
}

fn configs(shared: &Shared) -> anyhow::Result<Vec<Config>> {
    let urls = shared.postgres_urls()?;
    urls.iter().map(|url| config(url, format!("amparo {}", shared.service))).collect()
}

fn config(url: &Secret, application: String) -> anyhow::Result<Config> {
    // The parser's own error could show the password.
    let config = Config::from_str(url.reveal());
    let mut config = config.ok().context("the Postgres address is not valid")?;
    config.application_name(application);
    Ok(config)
}

//! The identity service: who may sign in, and what a principal is. README.md is the map.

mod activity;
mod bodies;
mod body;
mod catalogs;
mod devices;
mod directory;
mod documents;
mod erasure;
mod facts;
mod failures;
mod files;
mod grpc;
mod parameters;
mod passwords;
mod principal;
mod projections;
mod recovery;
mod refused;
mod second_factor;
mod sessions;
pub mod settings;
mod shell;
mod sign_in;
mod snapshot;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use kit_bus::{Relay, RelayBuilder};
use kit_proto::identity::v1::identity_server::IdentityServer;
use kit_serve::{MAX_REPLY, MAX_REQUEST, Refusal, Server, Shared, Shutdown};
use kit_shell::RemoteKeys;
use kit_store::{KeyCache, Migration, Store, StoreBuilder};
use uuid::Uuid;

pub use crate::activity::ActivitySource;
use crate::activity::Reporting;
pub use crate::catalogs::{CatalogSource, Paths};
use crate::catalogs::{Catalogs, Remote};
use crate::directory::Directories;
pub use crate::erasure::erase_deleted;
use crate::grpc::{ACCESS, Grpc};
use crate::passwords::Passwords;
use crate::sessions::SessionRule;
pub use crate::settings::Settings;
use crate::shell::Shell;
use crate::sign_in::Doorkeeper;

/// This service's tables.
pub const MIGRATIONS: &[Migration] = kit_store::migrations![
    "0001_identity.sql",
    "0002_lasting.sql",
    "0003_second_factor.sql",
    "0004_devices.sql",
    "0005_limits.sql"
];

/// How often what is over is cleared away.
const SWEEP: Duration = Duration::from_mins(10);
/// Until the keyring is asked again that did not answer.
const SOON: Duration = Duration::from_secs(5);

/// What identity stands on; tests bring their own.
#[derive(Clone)]
pub struct Parts {
    pub pool: Pool,
    pub keys: Arc<KeyCache>,
    pub catalogs: Arc<dyn CatalogSource>,
    pub activity: Arc<dyn ActivitySource>,
}

impl Parts {
    /// This service's database, and the other services over gRPC.
    pub fn of(shared: &Shared) -> anyhow::Result<Self> {
        Ok(Self {
            pool: kit_shell::pool(shared)?,
            keys: RemoteKeys::cached(shared),
            catalogs: Arc::new(Remote::new(shared.clone())),
            activity: Arc::new(Reporting::new(shared.clone())),
        })
    }

    /// The store with its read models.
    pub fn store(&self) -> Store {
        let builder = StoreBuilder::new(self.pool.clone(), Arc::clone(&self.keys));
        projections::register(builder, &self.keys).build()
    }
}

/// The store with its read models, for the operator's commands.
#[expect(clippy::unused_async, reason = "every service opens its store in this shape")]
pub async fn open(_: &Settings, shared: &Shared) -> anyhow::Result<Store> {
    Ok(Parts::of(shared)?.store())
}

/// Serves until told to stop, and publishes facts.
pub async fn run(settings: Settings, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let parts = Parts::of(&shared)?;
    let store = parts.store();
    let bus = kit_shell::bus(&shared).await?;
    let relay = publishing(kit_shell::relay(&shared, &store, &bus)?);
    kit_shell::run_relay(&shared, relay, &shutdown);
    serve(&settings, &parts, store, shared, shutdown).await
}

/// A relay that publishes what others may know of identity.
pub fn publishing(relay: RelayBuilder) -> Arc<Relay> {
    facts::register(relay).build()
}

/// [`run`] without facts, on given parts.
pub async fn serve_parts(
    settings: Settings,
    parts: Parts,
    shared: Shared,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let store = parts.store();
    serve(&settings, &parts, store, shared, shutdown).await
}

async fn serve(
    settings: &Settings,
    parts: &Parts,
    store: Store,
    shared: Shared,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    settings.check()?;
    let directories = Directories::new(store.clone());
    let passwords = Passwords::try_new(settings)?;
    let secrets = settings.secrets(&shared.internal)?;
    shared.trust.set_keys(vec![secrets.signing.verifying_key()]);
    let door = Doorkeeper::new(
        store.clone(),
        directories.clone(),
        passwords.clone(),
        shared.clock.clone(),
        shared.ids.clone(),
        secrets,
        settings,
    );
    let shell = Arc::new(Shell {
        catalogs: Catalogs::new(Arc::clone(&parts.catalogs)),
        activity: Arc::clone(&parts.activity),
        shared: shared.clone(),
        store,
        directories,
        passwords,
        door,
        token_seconds: settings.identity_token_seconds,
        session_rule: SessionRule::of(settings),
    });
    tokio::spawn(sweep(Arc::clone(&shell), shutdown.clone()));
    let takeout = kit_shell::takeout(&shell.store, &["agency_file"]);
    let server = IdentityServer::new(Grpc(shell))
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY);
    let server = Server::try_new(&shared)?.add(server, ACCESS)?;
    server.add(takeout, kit_shell::TAKEOUT_ACCESS)?.serve(shutdown).await
}

/// Deletes sessions that are over and erases deleted users, tenant by tenant; before that, ends
/// tenants again that a restored backup has brought back.
async fn sweep(shell: Arc<Shell>, shutdown: Shutdown) {
    loop {
        let mut pause = SWEEP;
        if let Err(error) = shell.recover_ended().await {
            tracing::warn!(code = ?error.code, "which tenants have ended is asked again soon");
            pause = SOON;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.wait() => return,
        }
        let Ok(tenants) = shell.tenant_ids().await else { continue };
        let now = shell.shared.clock.now();
        for tenant in tenants {
            if let Err(error) = sessions::sweep(&shell.store, tenant, now, shell.session_rule).await
            {
                tracing::warn!(%error, tenant.id = %tenant, "old sessions were not deleted");
            }
            if let Err(error) = erase_deleted(&shell.store, tenant, now).await {
                tracing::warn!(%error, tenant.id = %tenant, "deleted users were not erased");
            }
        }
    }
}

/// The tenant that a message names.
fn tenant_of(text: &str) -> Result<Uuid, Refusal> {
    text.parse().map_err(|_| Refusal::missing_parameter("tenant"))
}

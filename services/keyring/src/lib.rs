//! The keyring: whether a record can still be read.
//!
//! It knows keys, never what they seal, and nothing of cases, people or forms.

mod grpc;
mod journal;
mod local;
mod memory;
mod postgres;
mod ring;
mod root;
pub mod settings;
mod vault;

use std::sync::Arc;

use std::time::Duration;

use anyhow::bail;
use kit_proto::keyring::v1::keyring_server::KeyringServer;
use kit_serve::{MAX_REPLY, MAX_REQUEST, Server, Shared, Shutdown};

pub use journal::{EVERY_KEY, Journal, JournalEntry, parse_journal};
pub use local::LocalKeys;
pub use memory::MemoryVault;
pub use postgres::PostgresVault;
pub use ring::{Keyring, KeyringError, MOST};
pub use root::{LocalRoot, RootKey};
pub use settings::Settings;
pub use vault::{DataKeyRow, TenantKeyRow, Vault};

/// This service's tables.
pub const MIGRATIONS: &[kit_store::Migration] =
    kit_store::migrations!["0001_keys.sql", "0002_destroyed_for.sql", "0003_ended.sql"];

/// Between two tries to reach the database at the start.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves the keyring until told to stop.
pub async fn run(settings: Settings, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let (root, journal) = (settings.root()?, settings.journal()?);
    let pool = kit_shell::pool(&shared)?;
    let keyring = Keyring::new(Arc::new(root), Arc::new(PostgresVault::new(pool)));
    let keyring = Arc::new(keyring.with_journal(journal.clone()));
    replay(&keyring, journal, &shutdown).await?;
    let grpc = grpc::Grpc::new(keyring, shared.ids.clone(), shared.clock.clone());
    let grpc = KeyringServer::new(grpc)
        .max_decoding_message_size(MAX_REQUEST)
        .max_encoding_message_size(MAX_REPLY);
    Server::try_new(&shared)?.add(grpc, grpc::ACCESS)?.serve(shutdown).await
}

/// Before anybody can ask for a key: what the journal lists is destroyed, whatever backup the
/// database was restored from.
async fn replay(
    keyring: &Keyring,
    journal: Option<Journal>,
    shutdown: &Shutdown,
) -> anyhow::Result<()> {
    let Some(journal) = journal else {
        tracing::warn!("no --keyring-journal-file: a restored backup brings erased records back");
        return Ok(());
    };
    let listed = tokio::task::spawn_blocking(move || journal.entries()).await??;
    loop {
        match keyring.replay(listed.clone()).await {
            Ok(known) => {
                tracing::info!(known, "keys that the journal lists are destroyed");
                return Ok(());
            }
            Err(error) => tracing::warn!(%error, "the journal waits for the database"),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = shutdown.wait() => bail!("told to stop before the journal was replayed"),
        }
    }
}

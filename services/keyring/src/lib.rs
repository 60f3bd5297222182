//! The keyring: whether a record can still be read.
//!
//! It knows keys, never what they seal, and nothing of cases, people or forms.

mod local;
mod memory;
mod postgres;
mod ring;
mod root;
mod vault;

pub use local::LocalKeys;
pub use memory::MemoryVault;
pub use postgres::PostgresVault;
pub use ring::{Keyring, KeyringError, MOST};
pub use root::{LocalRoot, RootKey};
pub use vault::{DataKeyRow, TenantKeyRow, Vault};

/// This service's tables.
pub const MIGRATIONS: &[kit_store::Migration] = kit_store::migrations!["0001_keys.sql"];

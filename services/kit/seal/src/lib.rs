//! Sealing: what a person said or wrote is readable only with the record's key.
//!
//! Pure cryptography over bytes. It must not know where keys are kept, and never
//! prints, logs or compares a secret in variable time.

mod blind;
mod chain;
mod key;
mod proof;
mod sealed;

pub use blind::{IndexKey, blind};
pub use chain::{ChainLink, GENESIS, Hash, hex};
pub use key::{DataKey, SecretKey, Unwrappable, unwrap, wrap};
pub use proof::{Proof, StatementKey, is_signed};
pub use sealed::{OVERHEAD, Unsealable, associated, open, seal};

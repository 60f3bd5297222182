//! Parcels: what leaves the installation as a file, sealed for a passphrase or a public key.
//!
//! Streams of any length, of which nothing is held in memory but a piece. It knows bytes and
//! locks, nothing of what is inside and where a file lies.

mod lock;
mod pair;
mod stream;

pub use lock::{Lock, Opener};
pub use pair::{KeyPair, PublicKey};
pub use stream::{Opened, Sealing, open, seal};

/// Why a parcel cannot be opened.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unopenable {
    #[error("this is no parcel of Amparo")]
    Foreign,
    #[error("made by a version of Amparo that is newer than this one")]
    Newer,
    #[error("the passphrase or key is not the one that it was sealed with")]
    WrongKey,
    #[error("it was cut short: the end is missing")]
    Truncated,
    #[error("it is not what was once sealed: something in it was altered")]
    Altered,
}

/// Text that is no passphrase or key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unfit {
    #[error("a passphrase has at least {} characters", lock::SHORTEST)]
    Short,
    #[error("this is no public key of a parcel (amparo-public-...)")]
    NoPublicKey,
    #[error("this is no secret key of a parcel (amparo-secret-...)")]
    NoSecretKey,
}

//! Locks: each holds the parcel's key, wrapped so that one passphrase or one secret key opens it.
//! A parcel may have several; any one of them will do.

use argon2::{Algorithm, Argon2, Params, Version};
use kit_seal::{OVERHEAD, SecretKey, unwrap, wrap};
use zeroize::Zeroizing;

use crate::{KeyPair, PublicKey, Unfit, Unopenable};

/// The fewest characters of a passphrase.
pub const SHORTEST: usize = 12;
const PASSPHRASE: u8 = 1;
const PUBLIC: u8 = 2;
const SALT: usize = 16;
/// Of Argon2id: KiB of memory and passes, so that a guess costs a second of a machine.
const MEMORY: u32 = 128 << 10;
const PASSES: u32 = 3;
/// What a stranger's file may ask of this machine.
const MOST_MEMORY: u32 = 1 << 20;
const MOST_PASSES: u32 = 16;
const WRAPPED: usize = OVERHEAD + 32;
/// Kind, two numbers and a salt, or kind, a public key and what fills it up; the wrapped key.
pub const LENGTH: usize = 1 + 32 + WRAPPED;

/// What a parcel is sealed for.
#[derive(Debug, Clone)]
pub enum Lock {
    Passphrase(Zeroizing<String>),
    Public(PublicKey),
}

/// What a parcel is opened with.
#[derive(Debug, Clone)]
pub enum Opener {
    Passphrase(Zeroizing<String>),
    Secret(KeyPair),
}

impl Lock {
    /// From a text that somebody chose; white space around it does not count.
    pub fn passphrase(text: &str) -> Result<Self, Unfit> {
        let text = text.trim();
        if text.chars().count() < SHORTEST {
            return Err(Unfit::Short);
        }
        Ok(Self::Passphrase(Zeroizing::new(text.to_owned())))
    }

    /// The lock's bytes around `key`.
    pub(crate) fn close(&self, key: &SecretKey) -> [u8; LENGTH] {
        let mut head = [0; 33];
        let by = match self {
            Self::Passphrase(text) => {
                head[0] = PASSPHRASE;
                head[1..5].copy_from_slice(&MEMORY.to_be_bytes());
                head[5..9].copy_from_slice(&PASSES.to_be_bytes());
                getrandom::fill(&mut head[9..9 + SALT]).expect("the system gives randomness");
                stretched(text, &head[9..9 + SALT], MEMORY, PASSES)
            }
            Self::Public(public) => {
                head[0] = PUBLIC;
                let once = KeyPair::random();
                head[1..].copy_from_slice(&once.public().0);
                once.agree(public).map(|shared| bound(&shared, &once.public(), public))
            }
        };
        // A public key that agrees with everybody opens for nobody.
        let by = by.unwrap_or_else(SecretKey::random);
        let mut bytes = [0; LENGTH];
        bytes[..33].copy_from_slice(&head);
        bytes[33..].copy_from_slice(&wrap(&by, &[b"amparo parcel lock", &head], key));
        bytes
    }
}

impl Opener {
    /// From a text that somebody typed.
    pub fn passphrase(text: &str) -> Self {
        Self::Passphrase(Zeroizing::new(text.trim().to_owned()))
    }

    /// The parcel's key, if one of the locks is for this opener.
    pub(crate) fn open(&self, locks: &[[u8; LENGTH]]) -> Result<SecretKey, Unopenable> {
        locks.iter().find_map(|lock| self.open_one(lock)).ok_or(Unopenable::WrongKey)
    }

    fn open_one(&self, lock: &[u8; LENGTH]) -> Option<SecretKey> {
        let (head, wrapped) = lock.split_at(33);
        let by = match (self, head[0]) {
            (Self::Passphrase(text), PASSPHRASE) => {
                let (memory, passes) = (number(&head[1..5])?, number(&head[5..9])?);
                if memory > MOST_MEMORY || passes > MOST_PASSES {
                    return None;
                }
                stretched(text, &head[9..9 + SALT], memory, passes)?
            }
            (Self::Secret(pair), PUBLIC) => {
                let once = PublicKey(head[1..].try_into().ok()?);
                bound(&pair.agree(&once)?, &once, &pair.public())
            }
            _ => return None,
        };
        unwrap(&by, &[b"amparo parcel lock", head], wrapped).ok()
    }
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.try_into().ok().map(u32::from_be_bytes)
}

fn stretched(text: &str, salt: &[u8], memory: u32, passes: u32) -> Option<SecretKey> {
    let params = Params::new(memory, passes, 1, Some(32)).ok()?;
    let mut bytes = Zeroizing::new([0; 32]);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(text.as_bytes(), salt, bytes.as_mut()).ok()?;
    Some(SecretKey::new(*bytes))
}

/// The shared secret, bound to both public keys of this one exchange.
fn bound(shared: &SecretKey, once: &PublicKey, to: &PublicKey) -> SecretKey {
    shared.derive(&format!("amparo parcel {once} {to}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_passphrase_is_none() {
        assert_eq!(Lock::passphrase("  twelve chars\n").err(), None);
        assert_eq!(Lock::passphrase("           short        ").err(), Some(Unfit::Short));
    }

    #[test]
    fn a_file_may_not_ask_for_all_memory() {
        let mut lock =
            Lock::passphrase("correct horse battery").unwrap().close(&SecretKey::random());
        lock[1..5].copy_from_slice(&u32::MAX.to_be_bytes());
        let opener = Opener::passphrase("correct horse battery");
        assert_eq!(opener.open(&[lock]), Err(Unopenable::WrongKey));
    }
}

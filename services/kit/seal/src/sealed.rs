//! The sealed format: one version byte, a 12-byte random nonce, then AES-256-GCM's
//! ciphertext and 16-byte tag.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};

use crate::SecretKey;

const VERSION: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;

/// How much longer sealed bytes are than plain ones.
pub const OVERHEAD: usize = 1 + NONCE + TAG;

/// Bytes that are not what was sealed: altered, moved, cut, or sealed with another key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unsealable {
    #[error("sealed in a format that is not known here: {0}")]
    Format(u8),
    #[error("too short to be sealed bytes")]
    Short,
    #[error("altered, moved, or sealed with another key")]
    Altered,
}

/// Seals `plain`; `aad` says where it belongs and is not stored.
///
/// # Panics
/// When the operating system has no randomness to give.
pub fn seal(key: &SecretKey, aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).expect("the operating system gives randomness");
    let cipher = Aes256Gcm::new(key.expose().into());
    let text = cipher
        .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad })
        .expect("a payload is far below AES-GCM's limit of 64 GiB");
    let mut sealed = Vec::with_capacity(OVERHEAD + plain.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&text);
    sealed
}

/// Opens what [`seal`] made, if nothing of it and of its place was changed.
pub fn open(key: &SecretKey, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
    let (&version, rest) = sealed.split_first().ok_or(Unsealable::Short)?;
    if version != VERSION {
        return Err(Unsealable::Format(version));
    }
    let (nonce, msg) = rest.split_first_chunk::<NONCE>().ok_or(Unsealable::Short)?;
    if msg.len() < TAG {
        return Err(Unsealable::Short);
    }
    Aes256Gcm::new(key.expose().into())
        .decrypt(&Nonce::from(*nonce), Payload { msg, aad })
        .map_err(|_| Unsealable::Altered)
}

/// Parts joined so that no two lists of parts give the same bytes.
pub fn associated(parts: &[&[u8]]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        joined.extend_from_slice(&(part.len() as u64).to_be_bytes());
        joined.extend_from_slice(part);
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(n: u8) -> SecretKey {
        SecretKey::new([n; 32])
    }

    proptest! {
        #[test]
        fn opens_to_what_was_sealed(plain: Vec<u8>, aad: Vec<u8>) {
            let sealed = seal(&key(1), &aad, &plain);
            prop_assert_eq!(sealed.len(), plain.len() + OVERHEAD);
            prop_assert_eq!(open(&key(1), &aad, &sealed), Ok(plain));
        }

        #[test]
        fn any_flipped_bit_is_noticed(plain: Vec<u8>, at: prop::sample::Index, bit in 0u8..8) {
            let mut sealed = seal(&key(1), b"here", &plain);
            let at = at.index(sealed.len());
            sealed[at] ^= 1 << bit;
            prop_assert!(open(&key(1), b"here", &sealed).is_err());
        }

        #[test]
        fn another_place_or_key_does_not_open(plain: Vec<u8>, aad: Vec<u8>) {
            let sealed = seal(&key(1), &aad, &plain);
            prop_assert_eq!(open(&key(2), &aad, &sealed), Err(Unsealable::Altered));
            let elsewhere = [aad.as_slice(), b"x"].concat();
            prop_assert_eq!(open(&key(1), &elsewhere, &sealed), Err(Unsealable::Altered));
        }

        #[test]
        fn any_bytes_are_refused_without_panic(bytes: Vec<u8>) {
            prop_assert!(open(&key(1), b"", &bytes).is_err());
        }

        #[test]
        fn parts_are_never_ambiguous(a: Vec<Vec<u8>>, b: Vec<Vec<u8>>) {
            let join = |parts: &[Vec<u8>]| {
                associated(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
            };
            prop_assert_eq!(join(&a) == join(&b), a == b);
        }
    }

    #[test]
    fn the_same_text_never_looks_the_same() {
        assert_ne!(seal(&key(1), b"", b"text"), seal(&key(1), b"", b"text"));
    }

    #[test]
    fn an_unknown_format_is_named() {
        assert_eq!(open(&key(1), b"", &[9; 40]), Err(Unsealable::Format(9)));
    }
}

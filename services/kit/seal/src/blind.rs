//! Blind tokens: keyed hashes that let equal words be found without being read.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::SecretKey;

/// The key for blind tokens of one tenant and purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexKey(pub SecretKey);

impl IndexKey {
    /// HMAC-SHA256 of `text`, cut to 64 bits.
    pub fn blind(&self, text: &[u8]) -> i64 {
        blind(&self.0, text)
    }
}

/// HMAC-SHA256 of `text` under `key`, cut to 64 bits.
///
/// # Panics
/// Never: HMAC takes keys of any length.
pub fn blind(key: &SecretKey, text: &[u8]) -> i64 {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes any key");
    mac.update(text);
    let tag = mac.finalize().into_bytes();
    let (head, _) = tag.split_first_chunk::<8>().expect("SHA-256 has 32 bytes");
    i64::from_be_bytes(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_text_and_key_give_the_same_token_for_ever() {
        let key = IndexKey(SecretKey::new([7; 32]));
        assert_eq!(key.blind(b"amina"), key.blind(b"amina"));
        assert_eq!(key.blind(b"amina"), -5_765_460_020_749_478_562);
    }

    #[test]
    fn another_key_gives_another_token() {
        let (a, b) = (SecretKey::new([1; 32]), SecretKey::new([2; 32]));
        assert_ne!(blind(&a, b"amina"), blind(&b, b"amina"));
        assert_ne!(blind(&a.derive("names"), b"x"), blind(&a.derive("phones"), b"x"));
    }
}

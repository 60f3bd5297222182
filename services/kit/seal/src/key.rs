//! Keys: 32 secret bytes, wiped when dropped, and how one is wrapped by another.

use hkdf::Hkdf;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::{Zeroize, Zeroizing};

use crate::sealed::{associated, open, seal};

/// 32 secret bytes. Shows nothing of itself when printed.
#[derive(Clone, Eq)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A fresh key from the operating system's source of chance.
    ///
    /// # Panics
    /// When the operating system has no randomness to give; nothing can be sealed then.
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        Self(bytes)
    }

    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// HKDF-SHA256: another key for `purpose`, the same for ever.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Self {
        let mut bytes = [0; 32];
        Hkdf::<Sha256>::new(None, &self.0)
            .expand(purpose.as_bytes(), &mut bytes)
            .expect("32 bytes are a valid length for HKDF-SHA256");
        Self(bytes)
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PartialEq for SecretKey {
    /// Looks at every byte, so that the time it takes says nothing.
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// The key of one record: its id lies beside what it sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataKey {
    pub id: Uuid,
    pub secret: SecretKey,
}

impl DataKey {
    /// Seals `plain` for this record; `context` names where it lies and must be the same to open.
    pub fn seal(&self, context: &[&[u8]], plain: &[u8]) -> Vec<u8> {
        seal(&self.secret, &associated(context), plain)
    }

    pub fn open(&self, context: &[&[u8]], sealed: &[u8]) -> Result<Vec<u8>, crate::Unsealable> {
        open(&self.secret, &associated(context), sealed)
    }
}

/// Wrapped bytes that this key does not open.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the wrapped key cannot be opened with this key")]
pub struct Unwrappable;

/// Wraps a key by another one, bound to `context`.
pub fn wrap(by: &SecretKey, context: &[&[u8]], key: &SecretKey) -> Vec<u8> {
    seal(by, &associated(context), key.expose())
}

/// Opens what [`wrap`] made.
pub fn unwrap(by: &SecretKey, context: &[&[u8]], wrapped: &[u8]) -> Result<SecretKey, Unwrappable> {
    let plain = Zeroizing::new(open(by, &associated(context), wrapped).map_err(|_| Unwrappable)?);
    SecretKey::from_slice(&plain).ok_or(Unwrappable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_key_opens_only_with_its_key_and_in_its_place() {
        let (by, key) = (SecretKey::random(), SecretKey::random());
        let wrapped = wrap(&by, &[b"tenant", b"one"], &key);
        assert_eq!(unwrap(&by, &[b"tenant", b"one"], &wrapped), Ok(key.clone()));
        assert_eq!(unwrap(&by, &[b"tenanto", b"ne"], &wrapped), Err(Unwrappable));
        assert_eq!(unwrap(&key, &[b"tenant", b"one"], &wrapped), Err(Unwrappable));
        let not_a_key = seal(&by, &associated(&[b"tenant"]), b"short");
        assert_eq!(unwrap(&by, &[b"tenant"], &not_a_key), Err(Unwrappable));
    }

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        let key = DataKey { id: Uuid::nil(), secret: SecretKey::new([0x41; 32]) };
        let shown = format!("{key:?}");
        assert!(!shown.contains("41") && !shown.contains("65"), "{shown}");
    }

    #[test]
    fn derived_keys_are_stable_and_differ_by_purpose() {
        let key = SecretKey::new([1; 32]);
        assert_eq!(key.derive("a"), key.derive("a"));
        assert_ne!(key.derive("a"), key.derive("b"));
        assert_ne!(key.derive("a"), key);
    }
}

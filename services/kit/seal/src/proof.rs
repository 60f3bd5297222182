//! What shows that a history is what was written: a keyed proof of each event, and signed
//! statements of how far streams had come.

use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Hash, IndexKey, SecretKey};

/// HMAC-SHA256, cut to 128 bits.
pub type Proof = [u8; 16];

impl IndexKey {
    /// The proof of an event's hash: whoever lacks the key cannot make it for another.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    pub fn prove(&self, hash: &Hash) -> Proof {
        let key = self.0.expose();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
        mac.update(b"amparo proof 1");
        mac.update(hash);
        let tag = mac.finalize().into_bytes();
        *tag.first_chunk().expect("SHA-256 has 32 bytes")
    }
}

/// The statements that this key signs are told from whatever else an Ed25519 key may sign.
const STATEMENT: &[u8] = b"amparo statement 1\0";

/// Signs statements about histories.
pub struct StatementKey(SigningKey);

impl StatementKey {
    pub fn new(seed: &SecretKey) -> Self {
        Self(SigningKey::from_bytes(seed.expose()))
    }

    /// What others check signatures with.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    pub fn sign(&self, statement: &[u8]) -> [u8; 64] {
        self.0.sign(&[STATEMENT, statement].concat()).to_bytes()
    }
}

/// Whether the holder of the key to `public` signed this statement.
pub fn is_signed(public: &[u8; 32], statement: &[u8], signature: &[u8]) -> bool {
    let (Ok(public), Ok(signature)) =
        (VerifyingKey::from_bytes(public), Signature::from_slice(signature))
    else {
        return false;
    };
    public.verify(&[STATEMENT, statement].concat(), &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_one_statement_by_one_key() {
        let key = StatementKey::new(&SecretKey::new([3; 32]));
        let signature = key.sign(b"so far");
        assert!(is_signed(&key.public(), b"so far", &signature));
        assert!(!is_signed(&key.public(), b"so fat", &signature));
        let other = StatementKey::new(&SecretKey::new([4; 32]));
        assert!(!is_signed(&other.public(), b"so far", &signature));
        assert!(!is_signed(&key.public(), b"so far", b"short"));
    }

    #[test]
    fn a_proof_needs_the_key() {
        let (a, b) = (IndexKey(SecretKey::new([1; 32])), IndexKey(SecretKey::new([2; 32])));
        assert_eq!(a.prove(&[9; 32]), a.prove(&[9; 32]));
        assert_ne!(a.prove(&[9; 32]), a.prove(&[8; 32]));
        assert_ne!(a.prove(&[9; 32]), b.prove(&[9; 32]));
    }
}

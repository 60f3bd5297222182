//! The key that opens unsent work on a device that was wiped: the device seals its own key to our
//! public one while it has it, and shows what it sealed when its person is there again.
//!
//! The private key is derived from the tenant's secret in the keyring, so that it is kept, backed up
//! and destroyed with it. Sealing is ECDH on P-256, HKDF-SHA-256 and AES-256-GCM, which every
//! browser has; what is sealed opens for one user only.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use kit_seal::{IndexKey, hex};
use p256::ecdh::{SharedSecret, diffie_hellman};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The purpose under which the keyring gives the secret.
pub(crate) const PURPOSE: &str = "device recovery";
const INFO: &str = "amparo recovery 1";
/// An uncompressed point.
const POINT: usize = 65;
const KEY: usize = 32;
/// Each sealing has a key of its own.
const NONCE: [u8; 12] = [0; 12];

/// A tenant's recovery key.
pub(crate) struct RecoveryKey {
    secret: SecretKey,
    public: Vec<u8>,
}

impl RecoveryKey {
    /// The one that follows from the tenant's secret, the same for ever.
    pub fn of(secret: &IndexKey) -> Option<Self> {
        // Of 2^32 secrets one is no number of the curve: then the next one counts.
        let secret = (0..8).find_map(|turn| {
            let bytes = secret.0.derive(&format!("{INFO} {turn}"));
            SecretKey::from_slice(bytes.expose()).ok()
        })?;
        let public = point_of(&secret);
        Some(Self { secret, public })
    }

    /// The public key: an uncompressed point.
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// What tells it from another.
    pub fn id(&self) -> String {
        hex(&Sha256::digest(&self.public)[..8])
    }

    /// The 32 bytes that a device of this user has sealed; nothing where anything is not as it was.
    pub fn open(&self, user: i64, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (point, sealed) = wrapped.split_at_checked(POINT)?;
        let theirs = PublicKey::from_sec1_bytes(point).ok()?;
        let shared = agreed(&self.secret, &theirs);
        let salt = [point, &self.public].concat();
        let mut key = Zeroizing::new([0; KEY]);
        let kdf = Hkdf::<Sha256>::new(Some(&salt), shared.raw_secret_bytes());
        kdf.expand(INFO.as_bytes(), key.as_mut()).ok()?;
        let aad = format!("{INFO}\n{user}");
        let payload = Payload { msg: sealed, aad: aad.as_bytes() };
        let opened = Aes256Gcm::new((&*key).into()).decrypt(&Nonce::from(NONCE), payload).ok()?;
        Some(Zeroizing::new(opened)).filter(|opened| opened.len() == KEY)
    }
}

/// The public key of a secret one, uncompressed.
fn point_of(secret: &SecretKey) -> Vec<u8> {
    secret.public_key().to_encoded_point(false).as_bytes().to_vec()
}

fn agreed(secret: &SecretKey, public: &PublicKey) -> SharedSecret {
    diffie_hellman(secret.to_nonzero_scalar(), public.as_affine())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> RecoveryKey {
        RecoveryKey::of(&IndexKey(kit_seal::SecretKey::new([byte; 32]))).unwrap()
    }

    /// As a browser does it.
    fn sealed(to: &RecoveryKey, user: i64, work: &[u8]) -> Vec<u8> {
        let ephemeral = SecretKey::from_slice(&[7; 32]).unwrap();
        let point = point_of(&ephemeral);
        let shared = agreed(&ephemeral, &PublicKey::from_sec1_bytes(to.public()).unwrap());
        let salt = [&point[..], to.public()].concat();
        let mut key = [0; 32];
        let kdf = Hkdf::<Sha256>::new(Some(&salt), shared.raw_secret_bytes());
        kdf.expand(INFO.as_bytes(), &mut key).unwrap();
        let aad = format!("{INFO}\n{user}");
        let payload = Payload { msg: work, aad: aad.as_bytes() };
        let text = Aes256Gcm::new((&key).into()).encrypt(&Nonce::from(NONCE), payload).unwrap();
        [point, text].concat()
    }

    #[test]
    fn what_was_sealed_opens_for_its_user_and_nobody_else() {
        let (ours, work) = (key(1), [9; 32]);
        let wrapped = sealed(&ours, 3, &work);
        assert_eq!(wrapped.len(), 113);
        assert_eq!(ours.open(3, &wrapped).unwrap().as_slice(), work);
        assert!(ours.open(4, &wrapped).is_none(), "somebody else");
        assert!(key(2).open(3, &wrapped).is_none(), "another tenant");
        for at in [0, 1, 64, 65, 112] {
            let mut altered = wrapped.clone();
            altered[at] ^= 1;
            assert!(ours.open(3, &altered).is_none(), "byte {at}");
        }
        for cut in [0, 64, 65, 80, 112] {
            assert!(ours.open(3, &wrapped[..cut]).is_none(), "{cut} bytes");
        }
        assert!(ours.open(3, &sealed(&ours, 3, b"short")).is_none());
    }

    #[test]
    fn the_key_is_the_same_each_time_and_another_for_each_tenant() {
        assert_eq!((key(1).id(), key(1).public().len()), (key(1).id(), POINT));
        assert_ne!(key(1).id(), key(2).id());
    }
}

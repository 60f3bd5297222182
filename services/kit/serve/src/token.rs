//! The principal token: `1 | Ed25519 signature (64) | deflate(JSON of the principal)`.
//! Made by identity, carried in `amparo-principal-bin`, minutes long.

use std::io::{Read, Write};

use bytes::Bytes;
use ed25519_dalek::{Signature, Signer};
pub use ed25519_dalek::{SigningKey, VerifyingKey};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use kit_access::Principal;

const FORMAT: u8 = 1;
/// Signed before the payload, so that a signature made for another purpose never fits.
const PURPOSE: &[u8] = b"amparo principal 1\0";
/// A principal with every permission and 1,000 forms has about 60 KB.
const MAX_INFLATED: u64 = 1 << 20;

/// Why a token is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    #[error("not a token")]
    Malformed,
    #[error("not signed by a known key")]
    Unsigned,
    #[error("expired")]
    Expired,
}

/// Vouches for a principal.
pub fn sign_principal(key: &SigningKey, principal: &Principal) -> anyhow::Result<Bytes> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(&serde_json::to_vec(principal)?)?;
    let payload = deflate.finish()?;
    let signature = key.sign(&[PURPOSE, &payload].concat());
    let mut token = Vec::with_capacity(65 + payload.len());
    token.push(FORMAT);
    token.extend_from_slice(&signature.to_bytes());
    token.extend_from_slice(&payload);
    Ok(token.into())
}

/// The principal in a token, if one of `keys` signed it and it is not over at `now` (Unix seconds).
pub fn verify_principal(
    keys: &[VerifyingKey],
    token: &[u8],
    now: i64,
) -> Result<Principal, TokenFault> {
    let (format, rest) = token.split_first().ok_or(TokenFault::Malformed)?;
    let (signature, payload) = rest.split_first_chunk::<64>().ok_or(TokenFault::Malformed)?;
    if *format != FORMAT {
        return Err(TokenFault::Malformed);
    }
    let signature = Signature::from_bytes(signature);
    let signed = [PURPOSE, payload].concat();
    if !keys.iter().any(|key| key.verify_strict(&signed, &signature).is_ok()) {
        return Err(TokenFault::Unsigned);
    }
    let principal = inflate(payload)?;
    if principal.expires_at <= now { Err(TokenFault::Expired) } else { Ok(principal) }
}

fn inflate(payload: &[u8]) -> Result<Principal, TokenFault> {
    let mut json = Vec::new();
    DeflateDecoder::new(payload)
        .take(MAX_INFLATED)
        .read_to_end(&mut json)
        .map_err(|_broken| TokenFault::Malformed)?;
    serde_json::from_slice(&json).map_err(|_broken| TokenFault::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal() -> Principal {
        Principal { user_name: "ann".into(), expires_at: 100, ..Default::default() }
    }

    #[test]
    fn carries_a_principal() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let token = sign_principal(&key, &principal()).unwrap();
        let keys = [SigningKey::from_bytes(&[8; 32]).verifying_key(), key.verifying_key()];
        assert_eq!(verify_principal(&keys, &token, 99), Ok(principal()));
        assert_eq!(verify_principal(&keys, &token, 100), Err(TokenFault::Expired));
        assert_eq!(verify_principal(&keys[..1], &token, 99), Err(TokenFault::Unsigned));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let token = sign_principal(&key, &principal()).unwrap();
        for place in 0..token.len() {
            let mut forged = token.to_vec();
            forged[place] ^= 1;
            assert!(verify_principal(&[key.verifying_key()], &forged, 99).is_err(), "{place}");
        }
        for length in 0..token.len() {
            assert!(verify_principal(&[key.verifying_key()], &token[..length], 99).is_err());
        }
    }
}

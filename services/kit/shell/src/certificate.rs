//! Certificates of what was destroyed, signed by the keyring, and whether one is its word. To check
//! one takes nothing but the certificate and the public key: no service, no database.

use kit_seal::{hex, is_signed};
use kit_store::{KeyCache, StoreError};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const ALGORITHM: &str = "ed25519";

/// Why a certificate cannot be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFlaw {
    #[error("this is no certificate of Amparo")]
    NoCertificate,
    #[error("the certificate is not signed")]
    NotSigned,
    #[error("the certificate was altered: its digest is another")]
    Altered,
    #[error("the certificate was not signed with this key")]
    OtherKey,
}

/// The certificate with its digest and the keyring's signature.
pub async fn sign(keys: &KeyCache, mut certificate: Value) -> Result<Value, StoreError> {
    certificate["digest"] = digest(&certificate).into();
    let public = keys.signing_key().await?;
    let signature = keys.sign(statement(&certificate)).await?;
    Ok(signed(certificate, &public, &signature))
}

/// The SHA-256 of the other members, written as JSON without blanks and in their order.
fn digest(rest: &Value) -> String {
    hex(&Sha256::digest(rest.to_string()))
}

/// What the keyring signs: the certificate with its digest, as JSON without blanks.
fn statement(certificate: &Value) -> Vec<u8> {
    certificate.to_string().into_bytes()
}

/// The certificate with the keyring's signature beside its other members.
fn signed(mut certificate: Value, public: &[u8; 32], signature: &[u8]) -> Value {
    certificate["signature"] = json!({
        "algorithm": ALGORITHM,
        "public_key": hex(public),
        "value": hex(signature),
    });
    certificate
}

/// The certificate in a text, which may be the whole answer that it came with.
pub fn certificate_in(text: &str) -> Result<Value, CertificateFlaw> {
    let mut value: Value =
        serde_json::from_str(text).map_err(|_| CertificateFlaw::NoCertificate)?;
    for member in ["data", "certificate"] {
        if let Some(inner) = value.get_mut(member) {
            value = inner.take();
        }
    }
    if value["format"].is_string() { Ok(value) } else { Err(CertificateFlaw::NoCertificate) }
}

/// Refused unless the holder of the key to `public` signed exactly this certificate.
pub fn check_certificate(certificate: &Value, public: &[u8; 32]) -> Result<(), CertificateFlaw> {
    let mut rest = certificate.as_object().cloned().ok_or(CertificateFlaw::NoCertificate)?;
    let signature = rest.shift_remove("signature").ok_or(CertificateFlaw::NotSigned)?;
    let named = |name: &str| signature[name].as_str().unwrap_or_default();
    let value = unhex(named("value")).ok_or(CertificateFlaw::NotSigned)?;
    let text = statement(&Value::Object(rest.clone()));
    let told = rest.shift_remove("digest");
    if told != Some(json!(digest(&Value::Object(rest)))) {
        return Err(CertificateFlaw::Altered);
    }
    let by = named("algorithm") == ALGORITHM && named("public_key") == hex(public);
    let alone = signature.as_object().is_some_and(|members| members.len() == 3);
    if by && alone && is_signed(public, &text, &value) {
        return Ok(());
    }
    Err(CertificateFlaw::OtherKey)
}

/// Bytes of small hexadecimal digits.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}

#[cfg(test)]
mod tests {
    use kit_seal::{SecretKey, StatementKey};

    use super::*;

    fn certificate(key: &StatementKey) -> Value {
        let mut made = json!({
            "format": "amparo erasure certificate 1",
            "record": {"type": "case", "id": "0198"},
            "removed": [{"table": "case_row", "rows": 1}],
        });
        made["digest"] = digest(&made).into();
        let signature = key.sign(&statement(&made));
        signed(made, &key.public(), &signature)
    }

    #[test]
    fn a_certificate_is_checked_with_the_public_key_alone() {
        let key = StatementKey::new(&SecretKey::new([3; 32]));
        let answer = json!({"data": {"id": 1, "certificate": certificate(&key)}}).to_string();
        let read = certificate_in(&answer).unwrap();
        assert_eq!(check_certificate(&read, &key.public()), Ok(()));
        let other = StatementKey::new(&SecretKey::new([4; 32]));
        assert_eq!(check_certificate(&read, &other.public()), Err(CertificateFlaw::OtherKey));
        assert_eq!(certificate_in("{}"), Err(CertificateFlaw::NoCertificate));
    }

    #[test]
    fn whoever_alters_one_byte_is_found_out() {
        let key = StatementKey::new(&SecretKey::new([3; 32]));
        let text = certificate(&key).to_string();
        for at in 0..text.len() {
            for bit in [1, 2, 32] {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= bit;
                let Ok(altered) = String::from_utf8(bytes) else { continue };
                let read = certificate_in(&altered);
                let checked = read.and_then(|read| check_certificate(&read, &key.public()));
                assert!(checked.is_err(), "byte {at}: {altered}");
            }
        }
    }

    #[test]
    fn a_digest_made_anew_does_not_help() {
        let key = StatementKey::new(&SecretKey::new([3; 32]));
        let mut forged = certificate(&key);
        forged["removed"][0]["rows"] = json!(2);
        assert_eq!(check_certificate(&forged, &key.public()), Err(CertificateFlaw::Altered));
        let mut rest = forged.as_object().unwrap().clone();
        rest.shift_remove("signature");
        rest.shift_remove("digest");
        forged["digest"] = digest(&Value::Object(rest)).into();
        assert_eq!(check_certificate(&forged, &key.public()), Err(CertificateFlaw::OtherKey));
    }
}

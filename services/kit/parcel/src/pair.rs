//! A pair of keys (X25519): whoever has the public one seals, only the secret one opens.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use curve25519_dalek::montgomery::MontgomeryPoint;
use kit_seal::SecretKey;
use zeroize::Zeroizing;

use crate::Unfit;

const PUBLIC: &str = "amparo-public-";
const SECRET: &str = "amparo-secret-";

/// The half that may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(pub(crate) [u8; 32]);

/// Both halves; shows nothing of itself when printed.
#[derive(Debug, Clone)]
pub struct KeyPair(SecretKey);

impl KeyPair {
    /// A fresh pair.
    pub fn random() -> Self {
        Self(SecretKey::random())
    }

    /// From what [`KeyPair::to_text`] wrote.
    pub fn parse(text: &str) -> Result<Self, Unfit> {
        let bytes = decode(text, SECRET).ok_or(Unfit::NoSecretKey)?;
        Ok(Self(SecretKey::new(*bytes)))
    }

    /// The secret half as text, to be kept where nobody else reads it.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{SECRET}{}", BASE64_URL_SAFE_NO_PAD.encode(self.0.expose())))
    }

    /// The half that may be told.
    pub fn public(&self) -> PublicKey {
        PublicKey(MontgomeryPoint::mul_base_clamped(*self.0.expose()).to_bytes())
    }

    /// What both sides of an exchange know and nobody else; nothing where the other half is one
    /// of the few points with which everybody would know it.
    pub(crate) fn agree(&self, with: &PublicKey) -> Option<SecretKey> {
        let shared = MontgomeryPoint(with.0).mul_clamped(*self.0.expose()).to_bytes();
        shared.iter().any(|byte| *byte != 0).then(|| SecretKey::new(shared))
    }
}

impl PublicKey {
    /// From its text.
    pub fn parse(text: &str) -> Result<Self, Unfit> {
        decode(text, PUBLIC).map(|bytes| Self(*bytes)).ok_or(Unfit::NoPublicKey)
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{PUBLIC}{}", BASE64_URL_SAFE_NO_PAD.encode(self.0))
    }
}

fn decode(text: &str, prefix: &str) -> Option<Zeroizing<[u8; 32]>> {
    let digits = text.trim().strip_prefix(prefix)?;
    let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(digits).ok()?);
    bytes.as_slice().try_into().ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_agree_and_others_do_not() {
        let (one, other, third) = (KeyPair::random(), KeyPair::random(), KeyPair::random());
        assert_eq!(one.agree(&other.public()), other.agree(&one.public()));
        assert_ne!(one.agree(&other.public()), third.agree(&one.public()));
        assert_eq!(one.agree(&PublicKey([0; 32])), None);
    }

    /// The numbers of RFC 7748, section 6.1.
    #[test]
    fn it_is_the_exchange_that_everyone_knows() {
        let bytes = |hex: &str| -> [u8; 32] {
            let digits =
                (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap());
            digits.collect::<Vec<_>>().try_into().unwrap()
        };
        let alice = KeyPair(SecretKey::new(bytes(
            "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
        )));
        let public = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
        assert_eq!(alice.public(), PublicKey(bytes(public)));
        let bob =
            PublicKey(bytes("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
        let shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
        assert_eq!(alice.agree(&bob), Some(SecretKey::new(bytes(shared))));
    }

    #[test]
    fn texts_are_read_back_and_not_confused() {
        let pair = KeyPair::random();
        let again = KeyPair::parse(&format!("{}\n", *pair.to_text())).unwrap();
        assert_eq!(again.public(), pair.public());
        assert_eq!(PublicKey::parse(&pair.public().to_string()), Ok(pair.public()));
        assert_eq!(PublicKey::parse(&pair.to_text()), Err(Unfit::NoPublicKey));
        assert_eq!(KeyPair::parse(&pair.public().to_string()).err(), Some(Unfit::NoSecretKey));
    }
}

//! CSRF tokens: random bytes and an HMAC over them, the host and the session, so that a token
//! is only good for the session (or its absence) that it was made for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use kit_serve::{InternalToken, Secret};
use sha2::Sha256;

use crate::visit::{CSRF_COOKIE, Visit};

const NONCE: usize = 16;

/// Makes and checks tokens under keys that all gateways of the installation derive alike: from the
/// installation's own token, whichever of them it has at the time.
#[derive(Clone)]
pub struct Csrf(InternalToken);

impl std::fmt::Debug for Csrf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Csrf")
    }
}

impl Csrf {
    /// With keys from the installation's secret.
    pub const fn new(internal: InternalToken) -> Self {
        Self(internal)
    }

    /// A token for this host and session.
    pub fn make(&self, host: &str, session: Option<&str>, nonce: [u8; NONCE]) -> String {
        let mut token = nonce.to_vec();
        let mac = mac(&self.0.sent(), host, session, &nonce);
        token.extend_from_slice(&mac.finalize().into_bytes());
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Whether the header repeats the cookie and the token belongs to host and session.
    pub fn holds(&self, visit: &Visit) -> bool {
        let given = visit.header("x-csrf-token").unwrap_or("");
        visit.cookie(CSRF_COOKIE) == Some(given) && self.belongs(visit, given)
    }

    /// The token that the client has, if it still is good.
    pub fn kept<'v>(&self, visit: &'v Visit) -> Option<&'v str> {
        visit.cookie(CSRF_COOKIE).filter(|token| self.belongs(visit, token))
    }

    fn belongs(&self, visit: &Visit, token: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
        let Some((nonce, given)) = bytes.split_first_chunk::<NONCE>() else { return false };
        self.0.accepted().iter().any(|secret| {
            let mac = mac(secret, &visit.host, visit.session(), nonce);
            mac.verify_slice(given).is_ok()
        })
    }
}

fn mac(secret: &Secret, host: &str, session: Option<&str>, nonce: &[u8]) -> Hmac<Sha256> {
    let mut derive = keyed(secret.reveal().as_bytes());
    derive.update(b"amparo gateway csrf 1");
    let mut mac = keyed(&derive.finalize().into_bytes());
    for part in [nonce, host.as_bytes(), session.unwrap_or("").as_bytes()] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("any length")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::tests::visit;

    fn write(host: &str, session: &str, cookie: &str, header: &str) -> Visit {
        let cookies = format!("_app_session={session}; CSRF-TOKEN={cookie}");
        let headers = [("host", host), ("cookie", cookies.as_str()), ("x-csrf-token", header)];
        visit("POST", "/x", &headers)
    }

    fn csrf(secret: &str) -> Csrf {
        Csrf::new(InternalToken::try_new(Secret::new(secret.repeat(8))).unwrap())
    }

    #[test]
    fn a_token_is_good_for_its_own_session_only() {
        let csrf = csrf("secret");
        let token = csrf.make("a.example", Some("s1"), [1; 16]);
        assert!(csrf.holds(&write("a.example", "s1", &token, &token)));
        assert!(!csrf.holds(&write("a.example", "s2", &token, &token)));
        assert!(!csrf.holds(&write("a.example", "", &token, &token)));
        assert!(!csrf.holds(&write("b.example", "s1", &token, &token)));
        assert!(!self::csrf("other").holds(&write("a.example", "s1", &token, &token)));
    }

    #[test]
    fn header_and_cookie_must_agree_and_be_ours() {
        let csrf = csrf("secret");
        let token = csrf.make("a", Some("s"), [1; 16]);
        let other = csrf.make("a", Some("s"), [2; 16]);
        assert!(!csrf.holds(&write("a", "s", &token, &other)));
        assert!(!csrf.holds(&write("a", "s", &token, "")));
        assert!(!csrf.holds(&write("a", "s", "forged", "forged")));
        assert!(!csrf.holds(&visit("POST", "/x", &[("host", "a")])));
        assert_eq!(csrf.kept(&write("a", "s", &token, "")), Some(token.as_str()));
    }
}

//! How NATS is reached: where, by whom, and who vouches for it. Asked anew for each connection,
//! since passwords and credentials change while processes run.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use async_nats::{Auth, AuthError, ConnectOptions, ServerAddr};
use nkeys::KeyPair;

/// The way to NATS.
#[derive(Clone)]
pub struct Way {
    address: Arc<dyn Fn() -> String + Send + Sync>,
    ca_file: Option<PathBuf>,
    credentials_file: Option<PathBuf>,
}

impl Way {
    /// By an address `nats://user:password@host:port`, or `nats://token@host`: `now` gives it
    /// whenever somebody signs in.
    pub fn new(now: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self { address: Arc::new(now), ca_file: None, credentials_file: None }
    }

    /// Over TLS only, with a server that the authorities in this file (PEM) vouch for.
    #[must_use]
    pub fn vouched_for(mut self, file: Option<PathBuf>) -> Self {
        self.ca_file = file;
        self
    }

    /// With the user's JWT and nkey in this file, as `nsc` makes it.
    #[must_use]
    pub fn with_credentials(mut self, file: Option<PathBuf>) -> Self {
        self.credentials_file = file;
        self
    }

    /// The server, and what the address says beside: `?namespace=..&replicas=3`.
    pub(crate) fn server(&self) -> anyhow::Result<(ServerAddr, String)> {
        let address = (self.address)();
        let (server, query) = address.split_once('?').unwrap_or((&address, ""));
        // The parser's own error could show the password.
        let server: ServerAddr = server.parse().ok().context("the NATS address is not valid")?;
        let vouched = self.ca_file.is_some();
        ensure!(
            vouched || !server.tls_required(),
            "a NATS address with tls:// needs --nats-ca-file"
        );
        Ok((server, query.to_owned()))
    }

    pub(crate) fn options(&self) -> ConnectOptions {
        let way = self.clone();
        let options = ConnectOptions::with_auth_callback(move |nonce| {
            let auth = way.sign_in(&nonce).map_err(AuthError::new);
            std::future::ready(auth)
        });
        match self.ca_file.clone() {
            Some(file) => options.require_tls(true).add_root_certificates(file),
            None => options,
        }
    }

    fn sign_in(&self, nonce: &[u8]) -> anyhow::Result<Auth> {
        match &self.credentials_file {
            Some(file) => {
                let text = std::fs::read_to_string(file);
                by_credentials(&text.with_context(|| format!("{}", file.display()))?, nonce)
            }
            None => Ok(by_address(&self.server()?.0)),
        }
    }
}

/// Who the address says: the client library does not look there by itself.
fn by_address(server: &ServerAddr) -> Auth {
    let mut auth = Auth::new();
    match (server.username(), server.password()) {
        (None, _) => {}
        (Some(token), None) => auth.token = Some(token.to_owned()),
        (Some(user), Some(password)) => {
            auth.username = Some(user.to_owned());
            auth.password = Some(password.to_owned());
        }
    }
    auth
}

fn by_credentials(text: &str, nonce: &[u8]) -> anyhow::Result<Auth> {
    let jwt = block(text, "NATS USER JWT").context("the NATS credentials hold no user's JWT")?;
    let seed = block(text, "USER NKEY SEED").context("the NATS credentials hold no nkey")?;
    let key = KeyPair::from_seed(seed).ok().context("the nkey of the NATS credentials is none")?;
    let mut auth = Auth::new();
    auth.jwt = Some(jwt.to_owned());
    auth.signature = Some(key.sign(nonce).ok().context("the nkey does not sign")?);
    Ok(auth)
}

/// The line after `-----BEGIN name-----`.
fn block<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let begin = format!("BEGIN {name}");
    let mut lines = text.lines().skip_while(|line| !line.contains(&begin));
    lines.nth(1).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_proves_who_they_are_by_their_credentials() {
        let user = KeyPair::new_user();
        let seed = user.seed().unwrap();
        let text = format!(
            "-----BEGIN NATS USER JWT-----\neyJ0.x.y\n------END NATS USER JWT------\n\n\
             ***** IMPORTANT *****\n-----BEGIN USER NKEY SEED-----\n{seed}\n\
             ------END USER NKEY SEED------\n"
        );
        let auth = by_credentials(&text, b"nonce").unwrap();
        assert_eq!(auth.jwt.as_deref(), Some("eyJ0.x.y"));
        user.verify(b"nonce", &auth.signature.unwrap()).unwrap();
        assert!(by_credentials("-----BEGIN NATS USER JWT-----", b"nonce").is_err());
        assert!(by_credentials(&text.replace(&seed, "x"), b"nonce").is_err());
    }

    #[test]
    fn what_asks_for_tls_needs_somebody_to_vouch() {
        let way = Way::new(|| "tls://amparo:secret@nats:4222?replicas=3".to_owned());
        let said = way.server().unwrap_err().to_string();
        assert!(said.contains("--nats-ca-file"), "{said}");
        let (server, query) = way.vouched_for(Some("ca.pem".into())).server().unwrap();
        assert_eq!((server.host(), query.as_str()), ("nats", "replicas=3"));
    }
}

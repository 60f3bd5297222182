//! Requests as bytes, made before they are sent.

use anyhow::{Context as _, Result};
use bytes::Bytes;
use std::sync::atomic::{AtomicU64, Ordering};
use tests::Client;
use uuid::Uuid;

const SESSION: &str = "_app_session";
const TOKEN: &str = "CSRF-TOKEN";

/// A person who has signed in.
#[derive(Debug, Clone)]
pub struct Person {
    pub user_name: String,
    /// The session's cookies and the token against forgery, as header lines.
    headers: String,
}

impl Person {
    pub async fn sign_in(port: u16, user_name: &str, password: &str) -> Result<Self> {
        let client = Client::signed_in(port, "localhost", user_name, password).await?;
        let cookie = |name: &str| client.cookie(name).context("no such cookie");
        let (session, token) = (cookie(SESSION)?, cookie(TOKEN)?);
        let headers =
            format!("cookie: {SESSION}={session}; {TOKEN}={token}\r\nx-csrf-token: {token}\r\n");
        Ok(Self { user_name: user_name.to_owned(), headers })
    }

    pub fn get(&self, path: &str) -> Bytes {
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{}\r\n", self.headers).into()
    }

    pub fn patch(&self, path: &str, body: &str) -> Bytes {
        self.send("PATCH", path, body)
    }

    pub fn post(&self, path: &str, body: &str) -> Bytes {
        self.send("POST", path, body)
    }

    fn send(&self, method: &str, path: &str, body: &str) -> Bytes {
        let (headers, length) = (&self.headers, body.len());
        format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into()
    }

    /// A change of a text and of a coded value.
    pub fn change(&self, case: Uuid) -> Bytes {
        let number = next();
        let risk = ["low", "medium", "high"][usize::try_from(number % 3).unwrap_or_default()];
        let body = format!(
            r#"{{"data":{{"address_current":"House {number}, Mill Lane","risk_level":"{risk}"}}}}"#
        );
        self.patch(&format!("/api/v2/cases/{case}"), &body)
    }
}

/// Another number each time: what is already so is no change, and costs nothing.
pub fn next() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// Text as a query has it.
pub fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).into() } else { format!("%{byte:02X}") })
        .collect::<Vec<String>>()
        .concat()
}

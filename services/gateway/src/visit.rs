//! One HTTP request, read once: where from, which host, path and query, cookies, language.

use std::net::{IpAddr, SocketAddr};

use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, COOKIE, HOST};
use http::request::Parts;
use http::{HeaderMap, Method};
use kit_proto::common::v1::Parameter;
use kit_serve::trace;
use uuid::Uuid;

use crate::parameters;
use crate::path;
use crate::problem::Problem;
use crate::texts::Language;

/// The cookie that holds the session.
pub const SESSION_COOKIE: &str = "_app_session";
/// The cookie that scripts read the CSRF token from.
pub const CSRF_COOKIE: &str = "CSRF-TOKEN";
/// With HTTP Basic: the code of the second factor.
const OTP_HEADER: &str = "amparo-otp";
/// Longer paths and queries are no one's.
const MAX_TARGET: usize = 60 << 10;

/// What the rest of the gateway needs to know about a request, but for its body.
#[derive(Debug)]
pub struct Visit {
    pub request_id: Uuid,
    pub method: Method,
    /// The path as it was sent; errors repeat it.
    pub path: String,
    pub segments: Vec<String>,
    pub parameters: Vec<Parameter>,
    pub has_query: bool,
    pub headers: HeaderMap,
    /// Host name without port, lower case.
    pub host: String,
    pub remote_ip: IpAddr,
    /// The client speaks https, to us or to a proxy before us.
    pub secure: bool,
    accepted: Option<Language>,
}

/// User name and password of HTTP Basic.
#[derive(Clone, PartialEq, Eq)]
pub struct Basic {
    pub user_name: String,
    pub password: String,
    /// What header `Amparo-Otp` says: the code that accounts with a second factor want. It counts
    /// for this call alone.
    pub otp: String,
}

/// What the `Authorization` header holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    Absent,
    Garbled,
    Basic(Basic),
}

impl std::fmt::Debug for Basic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Basic(..)")
    }
}

impl Visit {
    /// Reads the head of a request.
    pub fn read(
        parts: Parts,
        peer: SocketAddr,
        trust_forwarded: bool,
        request_id: Uuid,
    ) -> (Self, Result<(), Problem>) {
        let target = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
        let segments = path::segments(parts.uri.path());
        let query = parts.uri.query().unwrap_or("");
        let parameters = parameters::parse(query);
        let flaw = if target > MAX_TARGET {
            Err(Problem::uri_too_long(MAX_TARGET))
        } else if segments.is_none() {
            Err(Problem::unknown_path())
        } else if parameters.is_none() {
            Err(Problem::unreadable_query())
        } else {
            Ok(())
        };
        let forwarded = |name| trust_forwarded.then(|| text(&parts.headers, name)).flatten();
        // What stands before the last entry came from outside and may be invented.
        let last = |list: &str| list.rsplit(',').next().unwrap_or("").trim().to_owned();
        let visit = Self {
            request_id,
            path: parts.uri.path().to_owned(),
            segments: segments.unwrap_or_default(),
            parameters: parameters.unwrap_or_default(),
            has_query: !query.is_empty(),
            host: host(parts.uri.host().or_else(|| text(&parts.headers, HOST.as_str()))),
            remote_ip: forwarded("x-forwarded-for")
                .map(last)
                .and_then(|ip| ip.parse().ok())
                .unwrap_or_else(|| peer.ip()),
            secure: forwarded("x-forwarded-proto").is_some_and(|list| last(list) == "https"),
            accepted: text(&parts.headers, ACCEPT_LANGUAGE.as_str()).and_then(Language::accepted),
            method: parts.method,
            headers: parts.headers,
        };
        (visit, flaw)
    }

    /// The language to answer in: the user's own, else what the client accepts.
    pub fn language(&self, locale: Option<&str>) -> Language {
        locale.and_then(Language::of_locale).or(self.accepted).unwrap_or_default()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        text(&self.headers, name)
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))
    }

    /// The session cookie's value, if it could be one.
    pub fn session(&self) -> Option<&str> {
        self.cookie(SESSION_COOKIE).filter(|value| value.len() <= 200)
    }

    /// Whether the client speaks HTTP Basic, and with which credentials if they can be read.
    pub fn authorization(&self) -> Authorization {
        let header = self.header(AUTHORIZATION.as_str()).unwrap_or("");
        match header.split_once(' ') {
            Some((scheme, encoded)) if scheme.eq_ignore_ascii_case("basic") => {
                let otp = self.header(OTP_HEADER).unwrap_or("");
                basic(encoded.trim(), otp).map_or(Authorization::Garbled, Authorization::Basic)
            }
            _ => Authorization::Absent,
        }
    }

    /// The W3C trace context of this call, in the client's own trace or in one that begins here.
    pub fn traceparent(&self) -> String {
        let seed = self.request_id;
        match self.client_trace() {
            Some(given) => trace::child(given, "http", seed.as_u128()),
            None => trace::parent_of(seed),
        }
    }

    /// The step of the client that led to this call, if it names one.
    pub fn client_trace(&self) -> Option<&str> {
        self.header("traceparent").filter(|value| trace::id_of(value).is_some())
    }

    /// Whether the path is one of the API, known or not.
    pub fn is_within_api(&self) -> bool {
        self.path.trim_start_matches('/').starts_with("api/")
    }

    /// Whether the method may change something.
    pub fn is_write(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS)
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn host(given: Option<&str>) -> String {
    let given = given.unwrap_or("");
    // An IPv6 address keeps its brackets; a port is digits after the last colon.
    let bare = match given.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => given,
    };
    bare.trim_end_matches('.').to_ascii_lowercase()
}

fn basic(encoded: &str, otp: &str) -> Option<Basic> {
    use base64::Engine;
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    let text = String::from_utf8(decoded).ok().filter(|text| !text.contains('\0'))?;
    let (user_name, password) = text.split_once(':')?;
    let (user_name, password) = (user_name.to_owned(), password.to_owned());
    Some(Basic { user_name, password, otp: otp.to_owned() })
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A visit for tests: `GET /x` with these headers.
    pub fn visit(method: &str, target: &str, headers: &[(&str, &str)]) -> Visit {
        let mut request = http::Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        Visit::read(parts, "10.1.2.3:5".parse().unwrap(), true, Uuid::nil()).0
    }

    #[test]
    fn the_host_has_no_port_and_no_capitals() {
        for (given, wanted) in [
            ("LocalHost:8080", "localhost"),
            ("a.localhost", "a.localhost"),
            ("a.example.", "a.example"),
            ("[::1]:80", "[::1]"),
            ("", ""),
        ] {
            assert_eq!(visit("GET", "/x", &[("host", given)]).host, wanted);
        }
    }

    #[test]
    fn cookies_and_credentials_are_found() {
        let seen = visit(
            "POST",
            "/x?a[0]=b",
            &[
                ("cookie", "x=1; _app_session=abc"),
                ("cookie", "CSRF-TOKEN=t=="),
                ("authorization", "Basic YW5uOnA6dw=="),
                ("x-forwarded-for", "192.0.2.7, 10.0.0.1"),
                ("x-forwarded-proto", "https"),
            ],
        );
        assert_eq!(seen.session(), Some("abc"));
        assert_eq!(seen.cookie(CSRF_COOKIE), Some("t=="));
        let Authorization::Basic(basic) = seen.authorization() else { panic!("{seen:?}") };
        assert_eq!((basic.user_name.as_str(), basic.password.as_str()), ("ann", "p:w"));
        assert_eq!(seen.remote_ip.to_string(), "10.0.0.1");
        assert!(seen.secure && seen.is_write() && seen.has_query);
        let given = |value| visit("GET", "/", &[("authorization", value)]).authorization();
        assert_eq!(given("Bearer x"), Authorization::Absent);
        assert_eq!(given("Basic !"), Authorization::Garbled);
    }

    #[test]
    fn what_is_not_text_is_refused() {
        let read = |target: &str| {
            let (parts, ()) = http::Request::get(target).body(()).unwrap().into_parts();
            Visit::read(parts, "10.1.2.3:5".parse().unwrap(), false, Uuid::nil()).1
        };
        assert_eq!(read("/x%FF").unwrap_err().status, 404);
        assert_eq!(read("/x?a=%FF").unwrap_err().status, 400);
        assert_eq!(read("/x?a=%00").unwrap_err().status, 400);
        // A client that asks for its whole caseload by ids must not hear that it is gone.
        assert!(read(&format!("/x?a={}", "y".repeat(50_000))).is_ok());
        assert_eq!(read(&format!("/x?a={}", "y".repeat(62_000))).unwrap_err().status, 414);
        assert!(read("//x/").is_ok());
    }
}

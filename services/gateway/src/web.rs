//! The web client's built files: one folder, read once at the start and served from memory, so
//! that no request ever names a file of the machine.

mod folder;

use std::collections::HashMap;
use std::path::Path;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE,
    ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};

use crate::path;

/// First segments that belong to the API and to health, whatever lies in the folder.
const NOT_OURS: [&str; 5] = ["api", "health", "livez", "readyz", "rails"];
/// The page that every address of the client begins with.
const SHELL: &str = "index.html";
/// Script, style and data of our own only, nothing inline, never in a frame. Pictures and sound
/// that were opened on the device are `blob:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; \
    manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";
const SECURITY: [(&str, &str); 7] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(self), microphone=(self), geolocation=()"),
];
/// The name of the file changes with what is in it.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Asked for again each time; unchanged answers 304.
const ASK_AGAIN: &str = "no-cache";

/// All files of the web client.
#[derive(Debug)]
pub struct WebApp {
    files: HashMap<String, File>,
}

/// One file, as it is and as it was compressed when it was built.
#[derive(Debug)]
struct File {
    content_type: &'static str,
    cache: &'static str,
    tag: HeaderValue,
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

impl WebApp {
    /// Reads the folder. Fails when there is no page in it.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let files = folder::read(folder)?;
        anyhow::ensure!(files.contains_key(SHELL), "{}: there is no {SHELL}", folder.display());
        Ok(Self { files })
    }

    /// The answer, when a file or a page of the client is asked for.
    pub fn answer(&self, request: &Request<Body>) -> Option<Response> {
        let segments = path::segments(request.uri().path())?;
        if segments.first().is_some_and(|first| NOT_OURS.contains(&first.as_str())) {
            return None;
        }
        let name = request.uri().path().trim_start_matches('/');
        let file = match self.files.get(name) {
            Some(file) => file,
            None if segments.is_empty() => self.files.get(SHELL)?,
            None if is_page(&segments, request.headers()) => self.files.get(SHELL)?,
            None => return None,
        };
        Some(match *request.method() {
            Method::GET => file.response(request.headers(), true),
            Method::HEAD => file.response(request.headers(), false),
            _ => not_allowed(),
        })
    }
}

/// Addresses inside the client have no ending; a missing script must not be answered by a page.
fn is_page(segments: &[String], headers: &HeaderMap) -> bool {
    let accepts = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    let wants_page = accepts.is_some_and(|accepts| accepts.contains("text/html"));
    wants_page && segments.last().is_none_or(|last| !last.contains('.'))
}

impl File {
    fn response(&self, asked: &HeaderMap, with_body: bool) -> Response {
        let mut response = Response::new(Body::empty());
        let (encoding, bytes) = self.best_for(asked);
        let headers = response.headers_mut();
        for (name, value) in SECURITY {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(ETAG, self.tag.clone());
        if asked.get(IF_NONE_MATCH).is_some_and(|known| names(known, &self.tag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        if let Some(encoding) = encoding {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        if with_body {
            *response.body_mut() = Body::from(bytes.clone());
        }
        response
    }

    fn best_for(&self, asked: &HeaderMap) -> (Option<&'static str>, &Bytes) {
        let accepted = asked.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        let accepts = |encoding: &str| {
            accepted.is_some_and(|all| all.split(',').any(|one| is_accepted(one, encoding)))
        };
        match (&self.brotli, &self.gzip) {
            (Some(bytes), _) if accepts("br") => (Some("br"), bytes),
            (_, Some(bytes)) if accepts("gzip") => (Some("gzip"), bytes),
            _ => (None, &self.plain),
        }
    }
}

/// Whether one entry of `Accept-Encoding` allows an encoding: `br`, `gzip;q=0.5`, not `br;q=0`.
fn is_accepted(entry: &str, encoding: &str) -> bool {
    let mut parts = entry.split(';').map(str::trim);
    let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
    let quality = parts.find_map(|part| part.strip_prefix("q="));
    named && quality.is_none_or(|quality| quality.parse::<f32>().is_ok_and(|one| one > 0.0))
}

fn names(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else { return false };
    known.split(',').any(|one| one.trim() == tag || one.trim() == "*")
}

fn not_allowed() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_that_is_refused_is_not_accepted() {
        assert!(is_accepted(" br", "br"));
        assert!(is_accepted("gzip;q=0.5", "gzip"));
        assert!(!is_accepted("br;q=0", "br"));
        assert!(!is_accepted("gzip", "br"));
    }
}

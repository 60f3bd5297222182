//! The last step of every request: cookies, caching and security headers.

use std::convert::Infallible;
use std::num::NonZeroU32;

use axum::body::Body;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::answer::{Answer, SessionChange};
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::visit::{CSRF_COOKIE, SESSION_COOKIE, Visit};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Tells nginx and those who follow it.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
const REVALIDATE: HeaderValue = HeaderValue::from_static("max-age=0, private, must-revalidate");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// As clients of the reference's API know it.
const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Bearer realm=\"Primero\" charset=\"UTF8\"");
/// For documents that browsers should neither run, frame nor guess about.
const SECURITY: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
];

/// Makes the response of an outcome.
pub fn finish(
    gateway: &Gateway,
    visit: &Visit,
    outcome: Result<Answer, Problem>,
    locale: Option<&str>,
) -> Response {
    let change = match &outcome {
        Ok(answer) => answer.session.clone(),
        Err(_) => SessionChange::Keep,
    };
    let mut response = match outcome {
        Ok(answer) => match answer.pieces {
            Some(pieces) => live(answer.content_type, pieces),
            None => success(visit, answer),
        },
        Err(problem) => failure(visit, &problem, locale),
    };
    dress(response.headers_mut(), visit.request_id, visit.secure);
    for cookie in cookies(gateway, visit, &change) {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
    response
}

/// 500 without anything known of the request.
pub fn bare_failure(request_id: Uuid) -> Response {
    let language = crate::texts::Language::En;
    let rendered = Problem::internal().render("", language, request_id);
    let mut response = Response::new(Body::from(rendered.body));
    *response.status_mut() = rendered.status;
    dress(response.headers_mut(), request_id, false);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An empty answer outside the API, with the CSRF cookie.
pub fn empty(gateway: &Gateway, visit: &Visit, status: StatusCode) -> Response {
    let answer = Answer { status, ..Answer::empty() };
    let mut response = finish(gateway, visit, Ok(answer), None);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
    }
    response
}

fn success(visit: &Visit, answer: Answer) -> Response {
    let reading = matches!(visit.method, Method::GET | Method::HEAD);
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, if reading { REVALIDATE } else { NO_STORE });
    for (name, value) in answer.headers {
        headers.insert(name, value);
    }
    let mut status = answer.status;
    let mut body = answer.body;
    if reading && status == StatusCode::OK {
        let tag = headers.get(ETAG).cloned().unwrap_or_else(|| etag(&body));
        if matches(visit, &tag) {
            status = StatusCode::NOT_MODIFIED;
            body.clear();
        }
        headers.insert(ETAG, tag);
    }
    if !body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    }
    assemble(status, headers, body.into())
}

/// A stream: nobody between here and the client may keep or collect it.
fn live(content_type: &'static str, pieces: mpsc::Receiver<Bytes>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    let pieces = futures_util::stream::unfold(pieces, |mut pieces| async move {
        let piece = pieces.recv().await?;
        Some((Ok::<_, Infallible>(piece), pieces))
    });
    assemble(StatusCode::OK, headers, Body::from_stream(pieces))
}

fn failure(visit: &Visit, problem: &Problem, locale: Option<&str>) -> Response {
    let rendered = problem.render(&visit.path, visit.language(locale), visit.request_id);
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, NO_STORE);
    let content_type =
        if rendered.json { "application/json; charset=utf-8" } else { "text/plain; charset=utf-8" };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    match rendered.status {
        StatusCode::UNAUTHORIZED => drop(headers.insert(WWW_AUTHENTICATE, CHALLENGE)),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let seconds = problem.retry_after.map_or(60, NonZeroU32::get);
            drop(headers.insert(RETRY_AFTER, HeaderValue::from(seconds)));
        }
        _ => {}
    }
    assemble(rendered.status, headers, rendered.body.into())
}

fn assemble(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn dress(headers: &mut HeaderMap, request_id: Uuid, secure: bool) {
    for (name, value) in SECURITY {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if secure {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(http::header::STRICT_TRANSPORT_SECURITY, year);
    }
    if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
}

/// Weak, since compression changes the bytes.
fn etag(body: &[u8]) -> HeaderValue {
    let digest = Sha256::digest(body);
    let tag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..18]));
    HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("W/\"\""))
}

/// Whether one of these tags is that of a body.
pub fn names(tags: &str, body: &[u8]) -> bool {
    etag(body).to_str().is_ok_and(|tag| is_among(tags, tag))
}

fn matches(visit: &Visit, tag: &HeaderValue) -> bool {
    let (Some(wanted), Ok(tag)) = (visit.header(IF_NONE_MATCH.as_str()), tag.to_str()) else {
        return false;
    };
    wanted.trim() == "*" || is_among(wanted, tag)
}

fn is_among(tags: &str, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.split(',').any(|one| bare(one) == bare(tag))
}

/// The session cookie where it changes, and a CSRF token for whatever session comes next.
fn cookies(gateway: &Gateway, visit: &Visit, change: &SessionChange) -> Vec<String> {
    let secure = if visit.secure { "; Secure" } else { "" };
    let session = |value: &str, age: &str| {
        format!("{SESSION_COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}")
    };
    let fresh =
        |session: Option<&str>| gateway.csrf.make(&visit.host, session, gateway.shared.ids.bytes());
    let mut cookies = Vec::new();
    let token = match change {
        SessionChange::Start(value) => {
            cookies.push(session(value, ""));
            fresh(Some(value))
        }
        SessionChange::End => {
            cookies.push(session("", "; Max-Age=0"));
            fresh(None)
        }
        SessionChange::Keep => {
            let kept = gateway.csrf.kept(visit).map(str::to_owned);
            kept.unwrap_or_else(|| fresh(visit.session()))
        }
    };
    cookies.push(format!("{CSRF_COOKIE}={token}; Path=/; SameSite=Strict{secure}"));
    cookies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::tests::visit;

    #[test]
    fn an_answer_that_is_known_is_not_sent_again() {
        let first = success(&visit("GET", "/x", &[]), Answer::json("{\"data\":1}"));
        let tag = first.headers()[ETAG].to_str().unwrap().to_owned();
        assert!(tag.starts_with("W/\""));
        let again = visit("GET", "/x", &[("if-none-match", &format!("\"other\", {tag}"))]);
        assert_eq!(
            success(&again, Answer::json("{\"data\":1}")).status(),
            StatusCode::NOT_MODIFIED
        );
        assert_eq!(success(&again, Answer::json("{\"data\":2}")).status(), StatusCode::OK);
        let write = visit("POST", "/x", &[("if-none-match", "*")]);
        assert_eq!(success(&write, Answer::json("{}")).status(), StatusCode::OK);
    }

    #[test]
    fn refusals_of_the_unknown_challenge_them() {
        let response = failure(&visit("GET", "/x", &[]), &Problem::not_signed_in(), None);
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()[WWW_AUTHENTICATE], CHALLENGE);
        let response = failure(&visit("GET", "/x", &[]), &Problem::busy(), None);
        assert_eq!(response.headers()[RETRY_AFTER], "60");
    }
}

//! Bodies: read within a limit, JSON or form, taken apart into the members that the API knows.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, EXPECT};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::json_check::{Flaw, check};
use crate::parameters;
use crate::problem::Problem;

const PATIENCE: Duration = Duration::from_mins(1);
const MOST_DRAINED: usize = 64 << 20;
const DRAIN_PATIENCE: Duration = Duration::from_secs(15);

/// The members of a body. Everything else in it is ignored.
#[derive(Debug, Default, Deserialize)]
pub struct Members {
    #[serde(default)]
    data: Option<Box<RawValue>>,
    #[serde(default)]
    user: Option<Box<RawValue>>,
    #[serde(default)]
    record_action: Option<Value>,
    #[serde(default)]
    base_version: Option<Value>,
    #[serde(default)]
    seen: Option<Box<RawValue>>,
}

impl Members {
    /// The member that a call works on; missing or empty is refused as the contract says.
    pub fn require(&self, member: Member) -> Result<Bytes, Problem> {
        let found = self.found(member);
        let text = found.map(|raw| raw.get().trim());
        match text {
            None | Some("null" | "{}") if member == Member::OptionalData => {
                Ok(Bytes::from_static(b"{}"))
            }
            None | Some("null" | "{}" | "\"\"" | "[]") => Err(Problem::missing(member.name())),
            Some(text) => Ok(Bytes::copy_from_slice(text.as_bytes())),
        }
    }

    /// The same, where an empty object means something.
    pub fn optional(&self, member: Member) -> Option<Bytes> {
        let found = self.found(member);
        found.map(|raw| Bytes::copy_from_slice(raw.get().as_bytes()))
    }

    fn found(&self, member: Member) -> Option<&RawValue> {
        match member {
            Member::Data | Member::OptionalData => self.data.as_deref(),
            Member::User => self.user.as_deref(),
        }
    }

    /// The `record_action` beside `data`.
    pub fn record_action(&self) -> Option<&str> {
        self.record_action.as_ref().and_then(Value::as_str).filter(|action| !action.is_empty())
    }

    /// The `base_version` beside `data`: a whole number, as text in forms.
    pub fn base_version(&self) -> Result<Option<u64>, Problem> {
        let version = match &self.base_version {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(digits)) => digits.parse().ok(),
            Some(other) => other.as_u64(),
        };
        version.map(Some).ok_or_else(|| Problem::field("/base_version", "wrong_type"))
    }

    /// The fields as the author saw them, `seen` beside `data`: an object; empty where it is not
    /// there.
    pub fn seen(&self) -> Result<Bytes, Problem> {
        let text = self.seen.as_deref().map(|raw| raw.get().trim());
        match text.filter(|text| *text != "null") {
            None => Ok(Bytes::new()),
            Some(text) if text.starts_with('{') => Ok(Bytes::copy_from_slice(text.as_bytes())),
            Some(_) => Err(Problem::field("/seen", "wrong_type")),
        }
    }
}

/// The member that holds what a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    Data,
    /// The same, which may be left out.
    OptionalData,
    User,
}

impl Member {
    const fn name(self) -> &'static str {
        match self {
            Self::Data | Self::OptionalData => "data",
            Self::User => "user",
        }
    }
}

/// Reads a body of at most `limit` bytes.
pub async fn read(headers: &HeaderMap, body: &mut Body, limit: usize) -> Result<Bytes, Problem> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced.and_then(|digits| digits.parse().ok()).is_some_and(|length: usize| length > limit)
    {
        return Err(Problem::too_large(limit));
    }
    match tokio::time::timeout(PATIENCE, collect(body, limit)).await {
        Ok(collected) => collected,
        Err(_elapsed) => Err(Problem::unreadable()),
    }
}

async fn collect(body: &mut Body, limit: usize) -> Result<Bytes, Problem> {
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_broken| Problem::unreadable())?;
        if let Ok(data) = frame.into_data() {
            if collected.len() + data.len() > limit {
                return Err(Problem::too_large(limit));
            }
            collected.extend_from_slice(&data);
        }
    }
    Ok(collected.freeze())
}

/// Takes in what is left of a body and drops it, within limits: most clients read the answer
/// only when they have sent everything, and would see a broken connection otherwise.
pub async fn drain(headers: &HeaderMap, body: &mut Body) {
    // Such a client waits for our word before it sends its body; the answer is that word.
    if headers.contains_key(EXPECT) {
        return;
    }
    let draining = async {
        let mut dropped = 0;
        while let Some(Ok(frame)) = body.frame().await {
            dropped += frame.data_ref().map_or(0, Bytes::len);
            if dropped > MOST_DRAINED {
                break;
            }
        }
    };
    // Too slow is as good as too much.
    let _in_time = tokio::time::timeout(DRAIN_PATIENCE, draining).await;
}

/// Takes a body apart; an empty one has no members.
pub fn members(headers: &HeaderMap, body: &Bytes) -> Result<Members, Problem> {
    match kind(headers) {
        Kind::Form => form_members(body),
        Kind::Multipart => Err(Problem::unsupported_media_type()),
        Kind::Json if body.is_empty() => Ok(Members::default()),
        Kind::Json => {
            let text = check(body).map_err(Problem::flawed)?;
            if !text.trim_start().starts_with('{') {
                return Ok(Members::default());
            }
            serde_json::from_str(text).map_err(|error| {
                // Well formed, but a member is there twice.
                Problem::flawed(Flaw::Malformed { line: error.line(), column: error.column() })
            })
        }
    }
}

fn form_members(body: &Bytes) -> Result<Members, Problem> {
    let text = std::str::from_utf8(body).map_err(|_bytes| Problem::flawed(Flaw::NotUtf8))?;
    let pairs = parameters::parse(text).ok_or_else(|| Problem::flawed(Flaw::NotUtf8))?;
    let json = parameters::to_json(&pairs).ok_or_else(|| Problem::flawed(Flaw::TooDeep))?;
    let member = |name: &str| json.get(name).and_then(|v| serde_json::value::to_raw_value(v).ok());
    Ok(Members {
        data: member("data"),
        user: member("user"),
        record_action: json.get("record_action").cloned(),
        base_version: json.get("base_version").cloned(),
        seen: member("seen"),
    })
}

enum Kind {
    Json,
    Form,
    Multipart,
}

/// Anything that does not say it is a form is read as JSON; scripts often say nothing.
fn kind(headers: &HeaderMap) -> Kind {
    let given = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.and_then(|value| value.split(';').next()).unwrap_or("").trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        Kind::Form
    } else if essence.to_ascii_lowercase().starts_with("multipart/") {
        Kind::Multipart
    } else {
        Kind::Json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Result<Members, Problem> {
        members(&HeaderMap::new(), &Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn data_travels_as_it_was_sent() {
        let members =
            json(r#"{"data": {"age":  9}, "record_action": "close", "base_version": 4, "x": 1}"#);
        let members = members.unwrap();
        assert_eq!(members.require(Member::Data).unwrap(), r#"{"age":  9}"#);
        assert_eq!(members.record_action(), Some("close"));
        assert_eq!(members.base_version().unwrap(), Some(4));
        let odd = json(r#"{"data": {"a": 1}, "base_version": -1}"#).unwrap();
        assert_eq!(odd.base_version().unwrap_err().status, 422);
        let seen = |text: &str| json(text).unwrap().seen();
        assert_eq!(seen(r#"{"seen": {"age": 9}}"#).unwrap(), r#"{"age": 9}"#);
        assert_eq!(seen(r#"{"seen": null}"#).unwrap(), "");
        assert_eq!(seen(r#"{"seen": [1]}"#).unwrap_err().status, 422);
    }

    #[test]
    fn what_may_be_left_out_may_be_empty() {
        for text in ["", "{}", r#"{"data": null}"#, r#"{"data": {}}"#] {
            assert_eq!(json(text).unwrap().require(Member::OptionalData).unwrap(), "{}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        for text in ["", "{}", r#"{"data": null}"#, r#"{"data": {}}"#, r#"{"dat": {"a": 1}}"#] {
            let problem = json(text).unwrap().require(Member::Data).unwrap_err();
            assert_eq!(problem.status, 422);
            assert_eq!(
                problem.errors[0].message,
                "param is missing or the value is empty or invalid: data".into()
            );
        }
    }

    #[test]
    fn what_is_no_json_is_a_bad_request() {
        for text in ["[1", "x", "{\"data\": {}", r#"{"data": 1, "data": 2}"#] {
            assert_eq!(json(text).unwrap_err().status, 400, "{text}");
        }
        for text in ["[1]", "\"x\"", "null"] {
            assert_eq!(json(text).unwrap().require(Member::Data).unwrap_err().status, 422);
        }
    }

    #[test]
    fn forms_are_read_with_bracket_keys() {
        let mut headers = HeaderMap::new();
        let form = "application/x-www-form-urlencoded; charset=UTF-8";
        headers.insert(http::header::CONTENT_TYPE, form.parse().unwrap());
        let body = Bytes::from_static(b"data[name]=Ann&data[tags][]=a&record_action=close");
        let members = members(&headers, &body).unwrap();
        assert_eq!(members.require(Member::Data).unwrap(), r#"{"name":"Ann","tags":["a"]}"#);
        assert_eq!(members.record_action(), Some("close"));
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_announced_or_not() {
        let mut body = Body::from(vec![b'x'; 2_000]);
        let problem = read(&HeaderMap::new(), &mut body, 1_000).await.unwrap_err();
        assert_eq!(problem.status, 413);
        let mut body = Body::from(vec![b'x'; 1_000]);
        assert_eq!(read(&HeaderMap::new(), &mut body, 1_000).await.unwrap().len(), 1_000);
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_LENGTH, "2000".parse().unwrap());
        let problem = read(&headers, &mut Body::empty(), 1_000).await.unwrap_err();
        assert_eq!(problem.status, 413);
    }
}

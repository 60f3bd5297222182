//! A successful answer before it becomes HTTP, and the envelope of the contract.

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderName, HeaderValue, StatusCode};
use kit_proto::common::v1::Reply;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

/// What a client gets when all is well.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub body: Bytes,
    /// What follows piece by piece, where the answer is a stream.
    pub pieces: Option<mpsc::Receiver<Bytes>>,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What happens to the session cookie.
    pub session: SessionChange,
}

/// Whether the session cookie is set, removed or left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionChange {
    Keep,
    Start(String),
    End,
}

/// Carries the version of the record that an answer shows.
pub const RECORD_VERSION: HeaderName = HeaderName::from_static("record-version");
const JSON: &str = "application/json; charset=utf-8";

impl Answer {
    /// 200 with JSON that is whole already.
    pub fn json(body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: JSON,
            body: body.into(),
            pieces: None,
            headers: Vec::new(),
            session: SessionChange::Keep,
        }
    }

    /// 200 with a JSON value.
    pub fn value(value: &Value) -> Self {
        Self::json(value.to_string())
    }

    /// 204.
    pub fn empty() -> Self {
        Self { status: StatusCode::NO_CONTENT, ..Self::json(Bytes::new()) }
    }

    /// 200 with a file.
    pub fn file(body: Bytes, content_type: &'static str) -> Self {
        Self { content_type, ..Self::json(body) }
    }

    /// 200 with events as they happen.
    pub fn live(pieces: mpsc::Receiver<Bytes>) -> Self {
        let content_type = "text/event-stream";
        Self { content_type, pieces: Some(pieces), ..Self::json(Bytes::new()) }
    }

    /// A service's reply in the envelope: `data` as it came, `metadata` where there is some.
    pub fn of_reply(reply: &Reply) -> Self {
        let mut answer = if reply.no_content {
            Self::empty()
        } else {
            let Lifted { status, errors, metadata } = lift(&reply.metadata);
            let body = envelope(&reply.data, &metadata, errors.as_deref());
            Self { status, ..Self::json(body) }
        };
        if reply.version > 0 {
            answer.headers.push((RECORD_VERSION, HeaderValue::from(reply.version)));
        }
        answer
    }

    /// The same with a session cookie set or removed.
    #[must_use]
    pub fn with_session(mut self, change: SessionChange) -> Self {
        self.session = change;
        self
    }
}

/// `{"data":…,"metadata":…,"errors":…}` without parsing the parts.
fn envelope(data: &Bytes, metadata: &Bytes, errors: Option<&[u8]>) -> Bytes {
    let mut body = BytesMut::with_capacity(data.len() + metadata.len() + 64);
    body.put_slice(b"{\"data\":");
    body.put_slice(if data.is_empty() { b"null" } else { data });
    if !metadata.is_empty() {
        body.put_slice(b",\"metadata\":");
        body.put_slice(metadata);
    }
    if let Some(errors) = errors {
        body.put_slice(b",\"errors\":");
        body.put_slice(errors);
    }
    body.put_u8(b'}');
    body.freeze()
}

struct Lifted {
    status: StatusCode,
    errors: Option<Vec<u8>>,
    metadata: Bytes,
}

/// Some answers carry data and errors side by side (location import): a service says so by
/// `http_status` and `errors` in the metadata, which belong on the top level.
fn lift(metadata: &Bytes) -> Lifted {
    let plain = Lifted { status: StatusCode::OK, errors: None, metadata: metadata.clone() };
    let marked = |name: &[u8]| metadata.windows(name.len()).any(|window| window == name);
    if !marked(b"\"http_status\"") && !marked(b"\"errors\"") {
        return plain;
    }
    let Ok(mut map) = serde_json::from_slice::<Map<String, Value>>(metadata) else { return plain };
    let status = map.shift_remove("http_status").and_then(|status| status.as_u64());
    let errors = map.shift_remove("errors").map(|errors| errors.to_string().into_bytes());
    Lifted {
        status: status
            .and_then(|status| u16::try_from(status).ok())
            .and_then(|status| StatusCode::from_u16(status).ok())
            .unwrap_or(StatusCode::OK),
        errors,
        metadata: if map.is_empty() { Bytes::new() } else { Value::Object(map).to_string().into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(reply: &Reply) -> String {
        String::from_utf8(Answer::of_reply(reply).body.to_vec()).unwrap()
    }

    #[test]
    fn data_is_wrapped_as_it_came() {
        let reply = Reply { data: "{ \"id\": 1}".into(), version: 7, ..Default::default() };
        assert_eq!(body(&reply), r#"{"data":{ "id": 1}}"#);
        let headers = Answer::of_reply(&reply).headers;
        assert_eq!(headers, [(RECORD_VERSION, HeaderValue::from_static("7"))]);
        let metadata = r#"{"total":41,"per":20,"page":1}"#;
        let list = Reply { data: "[]".into(), metadata: metadata.into(), ..Default::default() };
        assert_eq!(body(&list), format!(r#"{{"data":[],"metadata":{metadata}}}"#));
    }

    #[test]
    fn a_client_made_id_is_answered_without_a_body() {
        let reply = Reply { no_content: true, data: "{}".into(), ..Default::default() };
        let answer = Answer::of_reply(&reply);
        assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0));
    }

    #[test]
    fn data_and_errors_can_stand_side_by_side() {
        let reply = Reply {
            data: r#"{"status":"some_failure"}"#.into(),
            metadata: r#"{"http_status":422,"errors":[{"row":3}]}"#.into(),
            ..Default::default()
        };
        assert_eq!(Answer::of_reply(&reply).status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(body(&reply), r#"{"data":{"status":"some_failure"},"errors":[{"row":3}]}"#);
    }
}

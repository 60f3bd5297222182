//! Every no that a caller gets: one closed set of codes in two dialects, gRPC and HTTP, and
//! errors in the shape of the REST contract. Never holds internals or personal data.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::error::Error as _;
use tonic::Status;

/// Details larger than this are cut: they travel in a header.
const MAX_DETAILS: usize = 64 << 10;

/// Why a call was refused, for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// 422: what was sent is not acceptable.
    InvalidArgument,
    /// 401: nobody known.
    Unauthenticated,
    /// 403: not for this caller.
    PermissionDenied,
    /// 404
    NotFound,
    /// 410: it was there and was erased for good.
    Gone,
    /// 409: the id is taken.
    AlreadyExists,
    /// 409: someone else was faster.
    Aborted,
    /// 422: not in the present state of things.
    FailedPrecondition,
    /// 429: too much at once.
    ResourceExhausted,
    /// 503: not now.
    Unavailable,
    /// 500: our fault; what happened is in the log.
    Internal,
}

impl Code {
    /// The same in HTTP.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::InvalidArgument | Self::FailedPrecondition => 422,
            Self::Unauthenticated => 401,
            Self::PermissionDenied => 403,
            Self::NotFound => 404,
            Self::Gone => 410,
            Self::AlreadyExists | Self::Aborted => 409,
            Self::ResourceExhausted => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    const fn grpc(self) -> tonic::Code {
        match self {
            Self::InvalidArgument => tonic::Code::InvalidArgument,
            Self::Unauthenticated => tonic::Code::Unauthenticated,
            Self::PermissionDenied => tonic::Code::PermissionDenied,
            Self::NotFound => tonic::Code::NotFound,
            // gRPC has no word of its own for it, and nobody else uses this one.
            Self::Gone => tonic::Code::DataLoss,
            Self::AlreadyExists => tonic::Code::AlreadyExists,
            Self::Aborted => tonic::Code::Aborted,
            Self::FailedPrecondition => tonic::Code::FailedPrecondition,
            Self::ResourceExhausted => tonic::Code::ResourceExhausted,
            Self::Unavailable => tonic::Code::Unavailable,
            Self::Internal => tonic::Code::Internal,
        }
    }

    const fn from_grpc(code: tonic::Code) -> Self {
        match code {
            tonic::Code::InvalidArgument | tonic::Code::OutOfRange => Self::InvalidArgument,
            tonic::Code::Unauthenticated => Self::Unauthenticated,
            tonic::Code::PermissionDenied => Self::PermissionDenied,
            tonic::Code::NotFound => Self::NotFound,
            tonic::Code::DataLoss => Self::Gone,
            tonic::Code::AlreadyExists => Self::AlreadyExists,
            tonic::Code::Aborted => Self::Aborted,
            tonic::Code::FailedPrecondition => Self::FailedPrecondition,
            tonic::Code::ResourceExhausted => Self::ResourceExhausted,
            tonic::Code::Unavailable | tonic::Code::Cancelled | tonic::Code::DeadlineExceeded => {
                Self::Unavailable
            }
            tonic::Code::Ok
            | tonic::Code::Unknown
            | tonic::Code::Unimplemented
            | tonic::Code::Internal => Self::Internal,
        }
    }
}

/// A text or a list of texts, as the contract has both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Texts {
    One(String),
    Many(Vec<String>),
}

impl From<&str> for Texts {
    fn from(text: &str) -> Self {
        Self::One(text.to_owned())
    }
}

impl From<String> for Texts {
    fn from(text: String) -> Self {
        Self::One(text)
    }
}

impl From<Vec<String>> for Texts {
    fn from(texts: Vec<String>) -> Self {
        Self::Many(texts)
    }
}

/// What is wrong with one field; the gateway adds a sentence in the caller's language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// JSON pointer into `data`.
    pub pointer: String,
    /// In snake case, such as `out_of_range`; the gateway's texts have a sentence for each.
    pub code: String,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub params: Map<String, Value>,
}

impl FieldProblem {
    /// A problem without parameters.
    pub fn new(pointer: impl Into<String>, code: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), params: Map::new() }
    }

    /// Adds a parameter for the sentence; never what the caller sent.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }
}

/// One entry of the answer's `errors`; the gateway adds `status` and `resource`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorItem {
    pub message: Texts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Texts>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
}

impl ErrorItem {
    /// An entry with a message alone.
    pub fn new(message: impl Into<Texts>) -> Self {
        Self { message: message.into(), detail: None, fields: Vec::new() }
    }

    /// Adds what the message is about: an attribute, pointers, a sentence.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Texts>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds what is wrong, field by field.
    #[must_use]
    pub fn with_fields(mut self, fields: Vec<FieldProblem>) -> Self {
        self.fields = fields;
        self
    }
}

/// A no, with everything the caller may know about it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("refused: {code:?}")]
pub struct Refusal {
    pub code: Code,
    pub errors: Vec<ErrorItem>,
}

impl Refusal {
    /// A refusal with one error.
    pub fn new(code: Code, error: ErrorItem) -> Self {
        Self { code, errors: vec![error] }
    }

    /// 403, as the contract words it.
    pub fn forbidden() -> Self {
        Self::new(Code::PermissionDenied, ErrorItem::new("Forbidden"))
    }

    /// 403 of a sensitive act by someone who did not prove lately who they are.
    pub fn not_proven() -> Self {
        let field = FieldProblem::new("", "not_recently_proven");
        Self::new(Code::PermissionDenied, ErrorItem::new("Forbidden").with_fields(vec![field]))
    }

    /// 403 of everything but setting up the second factor that the caller's role demands.
    pub fn must_enrol() -> Self {
        let field = FieldProblem::new("", "second_factor_demanded");
        Self::new(Code::PermissionDenied, ErrorItem::new("Forbidden").with_fields(vec![field]))
    }

    /// 404; `detail` names the kind and id that were looked for.
    pub fn not_found(detail: impl Into<Texts>) -> Self {
        Self::new(Code::NotFound, ErrorItem::new("Not Found").with_detail(detail))
    }

    /// 410: a record that was erased for good. `detail` names the kind and id.
    pub fn erased(detail: impl Into<Texts>) -> Self {
        let field = FieldProblem::new("/id", "erased");
        let error = ErrorItem::new("Gone").with_detail(detail).with_fields(vec![field]);
        Self::new(Code::Gone, error)
    }

    /// 401 with the text for `{"error": ...}`.
    pub fn unauthenticated(text: &str) -> Self {
        Self::new(Code::Unauthenticated, ErrorItem::new(text))
    }

    /// 409: the id or unique id is taken.
    pub fn taken() -> Self {
        let text = "Conflict: A record with this id already exists";
        Self::new(Code::AlreadyExists, ErrorItem::new(text))
    }

    /// 422 of a body against its schema: one entry, the pointers as its detail.
    pub fn invalid_record(fields: Vec<FieldProblem>) -> Self {
        let mut pointers: Vec<String> = Vec::new();
        for field in &fields {
            if !pointers.contains(&field.pointer) {
                pointers.push(field.pointer.clone());
            }
        }
        let error = ErrorItem::new("Invalid Record JSON").with_detail(pointers).with_fields(fields);
        Self::new(Code::InvalidArgument, error)
    }

    /// 422 of a model's own checks: one entry per (attribute, texts or i18n keys).
    pub fn invalid_model(attributes: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        let entry = |(name, texts): (String, Vec<String>)| ErrorItem::new(texts).with_detail(name);
        Self { code: Code::InvalidArgument, errors: attributes.into_iter().map(entry).collect() }
    }

    /// 422 with a text.
    pub fn invalid(message: impl Into<Texts>) -> Self {
        Self::new(Code::InvalidArgument, ErrorItem::new(message))
    }

    /// 422 when a required parameter is missing, as the contract words it.
    pub fn missing_parameter(name: &str) -> Self {
        Self::invalid(format!("param is missing or the value is empty or invalid: {name}"))
    }

    /// 503.
    pub fn unavailable() -> Self {
        Self::new(Code::Unavailable, ErrorItem::new("Service Unavailable"))
    }

    /// 500: logs what happened (types and ids, no personal data) and tells the caller nothing.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(error = %error, "internal failure");
        Self { code: Code::Internal, errors: Vec::new() }
    }
}

#[derive(Serialize, Deserialize)]
struct Details {
    errors: Vec<ErrorItem>,
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let code = refusal.code.grpc();
        let details = details(refusal.errors);
        Self::with_details(code, format!("{:?}", refusal.code), details.into())
    }
}

/// The errors as JSON, as many as fit.
fn details(mut errors: Vec<ErrorItem>) -> Vec<u8> {
    loop {
        let bytes = serde_json::to_vec(&Details { errors: errors.clone() }).unwrap_or_default();
        if bytes.len() <= MAX_DETAILS {
            return bytes;
        }
        shorten(&mut errors);
    }
}

/// Halves the list, or the fields and detail of the only entry.
fn shorten(errors: &mut Vec<ErrorItem>) {
    if errors.len() > 1 {
        errors.truncate(errors.len() / 2);
        return;
    }
    for error in errors {
        error.fields.truncate(error.fields.len() / 2);
        match &mut error.detail {
            Some(Texts::Many(texts)) if texts.len() > 1 => texts.truncate(texts.len() / 2),
            detail => *detail = None,
        }
        if error.fields.is_empty() && error.detail.is_none() {
            error.message = "Invalid".into();
        }
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let code = match Code::from_grpc(status.code()) {
            // No answer of a service: the connection broke on the way.
            Code::Internal if status.source().is_some() => Code::Unavailable,
            code => code,
        };
        let errors = serde_json::from_slice(status.details())
            .map_or_else(|_not_ours| Vec::new(), |details: Details| details.errors);
        if code == Code::Internal && errors.is_empty() {
            tracing::warn!(code = ?status.code(), "a service failed");
        }
        Self { code, errors }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn travels_as_a_status_unchanged() {
        let problem = FieldProblem::new("/age", "out_of_range").with("min", 0).with("max", 130);
        let refusal = Refusal::invalid_record(vec![problem]);
        let back = Refusal::from(Status::from(refusal.clone()));
        assert_eq!(back, refusal);
        assert_eq!(back.errors[0].detail, Some(Texts::Many(vec!["/age".into()])));
        assert_eq!(back.code.http_status(), 422);
    }

    #[test]
    fn a_broken_connection_is_no_failure_of_a_service() {
        let broken = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let back = Refusal::from(Status::from_error(Box::new(broken)));
        assert_eq!((back.code, back.code.http_status()), (Code::Unavailable, 503));
    }

    #[test]
    fn cuts_what_would_not_fit_a_header() {
        let fields =
            (0..5_000).map(|row| FieldProblem::new(format!("/contacts/{row}/name"), "required"));
        let status = Status::from(Refusal::invalid_record(fields.collect()));
        assert!(status.details().len() <= MAX_DETAILS);
        let back = Refusal::from(status);
        assert_eq!(back.errors[0].message, "Invalid Record JSON".into());
        assert!(back.errors[0].fields.len() > 100);
    }

    #[test]
    fn tells_nothing_of_a_stranger_s_failure() {
        let back = Refusal::from(Status::internal("password=123"));
        assert_eq!(back, Refusal { code: Code::Internal, errors: vec![] });
    }
}

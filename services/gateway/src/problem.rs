//! Everything but success: what services refused and what the gateway itself refuses, on its way
//! to the error envelope of the contract.

use std::num::NonZeroU32;

use http::StatusCode;
use kit_serve::{Code, ErrorItem, FieldProblem, Refusal, Texts};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::json_check::Flaw;
use crate::texts::Language;

/// An answer that is not a success.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub status: u16,
    pub errors: Vec<ErrorItem>,
    /// The gateway's own sentence: a code of `texts/`, made a message in the caller's language.
    sentence: Option<(&'static str, Map<String, Value>)>,
    shape: Shape,
    /// Seconds after which to try again, where they are known.
    pub retry_after: Option<NonZeroU32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// `{"errors": [...]}`
    Envelope,
    /// `{"error": "..."}`, for everything around signing in.
    Bare,
    /// `Retry later`
    Text,
}

/// What a problem looks like on the wire.
#[derive(Debug, PartialEq, Eq)]
pub struct Rendered {
    pub status: StatusCode,
    pub json: bool,
    pub body: Vec<u8>,
}

impl Problem {
    fn own(status: u16, code: &'static str) -> Self {
        let params = Map::new();
        Self {
            status,
            errors: vec![],
            sentence: Some((code, params)),
            shape: Shape::Envelope,
            retry_after: None,
        }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some((_, params)) = &mut self.sentence {
            params.insert(name.to_owned(), value.into());
        }
        self
    }

    /// 404 for paths and tenants that do not exist.
    pub fn unknown_path() -> Self {
        Refusal::new(Code::NotFound, ErrorItem::new("Not Found")).into()
    }

    /// 404: no tenant answers to this host.
    pub fn unknown_host() -> Self {
        Self::own(404, "unknown_host")
    }

    /// 403: the tenant is suspended or closed.
    pub fn tenant_closed(status: &str) -> Self {
        let code = if matches!(status, "closed" | "destroyed") {
            "tenant_closed"
        } else {
            "tenant_suspended"
        };
        Self::own(403, code)
    }

    /// Whether a service knows nothing of what was asked for.
    pub fn is_not_found(&self) -> bool {
        self.status == 404
    }

    /// What a service said cannot be read.
    pub fn not_understood(error: impl std::fmt::Display) -> Self {
        Refusal::internal(error).into()
    }

    /// 401 in the shape that sign-in dialogs show.
    pub fn not_signed_in() -> Self {
        Self { shape: Shape::Bare, ..Self::own(401, "not_signed_in") }
    }

    /// Whether the password was right and only the code of a second factor is missing.
    pub fn wants_code(&self) -> bool {
        let mut fields = self.errors.iter().flat_map(|error| &error.fields);
        fields.any(|field| field.code == "otp_wanted")
    }

    /// 403: no or a wrong CSRF token.
    pub fn csrf() -> Self {
        Self::own(403, "csrf")
    }

    /// 422 as the contract words it.
    pub fn missing(member: &str) -> Self {
        Refusal::missing_parameter(member).into()
    }

    /// 422 that names one place.
    pub fn field(pointer: &str, code: &str) -> Self {
        Refusal::invalid_record(vec![FieldProblem::new(pointer, code)]).into()
    }

    /// 422 that names a header.
    pub fn header(name: &str) -> Self {
        Self::own(422, "invalid_header").with("name", name)
    }

    /// 400, or 422 where a field can be named.
    pub fn flawed(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Malformed { line, column } => {
                Self::own(400, "malformed_json").with("line", line).with("column", column)
            }
            Flaw::NotUtf8 => Self::own(400, "not_utf8"),
            Flaw::TooDeep => Self::own(400, "nested_too_deeply"),
            Flaw::Nul { pointer } => {
                Self::field(pointer.strip_prefix("/data").unwrap_or(&pointer), "invalid_text")
            }
        }
    }

    /// 400: a query that is not text.
    pub fn unreadable_query() -> Self {
        Self::own(400, "not_utf8")
    }

    /// 400: the body broke off.
    pub fn unreadable() -> Self {
        Self::own(400, "unreadable")
    }

    /// 412: somebody else has saved it since.
    pub fn stale() -> Self {
        Self::own(412, "stale")
    }

    /// 413.
    pub fn too_large(limit: usize) -> Self {
        Self::own(413, "too_large").with("max", limit)
    }

    /// 414.
    pub fn uri_too_long(limit: usize) -> Self {
        Self::own(414, "uri_too_long").with("max", limit)
    }

    /// 415.
    pub fn unsupported_media_type() -> Self {
        Self::own(415, "unsupported_media_type")
    }

    /// 429, plain text as clients know it.
    pub fn retry_later() -> Self {
        Self { shape: Shape::Text, ..Self::own(429, "busy") }
    }

    /// 429 with the time to wait.
    pub fn retry_after(seconds: u32) -> Self {
        Self { retry_after: NonZeroU32::new(seconds), ..Self::retry_later() }
    }

    /// 503: more than can be handled.
    pub fn busy() -> Self {
        Self::own(503, "busy")
    }

    /// 500.
    pub fn internal() -> Self {
        Self::own(500, "internal")
    }

    /// The status and body for this caller.
    pub fn render(&self, resource: &str, language: Language, request_id: Uuid) -> Rendered {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = match self.shape {
            Shape::Text => return Rendered { status, json: false, body: b"Retry later\n".into() },
            Shape::Bare => self.bare(language),
            Shape::Envelope => {
                let errors = self.entries(language, request_id);
                let entries: Vec<Value> = errors
                    .iter()
                    .map(|error| entry(error, self.status, resource, language))
                    .collect();
                json!({"errors": entries})
            }
        };
        Rendered { status, json: true, body: body.to_string().into_bytes() }
    }

    /// The errors, with the gateway's own sentence made one of them.
    fn entries(&self, language: Language, request_id: Uuid) -> Vec<ErrorItem> {
        let Some((code, params)) = &self.sentence else { return self.errors.clone() };
        let mut params = params.clone();
        params.insert("id".into(), request_id.to_string().into());
        vec![ErrorItem::new(language.sentence(code, &params))]
    }

    /// One text; where a refusal has a code, its sentence and the code for machines.
    fn bare(&self, language: Language) -> Value {
        match self.errors.first().and_then(|error| error.fields.first()) {
            Some(field) => {
                let text = language.sentence(&field.code, &field.params);
                json!({"error": text, "code": field.code})
            }
            None => json!({"error": self.plain(language)}),
        }
    }

    fn plain(&self, language: Language) -> String {
        match (self.errors.first().map(|error| &error.message), &self.sentence) {
            (Some(Texts::One(text)), _) => text.clone(),
            (Some(Texts::Many(texts)), _) => texts.join(" "),
            (None, Some((code, params))) => language.sentence(code, params),
            (None, None) => language.text("not_signed_in"),
        }
    }
}

/// One entry as the contract orders its keys, with a sentence for each field.
fn entry(error: &ErrorItem, status: u16, resource: &str, language: Language) -> Value {
    let mut entry = json!({"status": status, "resource": resource});
    if let Some(detail) = &error.detail {
        entry["detail"] = json!(detail);
    }
    entry["message"] = json!(error.message);
    if !error.fields.is_empty() {
        let fields = error.fields.iter().map(|field| {
            json!({
                "pointer": field.pointer,
                "code": field.code,
                "message": language.sentence(&field.code, &field.params),
                "params": field.params,
            })
        });
        entry["fields"] = fields.collect();
    }
    entry
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = refusal.code.http_status();
        match refusal.code {
            Code::Internal => Self::internal(),
            Code::Unavailable if refusal.errors.is_empty() => Self::busy(),
            Code::Unauthenticated => Self {
                status,
                // An order to a device is none of the reference's: it comes as ours do.
                shape: if is_order(&refusal) { Shape::Envelope } else { Shape::Bare },
                errors: refusal.errors,
                sentence: None,
                retry_after: None,
            },
            _ if refusal.errors.is_empty() => Self {
                status,
                errors: vec![ErrorItem::new(reason(status))],
                sentence: None,
                shape: Shape::Envelope,
                retry_after: None,
            },
            _ => Self {
                status,
                errors: refusal.errors,
                sentence: None,
                shape: Shape::Envelope,
                retry_after: None,
            },
        }
    }
}

impl From<tonic::Status> for Problem {
    fn from(status: tonic::Status) -> Self {
        Refusal::from(status).into()
    }
}

/// The message of a refusal that said no more than its code.
fn reason(status: u16) -> &'static str {
    match status {
        403 => "Forbidden",
        404 => "Not Found",
        410 => "Gone",
        409 => "Conflict",
        429 => "Retry later",
        _ => "Invalid",
    }
}

/// Whether a device is told to wipe itself.
fn is_order(refusal: &Refusal) -> bool {
    refusal.errors.iter().any(|error| error.message == Texts::from("device.wiped"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(problem: &Problem, language: Language) -> Value {
        let rendered = problem.render("/api/v2/cases/x", language, Uuid::nil());
        serde_json::from_slice(&rendered.body).unwrap()
    }

    #[test]
    fn entries_look_as_the_contract_says() {
        let text = "Couldn't find Child with 'id'=x";
        let problem = Problem::from(Refusal::not_found(text));
        assert_eq!(
            body(&problem, Language::En).to_string(),
            json!({"errors": [{"status": 404, "resource": "/api/v2/cases/x", "detail": text,
                "message": "Not Found"}]})
            .to_string()
        );
    }

    #[test]
    fn fields_have_sentences_in_the_callers_language() {
        let field = FieldProblem::new("/age", "out_of_range").with("min", 0).with("max", 130);
        let problem = Problem::from(Refusal::invalid_record(vec![field]));
        let french = body(&problem, Language::Fr);
        let error = &french["errors"][0];
        assert_eq!(error["message"], "Invalid Record JSON");
        assert_eq!(error["detail"], json!(["/age"]));
        assert_eq!(error["fields"][0]["message"], "Ce nombre doit être compris entre 0 et 130.");
        assert_eq!(error["fields"][0]["params"], json!({"min": 0, "max": 130}));
    }

    #[test]
    fn model_errors_keep_lists_of_keys() {
        let attributes = [("email".to_owned(), vec!["errors.models.user.email".to_owned()])];
        let problem = Problem::from(Refusal::invalid_model(attributes));
        let error = &body(&problem, Language::Ar)["errors"][0];
        assert_eq!(error["message"], json!(["errors.models.user.email"]));
        assert_eq!(error["detail"], "email");
        assert!(error.get("fields").is_none());
    }

    #[test]
    fn signing_in_has_its_own_shape_and_failures_tell_nothing() {
        let problem = Problem::from(Refusal::unauthenticated("Invalid User name or password."));
        assert_eq!(
            body(&problem, Language::En),
            json!({"error": "Invalid User name or password."})
        );
        let problem = Problem::from(tonic::Status::internal("relation \"case\" does not exist"));
        let text = body(&problem, Language::En).to_string();
        assert!(!text.contains("relation") && text.contains(&Uuid::nil().to_string()), "{text}");
    }

    #[test]
    fn an_order_to_a_device_is_read_by_machines() {
        let problem = Problem::from(Refusal::unauthenticated("device.wiped"));
        let told = body(&problem, Language::En);
        assert_eq!((problem.status, &told["errors"][0]["message"]), (401, &json!("device.wiped")));
        let other = Problem::from(Refusal::unauthenticated("Not signed in."));
        assert_eq!(body(&other, Language::En)["error"], "Not signed in.");
    }

    #[test]
    fn a_missing_code_is_asked_for_in_the_callers_language() {
        let field = FieldProblem::new("/user/otp", "otp_wanted");
        let error = ErrorItem::new("Invalid User name or password.").with_fields(vec![field]);
        let problem = Problem::from(Refusal::new(Code::Unauthenticated, error));
        let spanish = body(&problem, Language::Es);
        assert_eq!(spanish["code"], "otp_wanted");
        assert!(spanish["error"].as_str().unwrap().contains("aplicación de autenticación"));
    }

    #[test]
    fn throttling_is_plain_text() {
        let rendered = Problem::retry_later().render("/", Language::En, Uuid::nil());
        assert_eq!(rendered.status, 429);
        assert!(!rendered.json);
        assert_eq!(rendered.body, b"Retry later\n");
    }
}

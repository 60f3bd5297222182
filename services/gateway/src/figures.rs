//! What the gateway counts for Prometheus. Labels are templates of routes, methods and codes:
//! nothing that a caller chooses.

use std::time::Duration;

use http::{Method, StatusCode};
use metrics::{counter, gauge, histogram};

/// Why a call was made to wait or turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brake {
    /// More requests than one network or user may make.
    Rate,
    /// Too many wrong passwords, or sign-ins of one name.
    SignIn,
    /// More at once than the gateway takes on.
    Capacity,
    /// Reading far more records than usual: slowed.
    ReadingSlowed,
    /// The same, refused.
    ReadingStopped,
}

impl Brake {
    const fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::SignIn => "sign_in",
            Self::Capacity => "capacity",
            Self::ReadingSlowed => "reading_slowed",
            Self::ReadingStopped => "reading_stopped",
        }
    }
}

/// Notes an answered request by the template of its route.
pub fn answered(method: &Method, route: &'static str, status: StatusCode, took: Duration) {
    let (method, route) = (method_name(method), if route.is_empty() { "none" } else { route });
    let status = status.as_u16().to_string();
    counter!("amparo_http_requests_total", "method" => method, "route" => route, "status" => status)
        .increment(1);
    histogram!("amparo_http_request_seconds", "method" => method, "route" => route)
        .record(took.as_secs_f64());
}

/// Notes a call that was held back.
pub fn braked(brake: Brake) {
    counter!("amparo_throttled_calls_total", "why" => brake.name()).increment(1);
}

/// Notes an audit entry that no one will see.
pub fn audit_lost() {
    counter!("amparo_audit_entries_lost_total").increment(1);
}

/// Notes an audit entry that a kill would lose.
pub fn audit_unspooled() {
    counter!("amparo_audit_entries_unspooled_total").increment(1);
}

/// How much waits on disk.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub fn audit_spool(entries: u64, bytes: u64) {
    gauge!("amparo_audit_spool_entries").set(entries as f64);
    gauge!("amparo_audit_spool_bytes").set(bytes as f64);
}

/// Methods are words that callers choose.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

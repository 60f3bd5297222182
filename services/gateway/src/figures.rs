//! What the gateway counts for Prometheus. Labels are templates of routes, methods and codes:
//! nothing that a caller chooses.

use std::time::Duration;

use http::{Method, StatusCode};
use metrics::{counter, gauge, histogram};
use uuid::Uuid;

/// Why a call was made to wait or turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brake {
    /// More requests than one network or user may make.
    Rate,
    /// More requests than one organisation may make.
    TenantRate,
    /// More of an organisation's calls at once than may wait, or for longer.
    TenantShare,
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
    const ALL: [Self; 7] = [
        Self::Rate,
        Self::TenantRate,
        Self::TenantShare,
        Self::SignIn,
        Self::Capacity,
        Self::ReadingSlowed,
        Self::ReadingStopped,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::TenantRate => "tenant_rate",
            Self::TenantShare => "tenant_share",
            Self::SignIn => "sign_in",
            Self::Capacity => "capacity",
            Self::ReadingSlowed => "reading_slowed",
            Self::ReadingStopped => "reading_stopped",
        }
    }
}

/// Counts start at nothing before anything happens: Prometheus sees no growth in a series that
/// begins with its first event, and no alert would tell of that one.
pub fn begin() {
    for brake in Brake::ALL {
        counter!("amparo_throttled_calls_total", "why" => brake.name()).increment(0);
    }
    counter!("amparo_audit_entries_lost_total").increment(0);
    counter!("amparo_audit_entries_unspooled_total").increment(0);
    counter!("amparo_event_streams_cut_total").increment(0);
    streams(0);
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

/// Organisations are told apart by the last two hexadecimal digits of their id, modulo this: few
/// enough for Prometheus, whoever opens however many.
const SLOTS: u8 = 64;

/// Notes what an organisation used: calls, and the time that they took.
pub fn used(tenant: Uuid, status: StatusCode, took: Duration) {
    let slot = slot(tenant);
    let shed = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let came = if shed { "shed" } else { "answered" };
    counter!("amparo_tenant_calls_total", "slot" => slot.clone(), "came" => came).increment(1);
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    counter!("amparo_tenant_busy_milliseconds_total", "slot" => slot).increment(millis);
}

fn slot(tenant: Uuid) -> String {
    let [.., last] = tenant.into_bytes();
    format!("{:02x}", last % SLOTS)
}

/// Notes a call that was held back.
pub fn braked(brake: Brake) {
    counter!("amparo_throttled_calls_total", "why" => brake.name()).increment(1);
}

/// How many streams of events are open.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub fn streams(open: usize) {
    gauge!("amparo_event_streams").set(open as f64);
}

/// Notes a stream that was cut off because nobody read it.
pub fn stream_cut() {
    counter!("amparo_event_streams_cut_total").increment(1);
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

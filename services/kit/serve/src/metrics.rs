//! Figures of the process for Prometheus: one recorder that all crates reach by the macros of the
//! `metrics` crate, and its text at `/metrics`. Labels are names of code, never of people: route
//! templates, rpc methods, services; no ids, no tenants, nothing that a caller chooses.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Bounds of all durations, in seconds.
const SECONDS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
/// How often what was measured is folded into the bounds, so that memory stays small.
const UPKEEP: Duration = Duration::from_secs(5);

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts recording, once per process. Before that all macros do nothing.
pub(crate) fn install() -> Option<PrometheusHandle> {
    RECORDER.get_or_init(start).clone()
}

fn start() -> Option<PrometheusHandle> {
    let builder = PrometheusBuilder::new();
    let bounded = builder.set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS);
    match bounded.and_then(PrometheusBuilder::install_recorder) {
        Ok(handle) => {
            describe();
            Some(handle)
        }
        Err(error) => {
            tracing::error!(%error, "nothing is measured");
            None
        }
    }
}

fn describe() {
    describe_counter!("amparo_rpc_requests_total", "Rpcs answered, by service, method and code.");
    describe_histogram!("amparo_rpc_seconds", Unit::Seconds, "How long rpcs took.");
}

/// Folds measurements into their bounds for as long as the process lives.
pub(crate) async fn keep_up(handle: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        handle.run_upkeep();
    }
}

/// Notes an answered rpc. The path is one of the contract's: `/amparo.cases.v1.Cases/GetCase`.
pub(crate) fn answered(path: &str, code: tonic::Code, took: Duration) {
    let (package, method) = path.rsplit_once('/').unwrap_or(("", path));
    let service = package.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    let method = method.to_owned();
    counter!(
        "amparo_rpc_requests_total",
        "service" => service.clone(), "method" => method.clone(), "code" => code_name(code)
    )
    .increment(1);
    histogram!("amparo_rpc_seconds", "service" => service, "method" => method)
        .record(took.as_secs_f64());
}

/// As gRPC writes them.
const fn code_name(code: tonic::Code) -> &'static str {
    use tonic::Code;
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

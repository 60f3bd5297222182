//! The layer before every rpc: known path, free capacity, known caller, deadline, trace.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{HeaderMap, Request, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::Instrument;
use tracing::field::Empty;

use crate::access::{AccessTable, Demand};
use crate::authenticate::Doorkeeper;
use crate::call::TRACEPARENT;
use crate::refusal::Refusal;
use crate::{metrics, trace};

/// What the layer needs to know; shared by all calls.
#[derive(Debug)]
pub(crate) struct Rules {
    pub table: AccessTable,
    pub doorkeeper: Doorkeeper,
    pub capacity: Arc<Semaphore>,
    pub timeout: Duration,
}

/// Puts [`Guarded`] around the rpcs.
#[derive(Debug, Clone)]
pub(crate) struct Guard(pub Arc<Rules>);

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { rules: Arc::clone(&self.0), inner }
    }
}

/// Lets through what the rules allow.
#[derive(Debug, Clone)]
pub(crate) struct Guarded<S> {
    rules: Arc<Rules>,
    inner: S,
}

type Answer = Result<Response<Body>, Infallible>;

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The clone was not asked whether it is ready; the original was.
        let fresh = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, fresh);
        let rules = Arc::clone(&self.rules);
        let (path, parent) = (request.uri().path(), traceparent(request.headers()));
        let trace = parent.as_deref().and_then(trace::id_of);
        // Of the highest level, so that lines of every level belong to their call.
        let span = tracing::error_span!("rpc", path, trace.id = trace);
        Box::pin(guarded(rules, ready, request, parent).instrument(span))
    }
}

async fn guarded<S>(
    rules: Arc<Rules>,
    mut inner: S,
    mut request: Request<Body>,
    parent: Option<String>,
) -> Answer
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let started = Instant::now();
    let path = request.uri().path().to_owned();
    let here = parent.as_ref().map(|it| {
        let seed = rules.doorkeeper.ids.v7();
        trace::child(it, &path, seed.as_u128())
    });
    let part = here.as_ref().map_or_else(tracing::Span::none, |here| {
        let (title, kind) = (path.trim_start_matches('/'), "server");
        tracing::trace_span!(target: trace::TARGET, "rpc", here, parent, title, kind, code = Empty)
    });
    let _permit = match admit(&rules, &mut request, here).await {
        Ok(permit) => permit,
        Err(status) => {
            tracing::debug!(code = ?status.code(), "refused");
            // Callers choose paths; only those of the contract are counted by name.
            let path = rules.table.demand(&path).map_or("", |_| &path);
            metrics::answered(path, status.code(), started.elapsed());
            return Ok(status.into_http());
        }
    };
    let limit = deadline(request.headers()).map_or(rules.timeout, |asked| asked.min(rules.timeout));
    match tokio::time::timeout(limit, inner.call(request)).await {
        Ok(answer) => {
            tracing::debug!(ms = started.elapsed().as_millis(), "answered");
            if let Ok(response) = &answer {
                let code = code(response.headers());
                part.record("code", i32::from(code));
                metrics::answered(&path, code, started.elapsed());
            }
            answer
        }
        Err(_elapsed) => {
            metrics::answered(&path, Code::DeadlineExceeded, started.elapsed());
            tracing::warn!(ms = started.elapsed().as_millis(), "given up");
            Ok(Status::deadline_exceeded("took too long").into_http())
        }
    }
}

/// Takes a place, learns who calls, and tells the service by an extension.
async fn admit(
    rules: &Rules,
    request: &mut Request<Body>,
    here: Option<String>,
) -> Result<Option<OwnedSemaphorePermit>, Status> {
    let demand = rules
        .table
        .demand(request.uri().path())
        .ok_or_else(|| Status::unimplemented("no such rpc"))?;
    if demand == Demand::Open {
        return Ok(None);
    }
    let permit = Arc::clone(&rules.capacity)
        .try_acquire_owned()
        .map_err(|_full| Status::from(Refusal::unavailable()))?;
    let mut call = rules.doorkeeper.admit(demand, request.headers()).await?;
    // What this call leads to is a child of it.
    call.traceparent = here;
    tracing::debug!(request.id = %call.request_id, tenant.id = ?call.tenant, "admitted");
    request.extensions_mut().insert(call);
    Ok(Some(permit))
}

/// The code of an answer: refusals are headers only, anything else went well.
fn code(headers: &HeaderMap) -> Code {
    headers.get("grpc-status").map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()))
}

/// The trace that the caller names, if it is one.
fn traceparent(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(TRACEPARENT)?.to_str().ok()?;
    trace::id_of(given).map(|_fits| given.to_owned())
}

/// The caller's `grpc-timeout`: digits and a unit.
fn deadline(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    let amount: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(amount.saturating_mul(3600))),
        "M" => Some(Duration::from_secs(amount.saturating_mul(60))),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_callers_deadline() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", value.parse().unwrap());
            deadline(&headers)
        };
        assert_eq!(with("1500m"), Some(Duration::from_millis(1500)));
        assert_eq!(with("2S"), Some(Duration::from_secs(2)));
        assert_eq!(with("é"), None);
        assert_eq!(with("S"), None);
        assert_eq!(deadline(&HeaderMap::new()), None);
    }
}

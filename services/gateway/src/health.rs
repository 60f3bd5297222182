//! Health over HTTP: open to everyone, of no tenant, without a body.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use axum::response::Response;
use futures_util::future::join_all;
use http::{Method, StatusCode};
use kit_proto::common::v1::HealthRequest;
use kit_serve::{Service, Shared};

use crate::gateway::Gateway;
use crate::parameters::first;
use crate::respond;
use crate::visit::Visit;

/// The services without which the gateway can't do its work.
const NEEDED: [Service; 7] = [
    Service::Keyring,
    Service::Identity,
    Service::Configuration,
    Service::Cases,
    Service::Incidents,
    Service::Tracing,
    Service::Reporting,
];

/// Asks each service whether it is well, as checks of the gateway's own health. Ready it is once
/// all of them have been well, and from then on: it answers for those that are away.
pub fn watch(shared: &Shared) {
    for service in NEEDED {
        let asking = shared.clone();
        shared.health.watch(service.name(), move || is_well(asking.clone(), service));
    }
    let (asking, started) = (shared.clone(), Arc::new(AtomicBool::new(false)));
    shared.health.need("start", move || {
        let (asking, started) = (asking.clone(), Arc::clone(&started));
        async move {
            if !started.load(Relaxed) {
                let asked = NEEDED.map(|service| is_well(asking.clone(), service));
                started.store(join_all(asked).await.into_iter().all(|well| well), Relaxed);
            }
            started.load(Relaxed)
        }
    });
}

async fn is_well(shared: Shared, service: Service) -> bool {
    let asked = shared.peers.health(service).check_health(HealthRequest {}).await;
    asked.is_ok_and(|reply| reply.into_inner().ready)
}

/// The answer, when it is health that was asked for.
pub async fn answer(gateway: &Gateway, visit: &Visit) -> Option<Response> {
    let segments: Vec<&str> = visit.segments.iter().map(String::as_str).collect();
    let well = match (&visit.method, segments.as_slice()) {
        (&Method::GET | &Method::HEAD, ["livez"] | ["health", "server"]) => true,
        (&Method::GET | &Method::HEAD, ["health"] | ["health", "database" | "api" | "beacon"]) => {
            gateway.shared.health.failing().await.is_empty()
        }
        (&Method::GET | &Method::HEAD, ["readyz"]) => gateway.shared.health.is_able().await,
        (&Method::GET | &Method::HEAD, ["health", _]) => false,
        _ => return None,
    };
    let status = if well { StatusCode::NO_CONTENT } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut response = respond::empty(gateway, visit, status);
    let wants_session = first(&visit.parameters, "session") == Some("true");
    if !wants_session {
        response.headers_mut().remove(http::header::SET_COOKIE);
    }
    Some(response)
}

//! Health over HTTP: open to everyone, of no tenant, without a body.

use axum::response::Response;
use http::{Method, StatusCode};
use kit_proto::common::v1::HealthRequest;
use kit_serve::{Service, Shared};

use crate::gateway::Gateway;
use crate::parameters::first;
use crate::respond;
use crate::visit::Visit;

/// The services without which the gateway can't do its work.
const NEEDED: [Service; 5] = [
    Service::Keyring,
    Service::Identity,
    Service::Configuration,
    Service::Cases,
    Service::Reporting,
];

/// Asks each service whether it is well, as checks of the gateway's own health.
pub fn watch(shared: &Shared) {
    for service in NEEDED {
        let shared_by_check = shared.clone();
        shared.health.watch(service.name(), move || {
            let mut client = shared_by_check.peers.health(service);
            async move {
                let asked = client.check_health(HealthRequest {}).await;
                asked.is_ok_and(|reply| reply.into_inner().ready)
            }
        });
    }
}

/// The answer, when it is health that was asked for.
pub async fn answer(gateway: &Gateway, visit: &Visit) -> Option<Response> {
    let segments: Vec<&str> = visit.segments.iter().map(String::as_str).collect();
    let well = match (&visit.method, segments.as_slice()) {
        (&Method::GET | &Method::HEAD, ["livez"] | ["health", "server"]) => true,
        (
            &Method::GET | &Method::HEAD,
            ["readyz" | "health"] | ["health", "database" | "api" | "beacon"],
        ) => gateway.shared.health.failing().await.is_empty(),
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

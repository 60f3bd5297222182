//! The gateway: HTTP in front, the services behind, no rule of the domain in between.

mod answer;
mod body;
mod csrf;
mod dispatch;
mod gateway;
mod handlers;
mod health;
mod json_check;
mod ledger;
mod parameters;
mod path;
mod people;
mod problem;
mod respond;
mod route;
mod routes;
mod rpc;
pub mod settings;
mod tenants;
mod texts;
mod throttle;
mod trail;
mod visit;
mod watch;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use kit_bus::Bus;
use kit_serve::{Shared, Shutdown};
use tokio::net::TcpListener;
use tower_http::compression::{CompressionLayer, CompressionLevel};

use crate::gateway::Gateway;
use crate::ledger::Ledger;
use crate::settings::Settings;

/// Serves HTTP until told to stop, then lets running requests end and audit entries leave.
pub async fn run(settings: Settings, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let listen = settings.gateway_listen;
    let bus = Bus::connect(shared.nats_url()?.reveal()).await?;
    let drain = Duration::from_secs(shared.platform.limits.drain_timeout);
    let (ledger, worker) = Ledger::new(shared.ids.clone());
    health::watch(&shared);
    let watched = bus.clone();
    shared.health.watch("nats", move || {
        let connected = watched.is_connected();
        async move { connected }
    });
    let listener = TcpListener::bind(listen).await.with_context(|| format!("{listen}"))?;
    let gateway = Arc::new(Gateway::new(settings, shared, ledger));
    for service in ["identity", "configuration"] {
        let following = watch::follow(Arc::clone(&gateway), bus.clone(), service, shutdown.clone());
        tokio::spawn(following);
    }
    // The ledger goes on until the last request is answered.
    let (answered, all_answered) = Shutdown::new();
    let writing = tokio::spawn(worker.run(bus, all_answered));
    tracing::info!(address = %listener.local_addr()?, "gateway serves");
    serve(listener, gateway, shutdown, drain).await?;
    answered.stop();
    writing.await?;
    Ok(())
}

async fn serve(
    listener: TcpListener,
    gateway: Arc<Gateway>,
    shutdown: Shutdown,
    drain: Duration,
) -> anyhow::Result<()> {
    let app = router(gateway).into_make_service_with_connect_info::<SocketAddr>();
    let stop = shutdown.clone();
    let serving = axum::serve(listener, app)
        .with_graceful_shutdown(async move { stop.wait().await })
        .into_future();
    let patience = async {
        shutdown.wait().await;
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        ended = serving => Ok(ended?),
        () = patience => {
            tracing::warn!("requests were still running when the drain timeout was over");
            Ok(())
        }
    }
}

/// Every path goes through the gateway's own table; axum speaks HTTP.
fn router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .fallback(answer)
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .with_state(gateway)
}

async fn answer(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    dispatch::answer(gateway, peer, request).await
}

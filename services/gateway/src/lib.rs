//! The gateway: HTTP in front, the services behind, no rule of the domain in between.

mod answer;
mod body;
mod caller;
mod csrf;
mod discreet;
mod dispatch;
mod events;
mod figures;
mod gateway;
mod guesses;
mod handlers;
mod health;
mod http;
mod json_check;
mod ledger;
mod parameters;
mod path;
mod people;
#[doc(hidden)]
pub mod probe;
mod problem;
mod reading;
mod respond;
mod route;
mod routes;
mod rpc;
pub mod settings;
mod spool;
mod tenants;
mod texts;
mod throttle;
mod trail;
mod turns;
mod visit;
mod watch;
mod web;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::http::Request;
use anyhow::Context;
use axum::body::Body;
use axum::response::Response;
use futures_util::future::BoxFuture;
use kit_serve::{Shared, Shutdown};
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

use crate::gateway::Gateway;
use crate::ledger::Ledger;
use crate::settings::Settings;
use crate::spool::Spool;
use crate::web::WebApp;

/// Serves HTTP until told to stop, then lets running requests end and audit entries leave.
pub async fn run(settings: Settings, shared: Shared, shutdown: Shutdown) -> anyhow::Result<()> {
    let listen = settings.gateway_listen;
    let bus = kit_shell::bus(&shared).await?;
    let drain = Duration::from_secs(shared.platform.limits.drain_timeout);
    let spool = spool(&settings, &shared)?;
    let web = settings.web_dir.as_deref().map(WebApp::read).transpose()?.map(Arc::new);
    let (ledger, worker) = Ledger::new(shared.ids.clone(), shared.clock.clone(), spool);
    figures::begin();
    let watched = ledger.clone();
    shared.health.remark(move || match watched.waiting() {
        0..=99 => None,
        entries => Some(format!("{entries} audit entries wait on disk")),
    });
    health::watch(&shared);
    let listener = TcpListener::bind(listen).await.with_context(|| format!("{listen}"))?;
    let gateway = Arc::new(Gateway::new(settings, shared, ledger, shutdown.clone()));
    for service in ["identity", "configuration", "reporting"] {
        let following = watch::follow(Arc::clone(&gateway), bus.clone(), service, shutdown.clone());
        tokio::spawn(following);
    }
    tokio::spawn(events::run(Arc::clone(&gateway), bus.clone(), shutdown.clone()));
    // The ledger goes on until the last request is answered.
    let (answered, all_answered) = Shutdown::new();
    let writing = tokio::spawn(worker.run(bus, all_answered));
    tracing::info!(address = %listener.local_addr()?, "gateway serves");
    http::serve(listener, handler(gateway, web), shutdown, drain).await;
    answered.stop();
    writing.await?;
    Ok(())
}

/// Where audit entries wait; nothing when no folder is given.
fn spool(settings: &Settings, shared: &Shared) -> anyhow::Result<Option<Arc<Spool>>> {
    let Some(folder) = &settings.gateway_spool else {
        tracing::warn!(
            "without --gateway-spool a kill loses audit entries that NATS does not have"
        );
        return Ok(None);
    };
    let spool = Spool::open(folder, settings.gateway_spool_limit, shared.ids.clone())
        .with_context(|| format!("{}", folder.display()))?;
    Ok(Some(Arc::new(spool)))
}

/// Every path goes through the gateway's own table, but for the web client's files; around it
/// only compression.
fn handler(
    gateway: Arc<Gateway>,
    web: Option<Arc<WebApp>>,
) -> impl Fn(SocketAddr, Request<Body>) -> BoxFuture<'static, Response> + Clone + Send + Sync {
    // What fits into one packet anyway is not worth the work.
    let worth = DefaultPredicate::new().and(SizeAbove::new(1_200));
    let compress = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worth);
    move |peer, request| {
        let gateway = Arc::clone(&gateway);
        let web = web.clone();
        let answer = service_fn(move |request| {
            let gateway = Arc::clone(&gateway);
            let file = web.as_ref().and_then(|web| web.answer(&request));
            async move {
                Ok::<_, Infallible>(match file {
                    Some(file) => file,
                    None => dispatch::answer(gateway, peer, request).await,
                })
            }
        });
        let compressed = compress.layer(answer).oneshot(request);
        Box::pin(async move {
            match compressed.await {
                Ok(response) => response.map(Body::new),
                Err(never) => match never {},
            }
        })
    }
}

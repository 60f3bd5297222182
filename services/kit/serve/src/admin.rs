//! `/livez`, `/readyz`, `/health` and `/metrics` over HTTP, for whoever watches the process.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

use crate::health::Health;
use crate::metrics;
use crate::shutdown::Shutdown;

/// What the answers are made from.
struct Watched {
    services: Vec<(String, Health)>,
    shutdown: Shutdown,
    figures: Option<PrometheusHandle>,
}

/// Serves them until told to stop; `/readyz` is 503 while draining or without what calls need,
/// `/health` also when anything else is not well. Both name what fails or is worth a look. Measuring starts with this very call, not
/// only when the future is polled.
pub fn serve_admin(
    listener: TcpListener,
    services: Vec<(String, Health)>,
    shutdown: Shutdown,
) -> impl Future<Output = anyhow::Result<()>> + Send {
    let figures = metrics::install();
    async move {
        if let Some(figures) = &figures {
            tokio::spawn(metrics::keep_up(figures.clone()));
        }
        let watched = Arc::new(Watched { services, shutdown: shutdown.clone(), figures });
        let app = Router::new()
            .route("/livez", get(|| async { StatusCode::OK }))
            .route("/readyz", get(ready))
            .route("/health", get(health))
            .route("/metrics", get(figures_now))
            .with_state(watched);
        let stop = async move { shutdown.wait().await };
        axum::serve(listener, app).with_graceful_shutdown(stop).await?;
        Ok(())
    }
}

async fn ready(State(watched): State<Arc<Watched>>) -> (StatusCode, String) {
    let mut able = !watched.shutdown.is_stopping();
    for (_, health) in &watched.services {
        able &= health.is_able().await;
    }
    (status(able), told(&watched).await.1)
}

async fn health(State(watched): State<Arc<Watched>>) -> (StatusCode, String) {
    let (well, told) = told(&watched).await;
    (status(well), told)
}

const fn status(well: bool) -> StatusCode {
    if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

/// Whether all is well, and a line for each thing that is not, or is worth a look.
async fn told(watched: &Watched) -> (bool, String) {
    let mut failing = Vec::new();
    if watched.shutdown.is_stopping() {
        failing.push("stopping".to_owned());
    }
    let mut remarks = Vec::new();
    for (name, health) in &watched.services {
        failing.extend(health.failing().await.iter().map(|check| format!("{name}.{check}")));
        remarks.extend(health.remarks().iter().map(|remark| format!("({name}: {remark})")));
    }
    let well = failing.is_empty();
    failing.append(&mut remarks);
    (well, failing.join("\n"))
}

async fn figures_now(State(watched): State<Arc<Watched>>) -> impl IntoResponse {
    const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
    match &watched.figures {
        Some(figures) => (StatusCode::OK, [(CONTENT_TYPE, TEXT)], figures.render()),
        None => (StatusCode::NOT_FOUND, [(CONTENT_TYPE, TEXT)], String::new()),
    }
}

//! `/livez` and `/readyz` over HTTP, for whoever watches the process.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::health::Health;
use crate::shutdown::Shutdown;

/// Serves the two until told to stop; `/readyz` is 503 while draining or when a check fails.
pub async fn serve_admin(
    listener: TcpListener,
    services: Vec<(String, Health)>,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let app = Router::new()
        .route("/livez", get(|| async { StatusCode::OK }))
        .route("/readyz", get(ready))
        .with_state((services, shutdown.clone()));
    axum::serve(listener, app).with_graceful_shutdown(async move { shutdown.wait().await }).await?;
    Ok(())
}

async fn ready(
    State((services, shutdown)): State<(Vec<(String, Health)>, Shutdown)>,
) -> (StatusCode, String) {
    let mut failing = Vec::new();
    if shutdown.is_stopping() {
        failing.push("stopping".to_owned());
    }
    for (name, health) in services {
        failing.extend(health.failing().await.iter().map(|check| format!("{name}.{check}")));
    }
    let status = if failing.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, failing.join("\n"))
}

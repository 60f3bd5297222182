//! HTTP connections: so many at a time, none that dawdles over its headers, and a graceful end.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use kit_serve::Shutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// A browser has six; the rest of a large installation's come through a proxy.
const MAX_CONNECTIONS: usize = 8_192;
const HEADERS_WITHIN: Duration = Duration::from_secs(15);
const MAX_HEADERS: u32 = 64 << 10;
/// After an error of `accept` (no file descriptors left, for one).
const PAUSE: Duration = Duration::from_millis(50);

/// Serves until told to stop; then running requests have `drain` to end.
pub async fn serve<H, F>(listener: TcpListener, handle: H, shutdown: Shutdown, drain: Duration)
where
    H: Fn(SocketAddr, Request<Body>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = shutdown.wait() => break,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        let (handle, shutdown) = (handle.clone(), shutdown.clone());
        tokio::spawn(async move {
            connection(stream, peer, handle, shutdown).await;
            drop(place);
        });
    }
    drop(listener);
    let all = u32::try_from(MAX_CONNECTIONS).unwrap_or(u32::MAX);
    if tokio::time::timeout(drain, places.acquire_many(all)).await.is_err() {
        tracing::warn!("requests were still running when the drain timeout was over");
    }
}

type Accepted = (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<Accepted> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            tracing::warn!(%error, "a connection was not accepted");
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}

async fn connection<H, F>(stream: TcpStream, peer: SocketAddr, handle: H, shutdown: Shutdown)
where
    H: Fn(SocketAddr, Request<Body>) -> F,
    F: Future<Output = Response> + Send + 'static,
{
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "small answers of a connection may be late");
    }
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = handle(peer, request.map(Body::new));
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN);
    builder.http2().timer(TokioTimer::new()).max_header_list_size(MAX_HEADERS);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.wait() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

//! The gRPC server of a service: its rpcs behind the guard, its health, a graceful end.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use kit_proto::common::v1::health_server::HealthServer;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;

use crate::access::{Access, AccessTable};
use crate::authenticate::Doorkeeper;
use crate::guard::{Guard, Rules};
use crate::process::Shared;
use crate::shutdown::Shutdown;

const HEALTH: Access = Access::new("amparo.common.v1.Health").open(&["CheckHealth"]);
/// What a caller may send in headers: a principal token and little else.
const MAX_HEADERS: u32 = 64 << 10;

/// Collects rpc services with their demands, then serves them.
#[derive(Debug)]
pub struct Server {
    shared: Shared,
    table: AccessTable,
    routes: Routes,
}

impl Server {
    /// A server that only knows health.
    pub fn try_new(shared: &Shared) -> anyhow::Result<Self> {
        let mut table = AccessTable::default();
        table.add(HEALTH)?;
        let routes = Routes::new(HealthServer::new(shared.health.clone()));
        Ok(Self { shared: shared.clone(), table, routes })
    }

    /// Adds a generated server; fails unless `access` names each of its rpcs once.
    /// Give the server `.max_decoding_message_size(kit_serve::MAX_REQUEST)` first.
    pub fn add<S>(mut self, service: S, access: Access) -> anyhow::Result<Self>
    where
        S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send,
    {
        self.table.add(access)?;
        self.routes = self.routes.add_service(service);
        Ok(self)
    }

    /// Serves until told to stop, then lets running calls end within the drain timeout.
    pub async fn serve(self, shutdown: Shutdown) -> anyhow::Result<()> {
        let listener = self.shared.take_listener()?;
        let limits = &self.shared.platform.limits;
        let drain = Duration::from_secs(limits.drain_timeout);
        let guard = Guard(Arc::new(Rules {
            table: self.table,
            doorkeeper: Doorkeeper {
                clock: self.shared.clock.clone(),
                ids: self.shared.ids.clone(),
                internal: self.shared.internal.clone(),
                peers: self.shared.peers.clone(),
                trust: self.shared.trust.clone(),
            },
            capacity: Arc::new(Semaphore::new(limits.max_calls)),
            timeout: Duration::from_secs(limits.call_timeout),
        }));
        tracing::info!(service = %self.shared.service, address = ?self.shared.address(), "serving");
        let stop = shutdown.clone();
        let mut builder = tonic::transport::Server::builder();
        if limits.max_connection_age > 0 {
            builder = builder.max_connection_age(Duration::from_secs(limits.max_connection_age));
        }
        let router = builder
            .http2_max_header_list_size(MAX_HEADERS)
            .http2_adaptive_window(Some(true))
            .layer(guard)
            .add_routes(self.routes);
        let stopped = async move { stop.wait().await };
        let serving = async move {
            match self.shared.tls {
                Some(tls) => {
                    router.serve_with_incoming_shutdown(tls.accept(listener), stopped).await
                }
                None => router.serve_with_incoming_shutdown(in_clear(listener), stopped).await,
            }
        };
        within(serving, shutdown, drain).await
    }
}

/// A reply goes out in several writes: each would wait until the caller has acknowledged the one
/// before, which it puts off for 40 ms. The server's own setting is for its own sockets.
fn in_clear(listener: TcpListener) -> TcpIncoming {
    TcpIncoming::from(listener).with_nodelay(Some(true))
}

/// Waits for the end, but not for ever once told to stop.
async fn within(
    serving: impl Future<Output = Result<(), tonic::transport::Error>>,
    shutdown: Shutdown,
    drain: Duration,
) -> anyhow::Result<()> {
    let patience = async {
        shutdown.wait().await;
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        ended = serving => Ok(ended?),
        () = patience => {
            tracing::warn!("calls were still running when the drain timeout was over");
            Ok(())
        }
    }
}

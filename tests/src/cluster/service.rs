//! A Service as Kubernetes has them: one address that leads to whatever is ready behind it.
//! Readiness is asked for as a kubelet does; a connection stays where it went.

use anyhow::Result;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tests::Client;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// One Service. Ends with the runtime.
#[derive(Debug, Clone)]
pub struct Service(Arc<State>);

#[derive(Debug)]
struct State {
    port: u16,
    endpoints: Mutex<Vec<Endpoint>>,
    next: AtomicUsize,
}

#[derive(Debug, Clone)]
struct Endpoint {
    port: u16,
    /// Where readiness is asked for; what has none is always ready.
    admin: Option<u16>,
    failures: u32,
}

/// How readiness is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    pub period: Duration,
    pub failures: u32,
}

impl Service {
    /// A Service with nothing behind it yet.
    pub async fn start(probe: Probe) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let this =
            Self(Arc::new(State { port, endpoints: Mutex::default(), next: AtomicUsize::new(0) }));
        tokio::spawn(this.clone().listen(listener, probe.failures));
        tokio::spawn(this.clone().watch(probe));
        Ok(this)
    }

    /// Where callers shall call.
    pub fn port(&self) -> u16 {
        self.0.port
    }

    /// Leads there too, once it is ready.
    pub fn add(&self, port: u16, admin: Option<u16>) {
        let endpoint = Endpoint { port, admin, failures: u32::MAX };
        self.endpoints().push(endpoint);
    }

    /// Leads there no more; connections that are there stay.
    pub fn remove(&self, port: u16) {
        self.endpoints().retain(|one| one.port != port);
    }

    /// Something that is ready, each in its turn.
    pub fn pick(&self, failures: u32) -> Option<u16> {
        let endpoints = self.endpoints();
        let ready: Vec<u16> =
            endpoints.iter().filter(|one| one.ready(failures)).map(|one| one.port).collect();
        let turn = self.0.next.fetch_add(1, Ordering::Relaxed);
        ready.get(turn.checked_rem(ready.len())?).copied()
    }

    /// Whether this endpoint is ready.
    pub fn leads_to(&self, port: u16) -> bool {
        self.endpoints().iter().any(|one| one.port == port && one.ready(1))
    }

    fn endpoints(&self) -> std::sync::MutexGuard<'_, Vec<Endpoint>> {
        self.0.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn listen(self, listener: TcpListener, failures: u32) {
        while let Ok((mut caller, _)) = listener.accept().await {
            let Some(port) = self.pick(failures) else { continue };
            tokio::spawn(async move {
                let Ok(mut there) = TcpStream::connect(("127.0.0.1", port)).await else { return };
                let _ = (caller.set_nodelay(true), there.set_nodelay(true));
                // How a connection ends is its two sides' business.
                let _ = copy_bidirectional(&mut caller, &mut there).await;
            });
        }
    }

    async fn watch(self, probe: Probe) {
        loop {
            let all = self.endpoints().clone();
            for endpoint in all {
                let Some(admin) = endpoint.admin else { continue };
                let ready = is_ready(admin).await;
                let mut endpoints = self.endpoints();
                if let Some(one) = endpoints.iter_mut().find(|one| one.port == endpoint.port) {
                    one.failures = if ready { 0 } else { one.failures.saturating_add(1) };
                }
            }
            tokio::time::sleep(probe.period).await;
        }
    }
}

impl Endpoint {
    fn ready(&self, failures: u32) -> bool {
        self.admin.is_none() || self.failures < failures
    }
}

/// As a kubelet asks.
async fn is_ready(admin: u16) -> bool {
    let client = Client::new(admin, "localhost");
    let asked = tokio::time::timeout(Duration::from_secs(5), client.get("/readyz")).await;
    matches!(asked, Ok(Ok(answer)) if (200..400).contains(&answer.status))
}

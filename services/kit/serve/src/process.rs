//! One process and what it gives each service that it runs.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::call::CallContext;
use crate::edge::{Clock, Ids};
use crate::fresh::Fresh;
use crate::health::Health;
use crate::internal::InternalToken;
use crate::peers::Peers;
use crate::settings::{Platform, Secret, Service};
use crate::tls::Tls;
use crate::trust::Trust;

/// A process before its services run: settings checked, nothing bound yet.
#[derive(Debug, Clone)]
pub struct Process {
    platform: Arc<Platform>,
    clock: Clock,
    ids: Ids,
    internal: InternalToken,
    peers: Peers,
    tls: Option<Tls>,
    trust: Trust,
}

impl Process {
    /// Checks the settings; nothing is bound or connected.
    pub fn try_new(platform: Platform, clock: Clock, ids: Ids) -> anyhow::Result<Self> {
        let tls = platform.tls.read()?;
        Ok(Self {
            internal: platform.internal.token()?,
            peers: Peers::try_new(&platform.peers, tls.clone())?,
            tls,
            trust: Trust::default(),
            platform: Arc::new(platform),
            clock,
            ids,
        })
    }

    /// Binds a service's gRPC address (a free loopback port by default) and makes it known to the
    /// other services of this process. Bind all of them before running the first.
    pub async fn bind(&self, service: Service, at: Option<SocketAddr>) -> anyhow::Result<Shared> {
        let mut shared = self.share(service);
        if service != Service::Gateway {
            let at = at.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
            let listener = TcpListener::bind(at).await.with_context(|| format!("{at}"))?;
            let address = listener.local_addr()?;
            self.peers.set(service, format!("http://{}", reachable(address)));
            shared.address = Some(address);
            shared.listener = Arc::new(Mutex::new(Some(listener)));
        }
        Ok(shared)
    }

    /// What a service needs when it does not listen (migrations, seeds, the gateway).
    pub fn share(&self, service: Service) -> Shared {
        Shared {
            service,
            platform: Arc::clone(&self.platform),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            internal: self.internal.clone(),
            peers: self.peers.clone(),
            tls: self.tls.clone(),
            trust: self.trust.clone(),
            health: Health::default(),
            address: None,
            listener: Arc::default(),
        }
    }
}

/// An address that others on this machine can connect to.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()))
    } else {
        address
    }
}

/// What `run` of a service gets from its process.
#[derive(Debug, Clone)]
pub struct Shared {
    pub service: Service,
    pub platform: Arc<Platform>,
    pub clock: Clock,
    pub ids: Ids,
    pub internal: InternalToken,
    pub peers: Peers,
    pub trust: Trust,
    pub health: Health,
    pub(crate) tls: Option<Tls>,
    address: Option<SocketAddr>,
    listener: Arc<Mutex<Option<TcpListener>>>,
}

impl Shared {
    /// The addresses of this service's database, with the runtime role, as they are now.
    pub fn postgres_urls(&self) -> anyhow::Result<Vec<Secret>> {
        self.platform.postgres.urls(self.service)
    }

    /// The same with the owner's role, for migrations.
    pub fn postgres_owner_url(&self) -> anyhow::Result<Secret> {
        self.platform.postgres.owner_url(self.service)
    }

    /// The address of NATS, for as often as somebody signs in.
    pub fn nats_url(&self) -> anyhow::Result<Fresh<Secret>> {
        let platform = Arc::clone(&self.platform);
        Fresh::try_new("the NATS address", move || platform.nats.url())
    }

    /// Where this service's gRPC is bound, if it is.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// To call another service in our own right, outside any request (start-up, consumers).
    pub fn internal_call(&self, tenant: Option<Uuid>) -> CallContext {
        let call = CallContext::internal(&self.internal, self.ids.v7());
        match tenant {
            Some(tenant) => call.in_tenant(tenant),
            None => call,
        }
    }

    pub(crate) fn take_listener(&self) -> anyhow::Result<TcpListener> {
        self.listener
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .with_context(|| format!("{} has no address or serves already", self.service))
    }
}

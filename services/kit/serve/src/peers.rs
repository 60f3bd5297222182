//! The other services: where they are, and a lazily connected client for each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::ensure;
use kit_proto::cases::v1::cases_client::CasesClient;
use kit_proto::common::v1::health_client::HealthClient;
use kit_proto::common::v1::takeout_client::TakeoutClient;
use kit_proto::configuration::v1::configuration_client::ConfigurationClient;
use kit_proto::identity::v1::identity_client::IdentityClient;
use kit_proto::incidents::v1::incidents_client::IncidentsClient;
use kit_proto::keyring::v1::keyring_client::KeyringClient;
use kit_proto::records::v1::records_client::RecordsClient;
use kit_proto::reporting::v1::reporting_client::ReportingClient;
use kit_proto::tracing::v1::tracing_client::TracingClient;
pub use tonic::transport::Channel;
use tonic::transport::Endpoint;
use tower::service_fn;

use crate::settings::{PeerSettings, Service};
use crate::tls::Tls;
use crate::{MAX_REPLY, MAX_REQUEST};

/// Headers of an answer hold the details of a refusal.
const MAX_HEADERS: u32 = 256 << 10;
/// Where nobody answers, so that a missing address fails like a service that is down.
const NOWHERE: &str = "http://127.0.0.1:1";

/// Channels to the other services, made on first use and shared.
#[derive(Debug, Clone)]
pub struct Peers {
    known: Arc<Mutex<HashMap<Service, Peer>>>,
    tls: Option<Tls>,
}

#[derive(Debug, Clone)]
struct Peer {
    address: String,
    channel: Option<Channel>,
}

macro_rules! clients {
    ($($name:ident: $client:ident, $service:ident;)*) => {$(
        #[doc = concat!("A client of ", stringify!($name), ".")]
        pub fn $name(&self) -> $client<Channel> {
            $client::new(self.channel(Service::$service))
                .max_decoding_message_size(MAX_REPLY)
                .max_encoding_message_size(MAX_REQUEST)
        }
    )*};
}

impl Peers {
    /// Peers at the given addresses; fails on what is not an address. With TLS every one of them
    /// is spoken to over it, whatever its address begins with.
    pub(crate) fn try_new(settings: &PeerSettings, tls: Option<Tls>) -> anyhow::Result<Self> {
        let mut peers = HashMap::new();
        for service in Service::ALL {
            if let Some(address) = settings.url(service).filter(|address| !address.is_empty()) {
                Endpoint::from_shared(address.to_owned())?;
                let unable = tls.is_none() && address.starts_with("https:");
                ensure!(!unable, "{address} needs --tls-certificate-file");
                peers.insert(service, Peer { address: address.to_owned(), channel: None });
            }
        }
        Ok(Self { known: Arc::new(Mutex::new(peers)), tls })
    }

    /// Says where a service is; before anyone asks for it.
    pub fn set(&self, service: Service, address: String) {
        let mut peers = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        peers.insert(service, Peer { address, channel: None });
    }

    /// The channel to a service, connected when first used and again when lost.
    pub fn channel(&self, service: Service) -> Channel {
        let mut peers = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let peer = peers
            .entry(service)
            .or_insert_with(|| Peer { address: NOWHERE.to_owned(), channel: None });
        peer.channel.get_or_insert_with(|| connect(&peer.address, self.tls.clone())).clone()
    }

    clients! {
        keyring: KeyringClient, Keyring;
        identity: IdentityClient, Identity;
        configuration: ConfigurationClient, Configuration;
        cases: CasesClient, Cases;
        reporting: ReportingClient, Reporting;
        incidents: IncidentsClient, Incidents;
        tracing: TracingClient, Tracing;
    }

    /// A client of the records that a service keeps.
    pub fn records(&self, service: Service) -> RecordsClient<Channel> {
        RecordsClient::new(self.channel(service))
            .max_decoding_message_size(MAX_REPLY)
            .max_encoding_message_size(MAX_REQUEST)
    }

    /// A client to take out all that a service keeps of a tenant.
    pub fn takeout(&self, service: Service) -> TakeoutClient<Channel> {
        TakeoutClient::new(self.channel(service))
            .max_decoding_message_size(MAX_REPLY)
            .max_encoding_message_size(MAX_REQUEST)
    }

    /// A client to ask any service whether it is well.
    pub fn health(&self, service: Service) -> HealthClient<Channel> {
        HealthClient::new(self.channel(service))
    }
}

fn connect(address: &str, tls: Option<Tls>) -> Channel {
    let endpoint = Endpoint::from_shared(address.to_owned())
        .unwrap_or_else(|_not_an_address| Endpoint::from_static(NOWHERE))
        .connect_timeout(Duration::from_secs(3))
        .tcp_nodelay(true)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(5))
        .http2_max_header_list_size(MAX_HEADERS)
        .http2_adaptive_window(true);
    match tls {
        Some(tls) => {
            endpoint.connect_with_connector_lazy(service_fn(move |to| tls.clone().connect(to)))
        }
        None => endpoint.connect_lazy(),
    }
}

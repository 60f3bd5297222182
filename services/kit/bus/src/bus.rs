//! The connection to NATS and the streams on it.

use std::time::Duration;

use anyhow::Context;
use async_nats::jetstream;
use async_nats::jetstream::stream::{Compression, Config, DiscardPolicy, StorageType, Stream};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::SelectAll;
use kit_proto::facts::v1::Fact;
use prost::Message;
use uuid::Uuid;

use crate::partition::stream_facts;
use crate::publish::{Outgoing, Refused, part_of, publish};
use crate::subject::{kind_name, partition_of, token};
use crate::{BusError, Way};

/// A connection to NATS. Cheap to clone; reconnects by itself.
#[derive(Clone)]
pub struct Bus {
    pub(crate) client: async_nats::Client,
    pub(crate) jetstream: jetstream::Context,
    namespace: Option<String>,
    replicas: usize,
}

/// What [`Bus::overhear`] hears.
pub struct Overheard {
    subscribers: SelectAll<async_nats::Subscriber>,
}

impl Overheard {
    /// The next fact; what is none is passed over. None when the connection was closed.
    pub async fn next(&mut self) -> Option<Fact> {
        loop {
            let message = self.subscribers.next().await?;
            if let Ok(fact) = Fact::decode(message.payload) {
                return Some(fact);
            }
        }
    }
}

impl Bus {
    /// Connects by an address that stays.
    pub async fn connect(url: &str) -> anyhow::Result<Self> {
        let url = url.to_owned();
        Self::open(Way::new(move || url.clone())).await
    }

    /// Connects; an address that ends in `?namespace=name` keeps installations on one NATS apart,
    /// `?replicas=3` says how many servers of a cluster hold each stream.
    pub async fn open(way: Way) -> anyhow::Result<Self> {
        let (server, query) = way.server()?;
        let parameter = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        };
        let client = way
            .options()
            .name("amparo")
            .retry_on_initial_connect()
            .request_timeout(Some(Duration::from_secs(5)))
            .connect(server)
            .await
            .context("the NATS address is not valid")?;
        let jetstream = jetstream::new(client.clone());
        let replicas = parameter("replicas").and_then(|text| text.parse().ok()).unwrap_or(1);
        Ok(Self { client, jetstream, namespace: parameter("namespace"), replicas })
    }

    /// Whether NATS is connected now.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }

    /// The largest body of a message that the server takes, headers and some room left out.
    pub(crate) fn largest(&self) -> usize {
        const HEADERS: usize = 4 << 10;
        match self.client.server_info().max_payload {
            0 => 1 << 20,
            most => most.saturating_sub(HEADERS),
        }
    }

    /// The stream of a service's facts, made if it is missing.
    pub async fn stream(&self, service: &str) -> Result<Stream, BusError> {
        let config = Config {
            name: self.stream_name(service),
            subjects: vec![format!("{}.>", self.subject_root(service))],
            storage: StorageType::File,
            discard: DiscardPolicy::Old,
            compression: Some(Compression::S2),
            num_replicas: self.replicas,
            duplicate_window: Duration::from_mins(2),
            allow_atomic_publish: true,
            allow_direct: true,
            deny_delete: true,
            ..Config::default()
        };
        self.jetstream.get_or_create_stream(config).await.map_err(BusError::nats)
    }

    /// When the stream of a service's facts was made, as a number that only tells streams apart:
    /// another one means that NATS lost all that the stream held. Made if it is missing.
    pub async fn born(&self, service: &str) -> Result<i64, BusError> {
        Ok(stream_facts(&self.stream(service).await?).await?.0)
    }

    /// Publishes a fact that no log stands behind; returns when NATS has stored it.
    /// A repeat within two minutes under the same event id is stored once.
    pub async fn publish(&self, service: &str, id: &str, fact: &Fact) -> Result<(), BusError> {
        self.publish_within(service, id, fact, None).await
    }

    /// As [`Bus::publish`], as a part of the trace that led to it.
    pub async fn publish_within(
        &self,
        service: &str,
        id: &str,
        fact: &Fact,
        trace: Option<&str>,
    ) -> Result<(), BusError> {
        let partition = partition_of(fact.tenant.parse().unwrap_or(Uuid::nil()), &fact.stream);
        let title = fact.kind.as_ref().map_or("none", kind_name);
        let event = fact.event_id.parse().unwrap_or(Uuid::nil());
        let (here, part) = part_of(trace, event, title);
        let message = Outgoing {
            subject: self.subject(service, partition, fact, id),
            event_id: fact.event_id.clone(),
            at: None,
            late: false,
            trace: here,
            part,
            body: Bytes::from(fact.encode_to_vec()),
        };
        match publish(&self.client, &[message], None).await {
            Ok(_) | Err(Refused::Behind) => Ok(()),
            Err(Refused::NoStream) => {
                self.stream(service).await?;
                Err(BusError::Nats(anyhow::anyhow!("the stream was missing; publish again")))
            }
            Err(Refused::Failed(error)) => Err(BusError::Nats(error)),
        }
    }

    /// Takes all facts of a tenant out of the stream of a service; those of others keep their
    /// places. Says how many there were. Safe to repeat.
    pub async fn purge_tenant(&self, service: &str, tenant: Uuid) -> Result<u64, BusError> {
        let stream = self.stream(service).await?;
        let all = format!("{}.*.{tenant}.>", self.subject_root(service));
        Ok(stream.purge().filter(all).await.map_err(BusError::nats)?.purged)
    }

    /// Hears a service's facts as they are published, and none that it missed: to drop caches.
    pub async fn overhear(&self, service: &str) -> Result<Overheard, BusError> {
        let all = format!("{}.>", self.subject_root(service));
        let subscriber = self.client.subscribe(all).await.map_err(BusError::nats)?;
        Ok(Overheard { subscribers: SelectAll::from_iter([subscriber]) })
    }

    /// As [`Bus::overhear`], of facts of these kinds only, by what [`kind_name`] calls them: the
    /// server sends nothing else.
    pub async fn overhear_only(
        &self,
        service: &str,
        kinds: &[&str],
    ) -> Result<Overheard, BusError> {
        let mut subscribers = SelectAll::new();
        for kind in kinds {
            let subject = format!("{}.*.*.{kind}.*", self.subject_root(service));
            subscribers.push(self.client.subscribe(subject).await.map_err(BusError::nats)?);
        }
        Ok(Overheard { subscribers })
    }

    pub(crate) fn subject(&self, service: &str, partition: u16, fact: &Fact, id: &str) -> String {
        let kind = fact.kind.as_ref().map_or("none", kind_name);
        let (tenant, id) = (token(&fact.tenant), token(id));
        format!("{}.{partition}.{tenant}.{kind}.{id}", self.subject_root(service))
    }

    /// All subjects of a partition.
    pub(crate) fn partition_filter(&self, service: &str, partition: u16) -> String {
        format!("{}.{partition}.>", self.subject_root(service))
    }

    pub(crate) fn subject_root(&self, service: &str) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}.facts.{service}"),
            None => format!("facts.{service}"),
        }
    }

    /// The subjects of what is kept about histories.
    pub(crate) fn kept_root(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}.attestations"),
            None => "attestations".to_owned(),
        }
    }

    pub(crate) fn replicas(&self) -> usize {
        self.replicas
    }

    fn stream_name(&self, service: &str) -> String {
        let name = format!("FACTS_{}", service.to_uppercase());
        match &self.namespace {
            Some(namespace) => format!("{}_{name}", namespace.to_uppercase()),
            None => name,
        }
    }
}

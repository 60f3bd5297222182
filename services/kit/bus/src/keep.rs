//! Signed statements about histories, kept outside the database that they are about.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, LastRawMessageErrorKind, StorageType, Stream,
};
use bytes::Bytes;
use futures_util::StreamExt;
use uuid::Uuid;

use crate::{Bus, BusError};

/// One statement as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub tenant: Uuid,
    pub number: i64,
    pub bytes: Bytes,
}

impl Bus {
    /// Keeps a statement of a service about a tenant's history. A repeat is kept once more at
    /// worst; nothing that is kept can be deleted through NATS.
    pub async fn keep(&self, service: &str, kept: &Kept) -> Result<(), BusError> {
        self.kept_stream().await?;
        let Kept { tenant, number, bytes } = kept;
        let subject = format!("{}.{service}.{tenant}", self.kept_root());
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Nats-Msg-Id", format!("{service}-{tenant}-{number}").as_str());
        headers.insert("Amparo-Number", number.to_string());
        let stored = self.jetstream.publish_with_headers(subject, headers, bytes.clone()).await;
        stored.map_err(BusError::nats)?.await.map_err(BusError::nats)?;
        Ok(())
    }

    /// The number of the last statement that is kept; 0 when there is none.
    pub async fn last_kept(&self, service: &str, tenant: Uuid) -> Result<i64, BusError> {
        let stream = self.kept_stream().await?;
        let subject = format!("{}.{service}.{tenant}", self.kept_root());
        match stream.get_last_raw_message_by_subject(&subject).await {
            Ok(message) => {
                let number = message.headers.get("Amparo-Number");
                Ok(number.and_then(|it| it.as_str().parse().ok()).unwrap_or_default())
            }
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(0),
            Err(error) => Err(BusError::nats(error)),
        }
    }

    /// All that is kept of a service, oldest first; of one tenant when it is named.
    pub async fn kept(&self, service: &str, tenant: Option<Uuid>) -> Result<Vec<Kept>, BusError> {
        let stream = self.kept_stream().await?;
        let of = tenant.map_or_else(|| ">".to_owned(), |tenant| tenant.to_string());
        let config = pull::Config {
            filter_subject: format!("{}.{service}.{of}", self.kept_root()),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::None,
            inactive_threshold: Duration::from_secs(30),
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(BusError::nats)?;
        let mut left = consumer.cached_info().num_pending;
        let mut all = Vec::new();
        while left > 0 {
            let batch = consumer.fetch().max_messages(500).messages().await;
            let mut messages = batch.map_err(BusError::nats)?;
            let before = left;
            while let Some(message) = messages.next().await {
                let message = message.map_err(|error| BusError::Nats(anyhow::anyhow!(error)))?;
                left = left.saturating_sub(1);
                let number = message.headers.as_ref().and_then(|it| it.get("Amparo-Number"));
                let number = number.and_then(|it| it.as_str().parse().ok());
                let tenant = message.subject.rsplit('.').next().and_then(|it| it.parse().ok());
                if let (Some(number), Some(tenant)) = (number, tenant) {
                    all.push(Kept { tenant, number, bytes: message.payload.clone() });
                }
            }
            if left == before {
                return Err(BusError::Nats(anyhow::anyhow!("what is kept cannot be read")));
            }
        }
        Ok(all)
    }

    async fn kept_stream(&self) -> Result<Stream, BusError> {
        let config = Config {
            name: self.kept_root().replace('.', "_").to_uppercase(),
            subjects: vec![format!("{}.>", self.kept_root())],
            storage: StorageType::File,
            discard: DiscardPolicy::New,
            num_replicas: self.replicas(),
            duplicate_window: Duration::from_mins(2),
            deny_delete: true,
            deny_purge: true,
            ..Config::default()
        };
        self.jetstream.get_or_create_stream(config).await.map_err(BusError::nats)
    }
}

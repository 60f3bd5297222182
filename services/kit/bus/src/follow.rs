//! Hearing every fact of a service in order, from a place of its stream on, with no checkpoint:
//! for those who pass on at once that something happened.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures_util::StreamExt;
use kit_proto::facts::v1::Fact;
use prost::Message as _;
use uuid::Uuid;

use crate::partition::stream_facts;
use crate::{Bus, BusError};

/// Facts that lie here and wait.
const AHEAD: usize = 300;

/// How much of a fact is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// What its subject says: the server sends no record, sealed or not.
    Subject,
    Whole,
}

/// A fact as it was heard.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Its place in the stream, which grows by time.
    pub sequence: u64,
    pub tenant: Uuid,
    /// By what [`kind_name`](crate::kind_name) calls it.
    pub kind: String,
    /// What it is about, if that is a UUID.
    pub id: Option<Uuid>,
    /// Where the whole was wanted.
    pub fact: Option<Fact>,
}

/// The facts of one service from a place on.
pub struct Following {
    messages: pull::Stream,
    expected: u64,
    /// How many parts of a subject come before those of the fact.
    skipped: usize,
    parts: Parts,
    /// When the stream was made; another one means that NATS lost all that the stream held.
    pub born: i64,
    /// The place after which the facts are told.
    pub after: u64,
}

impl std::fmt::Debug for Following {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Following").field("after", &self.after).finish_non_exhaustive()
    }
}

impl Bus {
    /// Follows a service's facts after a place, or those that come from now on. A place that the
    /// stream has not reached is one of another stream: what comes from now on is told then.
    pub async fn follow(
        &self,
        service: &str,
        after: Option<u64>,
        parts: Parts,
    ) -> Result<Following, BusError> {
        let stream = self.stream(service).await?;
        let (born, last) = stream_facts(&stream).await?;
        let after = after.filter(|place| *place <= last).unwrap_or(last);
        let root = self.subject_root(service);
        let config = pull::Config {
            filter_subject: format!("{root}.>"),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
            ack_policy: AckPolicy::None,
            inactive_threshold: Duration::from_secs(30),
            memory_storage: true,
            num_replicas: 1,
            headers_only: parts == Parts::Subject,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(BusError::nats)?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(AHEAD)
            .heartbeat(Duration::from_secs(5))
            .expires(Duration::from_secs(20))
            .messages()
            .await
            .map_err(BusError::nats)?;
        let skipped = root.split('.').count() + 1;
        Ok(Following { messages, expected: 1, skipped, parts, born, after })
    }
}

impl Following {
    /// The next fact; an error when one may have been missed. Follow again after the last one then.
    pub async fn next(&mut self) -> Result<Heard, BusError> {
        loop {
            let Some(message) = self.messages.next().await else {
                return Err(BusError::Nats(anyhow::anyhow!("the stream of facts ended")));
            };
            let message = message.map_err(BusError::nats)?;
            let info = message.info().map_err(|error| BusError::Nats(anyhow::anyhow!(error)))?;
            if info.consumer_sequence != self.expected {
                return Err(BusError::Nats(anyhow::anyhow!("facts were lost on the way")));
            }
            self.expected += 1;
            let sequence = info.stream_sequence;
            if let Some(heard) = self.read(&message, sequence) {
                return Ok(heard);
            }
        }
    }

    fn read(&self, message: &Message, sequence: u64) -> Option<Heard> {
        let mut parts = message.subject.as_str().split('.').skip(self.skipped);
        let (tenant, kind, id) = (parts.next()?, parts.next()?, parts.next()?);
        let fact = match self.parts {
            Parts::Subject => None,
            Parts::Whole => Some(Fact::decode(message.payload.clone()).ok()?),
        };
        let tenant = tenant.parse().ok()?;
        Some(Heard { sequence, tenant, kind: kind.to_owned(), id: id.parse().ok(), fact })
    }
}

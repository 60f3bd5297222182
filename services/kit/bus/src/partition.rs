//! What lies at the end of each partition of a service's stream.

use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use kit_store::LogPosition;

use crate::publish::POSITION;
use crate::subject::PARTITIONS;
use crate::{Bus, BusError};

/// The last message of a partition; the default when there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tail {
    pub at: LogPosition,
    pub sequence: u64,
}

/// A stream as it is on the server now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamState {
    /// Unix nanoseconds; another value means another stream.
    pub created: i64,
    pub last_sequence: u64,
    pub tails: Vec<Tail>,
}

/// When the stream was created, and its last sequence.
pub(crate) async fn stream_facts(stream: &Stream) -> Result<(i64, u64), BusError> {
    let info = stream.get_info().await.map_err(BusError::nats)?;
    let created = i64::try_from(info.created.unix_timestamp_nanos()).unwrap_or_default();
    Ok((created, info.state.last_sequence))
}

/// Reads all of it from the server.
pub(crate) async fn stream_state(bus: &Bus, service: &str) -> Result<StreamState, BusError> {
    let stream = bus.stream(service).await?;
    let (created, last_sequence) = stream_facts(&stream).await?;
    let filters: Vec<_> = (0..PARTITIONS).map(|it| bus.partition_filter(service, it)).collect();
    let tails = filters.iter().map(|filter| tail(&stream, filter));
    let tails = futures_util::future::try_join_all(tails).await?;
    Ok(StreamState { created, last_sequence, tails })
}

/// The last message of a partition, asked of the stream's leader.
pub(crate) async fn tail(stream: &Stream, filter: &str) -> Result<Tail, BusError> {
    let message = match stream.get_last_raw_message_by_subject(filter).await {
        Ok(message) => message,
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
            return Ok(Tail::default());
        }
        Err(error) => return Err(BusError::nats(error)),
    };
    let at = message.headers.get(POSITION).map(async_nats::HeaderValue::as_str);
    let at = at.and_then(|text| text.parse().ok()).unwrap_or_default();
    Ok(Tail { at, sequence: message.sequence })
}

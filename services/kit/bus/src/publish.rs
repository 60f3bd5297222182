//! Publishing to JetStream: one message, or many that are stored all or not at all.

use anyhow::anyhow;
use async_nats::{Client, HeaderMap, Request};
use bytes::Bytes;
use kit_store::LogPosition;
use serde::Deserialize;
use uuid::Uuid;

/// The most messages of one atomic batch, and about the most bytes.
pub(crate) const BATCH_MESSAGES: usize = 500;
pub(crate) const BATCH_BYTES: usize = 4 << 20;
/// An atomic batch costs the server a store of files made, synced and removed: fewer messages than
/// this are stored one by one, at less than that.
pub(crate) const FEW: usize = 24;

/// Carries the place in the source's log.
pub(crate) const POSITION: &str = "Amparo-Position";
/// Carries the id of the event.
pub(crate) const EVENT: &str = "Amparo-Event";
/// Marks a fact that is told after later ones of other streams: its place in the log is behind.
pub(crate) const LATE: &str = "Amparo-Late";

/// A fact on its way.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub subject: String,
    pub event_id: String,
    pub at: Option<LogPosition>,
    pub late: bool,
    pub trace: Option<String>,
    /// The part of the trace that ends when this was sent.
    #[expect(dead_code, reason = "it ends when the message goes")]
    pub part: tracing::Span,
    pub body: Bytes,
}

/// Publishing as a part of a trace: its own `traceparent`, and what ends when the message goes.
pub(crate) fn part_of(
    parent: Option<&str>,
    event: Uuid,
    title: &str,
) -> (Option<String>, tracing::Span) {
    let here = parent.map(|it| kit_trace::child(it, "publish", event.as_u128()));
    let part = here.as_ref().map_or_else(tracing::Span::none, |here| {
        let kind = "producer";
        tracing::trace_span!(target: kit_trace::TARGET, "publish", here, parent, title, kind)
    });
    (here, part)
}

/// What must be the last message of these subjects: another publisher came first otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Fence {
    pub filter: String,
    pub sequence: u64,
}

/// Why nothing was stored.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The stream holds more than the publisher knew (or this very message).
    Behind,
    NoStream,
    Failed(anyhow::Error),
}

#[derive(Deserialize)]
struct Ack {
    #[serde(default)]
    seq: u64,
    error: Option<AckError>,
}

#[derive(Deserialize)]
struct AckError {
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

const WRONG_LAST_SEQUENCE: u64 = 10_071;
const WRONG_LAST_SEQUENCE_CONSTANT: u64 = 10_164;
const DUPLICATE: u64 = 10_201;

/// Stores the messages; all or none. Says the sequence of the last one.
pub(crate) async fn publish(
    client: &Client,
    messages: &[Outgoing],
    fence: Option<&Fence>,
) -> Result<u64, Refused> {
    let Some((last, others)) = messages.split_last() else { return Ok(0) };
    let batch = (!others.is_empty()).then(batch_id);
    // A fence makes a repeat impossible by itself. An id would do harm: JetStream remembers those
    // of a batch that was broken off, and refuses what it never stored.
    let known_by_id = fence.is_none();
    for (index, message) in others.iter().enumerate() {
        let fence = fence.filter(|_| index == 0);
        let mut headers = headers(message, batch.as_deref(), index, false, fence);
        identify(&mut headers, message, known_by_id);
        client
            .publish_with_headers(message.subject.clone(), headers, message.body.clone())
            .await
            .map_err(|error| Refused::Failed(error.into()))?;
    }
    let fence = fence.filter(|_| others.is_empty());
    let mut headers = headers(last, batch.as_deref(), others.len(), true, fence);
    identify(&mut headers, last, known_by_id);
    let request = Request::new().headers(headers).payload(last.body.clone());
    let reply = client.send_request(last.subject.clone(), request).await;
    understand(&reply.map_err(|error| match error.kind() {
        async_nats::RequestErrorKind::NoResponders => Refused::NoStream,
        _ => Refused::Failed(error.into()),
    })?)
}

fn understand(reply: &async_nats::Message) -> Result<u64, Refused> {
    let ack: Ack = serde_json::from_slice(&reply.payload)
        .map_err(|_| Refused::Failed(anyhow!("not an acknowledgement")))?;
    match ack.error {
        None => Ok(ack.seq),
        Some(AckError {
            err_code: WRONG_LAST_SEQUENCE | WRONG_LAST_SEQUENCE_CONSTANT | DUPLICATE,
            ..
        }) => Err(Refused::Behind),
        Some(AckError { err_code, description }) => {
            Err(Refused::Failed(anyhow!("JetStream refused: {description} ({err_code})")))
        }
    }
}

fn headers(
    message: &Outgoing,
    batch: Option<&str>,
    index: usize,
    commit: bool,
    fence: Option<&Fence>,
) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(EVENT, message.event_id.as_str());
    if let Some(at) = message.at {
        headers.insert(POSITION, at.to_string());
    }
    if message.late {
        headers.insert(LATE, "1");
    }
    if let Some(trace) = &message.trace {
        headers.insert("traceparent", trace.as_str());
    }
    if let Some(batch) = batch {
        headers.insert("Nats-Batch-Id", batch);
        headers.insert("Nats-Batch-Sequence", (index + 1).to_string());
        if commit {
            headers.insert("Nats-Batch-Commit", "1");
        }
    }
    if let Some(fence) = fence {
        headers.insert("Nats-Expected-Last-Subject-Sequence", fence.sequence.to_string());
        headers.insert("Nats-Expected-Last-Subject-Sequence-Subject", fence.filter.as_str());
    }
    headers
}

fn identify(headers: &mut HeaderMap, message: &Outgoing, by_id: bool) {
    if by_id {
        headers.insert("Nats-Msg-Id", message.event_id.as_str());
    }
}

/// A name for a batch; only has to differ from the few others in flight.
fn batch_id() -> String {
    let mut chance = [0; 16];
    getrandom::fill(&mut chance).expect("the operating system gives randomness");
    uuid::Builder::from_random_bytes(chance).into_uuid().simple().to_string()
}

/// Cuts a list into batches that JetStream takes.
pub(crate) fn batches(messages: &[Outgoing]) -> Vec<&[Outgoing]> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, message) in messages.iter().enumerate() {
        let full = index - start >= BATCH_MESSAGES || bytes + message.body.len() > BATCH_BYTES;
        if full && index > start {
            batches.push(&messages[start..index]);
            (start, bytes) = (index, 0);
        }
        bytes += message.body.len();
    }
    if start < messages.len() {
        batches.push(&messages[start..]);
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(size: usize) -> Outgoing {
        Outgoing {
            subject: "s".into(),
            event_id: "e".into(),
            at: None,
            late: false,
            trace: None,
            part: tracing::Span::none(),
            body: Bytes::from(vec![0; size]),
        }
    }

    #[test]
    fn batches_are_bounded_by_count_and_size() {
        let sizes = |messages: &[Outgoing]| -> Vec<usize> {
            batches(messages).iter().map(|batch| batch.len()).collect()
        };
        assert_eq!(sizes(&vec![message(1); 1_200]), [500, 500, 200]);
        assert_eq!(sizes(&vec![message(3 << 20); 3]), [1, 1, 1]);
        assert_eq!(sizes(&[message(9 << 20)]), [1]);
        assert!(sizes(&[]).is_empty());
    }
}

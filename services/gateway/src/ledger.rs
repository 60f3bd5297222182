//! Audit facts on their way to JetStream: written down in memory, sent in the background with
//! acknowledgement, tried again for as long as it takes, flushed when the process stops.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use kit_bus::{Bus, Fact, Kind};
use kit_proto::facts::v1::CallAudited;
use kit_serve::{Ids, Shutdown};
use tokio::sync::mpsc;
use uuid::Uuid;

/// Some minutes of a busy installation while NATS is away.
const ROOM: usize = 100_000;
const AT_ONCE: usize = 64;
const PAUSE: Duration = Duration::from_millis(500);
/// How long the last entries are tried when the process stops.
const FLUSH: Duration = Duration::from_secs(10);

/// Takes audit entries.
#[derive(Debug, Clone)]
pub struct Ledger {
    sender: mpsc::Sender<Fact>,
    ids: Ids,
}

/// Sends them.
#[derive(Debug)]
pub struct LedgerWorker(mpsc::Receiver<Fact>);

impl Ledger {
    /// A ledger and the worker that empties it.
    pub fn new(ids: Ids) -> (Self, LedgerWorker) {
        let (sender, receiver) = mpsc::channel(ROOM);
        (Self { sender, ids }, LedgerWorker(receiver))
    }

    /// Notes an entry; never makes the caller wait.
    pub fn write(&self, tenant: Uuid, request_id: Uuid, at: Timestamp, entry: CallAudited) {
        let fact = Fact {
            event_id: self.ids.v7().to_string(),
            tenant: tenant.to_string(),
            stream: format!("call-{request_id}"),
            version: 1,
            actor: entry.user_name.clone(),
            recorded_at: at.as_microsecond(),
            kind: Some(Kind::CallAudited(entry)),
        };
        if let Err(lost) = self.sender.try_send(fact) {
            // Loud, because an audit entry is lost: NATS has been away for long.
            tracing::error!(request.id = %request_id, why = %lost, "an audit entry was lost");
        }
    }
}

impl LedgerWorker {
    /// Sends entries until told to stop, then what is left.
    pub async fn run(mut self, bus: Bus, shutdown: Shutdown) {
        let bus = Arc::new(bus);
        let mut sending = FuturesUnordered::new();
        loop {
            tokio::select! {
                biased;
                Some(()) = sending.next(), if !sending.is_empty() => {}
                fact = self.0.recv(), if sending.len() < AT_ONCE => match fact {
                    Some(fact) => sending.push(send(Arc::clone(&bus), fact)),
                    None => break,
                },
                () = shutdown.wait(), if sending.is_empty() => break,
            }
        }
        let rest = async {
            self.0.close();
            while let Some(fact) = self.0.recv().await {
                sending.push(send(Arc::clone(&bus), fact));
            }
            while sending.next().await.is_some() {}
        };
        if tokio::time::timeout(FLUSH, rest).await.is_err() {
            tracing::error!("audit entries were lost: NATS did not take them before the end");
        }
    }
}

/// Tries until NATS has it.
async fn send(bus: Arc<Bus>, fact: Fact) {
    let id = fact.stream.trim_start_matches("call-").to_owned();
    while let Err(error) = bus.publish("gateway", &id, &fact).await {
        tracing::warn!(%error, "an audit entry is not delivered yet");
        tokio::time::sleep(PAUSE).await;
    }
}

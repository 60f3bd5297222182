//! Audit facts on their way to JetStream: written to the spool before the answer goes out, sent in
//! the background with acknowledgement, tried again for as long as it takes. What is left when the
//! process ends, however it ends, is sent by the next one; what JetStream had and lost, once more.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use kit_bus::{Bus, Fact, Kind};
use kit_proto::facts::v1::CallAudited;
use kit_serve::{Clock, Ids, Shutdown};
use prost::Message;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::figures;
use crate::spool::{Leftover, Receipt, Spool};

/// Entries in memory; more are on disk only until these are sent.
const ROOM: usize = 20_000;
const AT_ONCE: usize = 64;
const PAUSE: Duration = Duration::from_millis(500);
/// How often the spool is put on the disk itself, and looked through for what others left.
const LOOK: Duration = Duration::from_secs(1);
/// How long the last entries are tried when the process stops.
const FLUSH: Duration = Duration::from_secs(5);

/// Takes audit entries.
#[derive(Debug, Clone)]
pub struct Ledger {
    sender: mpsc::Sender<Entry>,
    spool: Option<Arc<Spool>>,
    ids: Ids,
}

/// A fact, and where on disk it is.
#[derive(Debug)]
struct Entry {
    fact: Fact,
    /// The part of a trace that left it; not on disk, for traces are short-lived.
    trace: Option<String>,
    receipt: Option<Receipt>,
}

/// Sends them.
#[derive(Debug)]
pub struct LedgerWorker {
    receiver: mpsc::Receiver<Entry>,
    spool: Option<Arc<Spool>>,
    clock: Clock,
}

impl Ledger {
    /// A ledger and the worker that empties it.
    pub fn new(ids: Ids, clock: Clock, spool: Option<Arc<Spool>>) -> (Self, LedgerWorker) {
        let (sender, receiver) = mpsc::channel(ROOM);
        (Self { sender, spool: spool.clone(), ids }, LedgerWorker { receiver, spool, clock })
    }

    /// Notes an entry; waits for nothing but the operating system's own buffers.
    pub fn write(
        &self,
        tenant: Uuid,
        (request_id, trace): (Uuid, Option<String>),
        at: Timestamp,
        entry: CallAudited,
    ) {
        let fact = Fact {
            event_id: self.ids.v7().to_string(),
            tenant: tenant.to_string(),
            stream: format!("call-{request_id}"),
            version: 1,
            actor: entry.user_name.clone(),
            recorded_at: at.as_microsecond(),
            kind: Some(Kind::CallAudited(entry)),
        };
        let receipt = self.spooled(&fact);
        let Err(full) = self.sender.try_send(Entry { fact, trace, receipt }) else { return };
        if let (Some(receipt), Some(spool)) = (full.into_inner().receipt, &self.spool) {
            spool.spilled(receipt);
        } else {
            figures::audit_lost();
            tracing::error!(request.id = %request_id, "an audit entry was lost");
        }
    }

    /// How many entries wait on disk.
    pub fn waiting(&self) -> u64 {
        self.spool.as_ref().map_or(0, |spool| spool.depth().0)
    }

    fn spooled(&self, fact: &Fact) -> Option<Receipt> {
        let written = self.spool.as_ref()?.append(&fact.encode_to_vec());
        if let Err(error) = &written {
            figures::audit_unspooled();
            tracing::warn!(kind = ?error.kind(), "an audit entry is in memory only");
        }
        written.ok()
    }
}

impl LedgerWorker {
    /// Sends entries until told to stop, then what is left in memory.
    pub async fn run(mut self, bus: Bus, shutdown: Shutdown) {
        let bus = Arc::new(bus);
        let watching = self.spool.clone().map(|spool| tokio::spawn(watch(bus.clone(), spool)));
        let mut sending = FuturesUnordered::new();
        let mut again = Again::default();
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let room = sending.len() < AT_ONCE;
            if room && let Some(fact) = again.entries.pop_front() {
                again.flying += 1;
                let entry = Entry { fact, trace: None, receipt: None };
                sending.push(send(Arc::clone(&bus), entry, true));
                continue;
            }
            tokio::select! {
                biased;
                Some((receipt, of_again)) = sending.next(), if !sending.is_empty() => {
                    self.sent(receipt);
                    again.flying -= usize::from(of_again);
                    self.finish(&mut again);
                }
                entry = self.receiver.recv(), if room => match entry {
                    Some(entry) => sending.push(send(Arc::clone(&bus), entry, false)),
                    None => break,
                },
                _ = look.tick() => self.look(&mut again).await,
                () = shutdown.wait(), if sending.is_empty() || self.spool.is_some() => break,
            }
        }
        let rest = async {
            self.receiver.close();
            while let Some(entry) = self.receiver.recv().await {
                sending.push(send(Arc::clone(&bus), entry, false));
            }
            while let Some((receipt, _)) = sending.next().await {
                self.sent(receipt);
            }
        };
        let flushed = tokio::time::timeout(FLUSH, rest).await.is_ok();
        if let Some(watching) = watching {
            watching.abort();
        } else if !flushed {
            tracing::error!("audit entries were lost: NATS did not take them in time");
        }
    }

    fn sent(&self, receipt: Option<Receipt>) {
        if let (Some(spool), Some(receipt)) = (&self.spool, receipt) {
            spool.sent(receipt);
        }
    }

    /// Puts the spool on the disk itself, tells its depth, takes up what was left behind.
    async fn look(&self, again: &mut Again) {
        let Some(spool) = self.spool.clone() else { return };
        let (idle, now) = (again.leftover.is_none(), self.clock.now());
        let looked = tokio::task::spawn_blocking(move || {
            spool.tidy(now);
            let left = spool.sync().and_then(|()| if idle { spool.leftover() } else { Ok(None) });
            (spool.depth(), left)
        });
        let Ok(((waiting, bytes), left)) = looked.await else { return };
        figures::audit_spool(waiting + again.entries.len() as u64, bytes);
        match left {
            Ok(None) => {}
            Ok(Some(leftover)) => {
                tracing::info!(entries = leftover.entries.len(), "audit entries are sent again");
                again.take(leftover);
                self.finish(again);
            }
            Err(error) => tracing::warn!(kind = ?error.kind(), "the audit spool can't be read"),
        }
    }

    /// Lays a leftover aside whose last entry has arrived.
    fn finish(&self, again: &mut Again) {
        if again.entries.is_empty()
            && again.flying == 0
            && let (Some(spool), Some(leftover)) = (&self.spool, again.leftover.take())
        {
            spool.done(&leftover);
        }
    }
}

/// A file that is being sent again.
#[derive(Debug, Default)]
struct Again {
    leftover: Option<Leftover>,
    entries: VecDeque<Fact>,
    flying: usize,
}

impl Again {
    fn take(&mut self, mut leftover: Leftover) {
        let entries = std::mem::take(&mut leftover.entries);
        let readable = entries.iter().filter_map(|bytes| Fact::decode(bytes.as_slice()).ok());
        self.entries = readable.collect();
        self.leftover = Some(leftover);
    }
}

/// Tries until NATS has it.
async fn send(bus: Arc<Bus>, entry: Entry, again: bool) -> (Option<Receipt>, bool) {
    let Entry { fact, trace, receipt } = entry;
    let id = fact.stream.trim_start_matches("call-").to_owned();
    let mut told = false;
    while let Err(error) = bus.publish_within("gateway", &id, &fact, trace.as_deref()).await {
        if !told {
            tracing::warn!(%error, "an audit entry is not delivered yet");
            told = true;
        }
        tokio::time::sleep(PAUSE).await;
    }
    (receipt, again)
}

/// Sees when the stream is another than before: NATS lost its disk, and with it what it had taken
/// and reporting had not read.
async fn watch(bus: Arc<Bus>, spool: Arc<Spool>) {
    let mut known = None;
    loop {
        if let Ok(born) = bus.born("gateway").await
            && known.replace(born).is_some_and(|before| before != born)
        {
            tracing::warn!("JetStream began anew; the audit entries of the last minutes go again");
            spool.lost();
        }
        tokio::time::sleep(LOOK).await;
    }
}

//! One device's stream: what it is told, that it is alive, and how it ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use kit_access::Principal;
use kit_serve::{Shutdown, Texts};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::room::Seat;
use super::sight::{Seldom, Sight};
use super::wire::{self, Event};
use super::{Batch, Place, scopes};
use crate::figures;
use crate::gateway::Gateway;
use crate::people::{Credentials, Person};
use crate::problem::Problem;
use crate::tenants::Tenant;

/// Pieces that may wait for the network; each holds what one batch says.
const PIECES: usize = 8;
/// Who takes nothing for so long is cut off.
const PATIENCE: Duration = Duration::from_secs(10);
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Whether the session is still good is asked this often, and at once when people change.
const LOOK: Duration = Duration::from_secs(10);
/// So long identity may be away.
const WITHOUT_WORD: Duration = Duration::from_mins(2);
/// Until others have followed what a fact says of people, or counted what changed.
const FOLLOWED: Duration = Duration::from_secs(3);
const CASELOAD_EVERY: Duration = Duration::from_secs(20);
const NOTICES_EVERY: Duration = Duration::from_secs(10);
/// Clients come back after this many milliseconds and up to as many more, so that not all do at
/// the same moment.
const RETRY: u64 = 3_000;

/// A stream to be opened: for whom, from where, for how long.
#[derive(Debug)]
pub struct Opening {
    pub tenant: Arc<Tenant>,
    pub host: String,
    pub credentials: Credentials,
    pub person: Arc<Person>,
    pub after: Option<Place>,
    pub lifetime: Duration,
}

/// Why a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client is not there any more.
    Gone,
    /// It does not read.
    Slow,
    Lifetime,
    Drain,
    /// The session is over.
    Over,
    /// The device has to empty itself.
    Wipe,
}

/// A stream at work.
struct Stream {
    gateway: Arc<Gateway>,
    tenant: Arc<Tenant>,
    host: String,
    credentials: Credentials,
    principal: Principal,
    sight: Sight,
    out: mpsc::Sender<Bytes>,
    number: u64,
    place: Place,
    caseload: Seldom,
    notices: Seldom,
    ends: Instant,
    spoke: Instant,
    looked: Instant,
    /// When identity last had a word for this session.
    known: Instant,
    /// How often people had changed by then.
    change: u64,
}

/// Opens a stream: what it says comes out of the receiver.
pub async fn open(
    gateway: &Arc<Gateway>,
    opening: Opening,
    shutdown: Shutdown,
) -> Result<mpsc::Receiver<Bytes>, Problem> {
    let Opening { tenant, host, credentials, person, after, lifetime } = opening;
    followed(gateway).await?;
    // Read before the seat is taken: a change since then is looked after at once.
    let change = gateway.people.change(tenant.id);
    let seat = gateway.events.join(tenant.id, person.principal.user_id, after.as_ref())?;
    let (out, pieces) = mpsc::channel(PIECES);
    let now = Instant::now();
    let stream = Stream {
        gateway: Arc::clone(gateway),
        tenant,
        host,
        credentials,
        sight: Sight::of(&person.principal),
        principal: person.principal.clone(),
        out,
        number: seat.number,
        place: seat.place,
        caseload: Seldom::new(CASELOAD_EVERY),
        notices: Seldom::new(NOTICES_EVERY),
        ends: now + lifetime,
        spoke: now,
        looked: now,
        known: now,
        change,
    };
    tokio::spawn(stream.run(seat, lifetime, shutdown));
    Ok(pieces)
}

/// Waits until the facts are followed, which begins with the first stream.
async fn followed(gateway: &Gateway) -> Result<(), Problem> {
    for _ in 0..50 {
        if gateway.events.is_open() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(Problem::busy())
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.gateway.events.leave(self.tenant.id, self.number);
    }
}

impl Stream {
    async fn run(mut self, seat: Seat, lifetime: Duration, shutdown: Shutdown) {
        let end = match self.serve(seat, lifetime, &shutdown).await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        let farewell = match end {
            End::Gone => return,
            End::Over => Event::plain("ended"),
            End::Wipe => Event::plain("wipe"),
            End::Slow => bye("slow"),
            End::Lifetime => bye("lifetime"),
            End::Drain => bye("drain"),
        };
        if end == End::Slow {
            figures::stream_cut();
        }
        // Who does not read does not hear this either.
        let _ = self.out.try_send(wire::last(&farewell));
    }

    async fn serve(
        &mut self,
        seat: Seat,
        lifetime: Duration,
        shutdown: &Shutdown,
    ) -> Result<std::convert::Infallible, End> {
        let Seat { mut batches, news, missed, .. } = seat;
        let [byte, other, ..] = self.gateway.shared.ids.bytes::<16>();
        let retry = RETRY + RETRY * u64::from(u16::from_be_bytes([byte, other])) / 65_536;
        let hello = Event { name: "hello", data: json!({"lifetime": lifetime.as_secs()}) };
        self.send(wire::opening(retry, &hello, &self.place)).await?;
        if missed {
            self.say(&[Event::plain("missed")]).await?;
        } else if !news.is_empty() {
            let (shared, tenant) = (&self.gateway.shared, self.tenant.id);
            let batch = scopes::batch(shared, tenant, self.place, &news).await;
            self.take(&batch).await?;
        }
        let mut seconds = interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let out = self.out.clone();
        loop {
            tokio::select! {
                () = shutdown.wait() => return Err(End::Drain),
                () = out.closed() => return Err(End::Gone),
                batch = batches.recv() => self.take(&*batch.ok_or(End::Slow)?).await?,
                _ = seconds.tick() => {
                    self.look_round().await?;
                    // Read before the channel is looked at: all up to there was put into it.
                    let told = self.gateway.events.told();
                    if batches.is_empty() && self.spoke.elapsed() >= HEARTBEAT {
                        self.place = told;
                        self.send(wire::heartbeat(&told)).await?;
                    }
                }
            }
        }
    }

    /// Tells what of a batch is for this person.
    async fn take(&mut self, batch: &Batch) -> Result<(), End> {
        let mut events = Vec::new();
        if batch.people && self.look().await? {
            events.push(Event::plain("access"));
        }
        if batch.missed {
            events.push(Event::plain("missed"));
        }
        if batch.configuration {
            let version = self.gateway.catalogs.newest(self.tenant.id);
            events.push(Event { name: "configuration", data: json!({"version": version}) });
        }
        let (seen, caseload) = self.sight.events(batch);
        let now = Instant::now();
        if !seen.is_empty() {
            self.notices.happened(now, FOLLOWED);
        }
        if caseload {
            self.caseload.happened(now, FOLLOWED);
        }
        events.extend(seen);
        self.place = batch.place;
        self.say(&events).await
    }

    /// What is done once a second.
    async fn look_round(&mut self) -> Result<(), End> {
        let now = Instant::now();
        let mut events = Vec::new();
        let changed = self.gateway.people.change(self.tenant.id) != self.change;
        if (changed || self.looked + LOOK <= now) && self.look().await? {
            events.push(Event::plain("access"));
        }
        if self.caseload.is_due(now) {
            events.push(Event::plain("caseload"));
        }
        if self.notices.is_due(now) {
            events.push(Event::plain("notices"));
        }
        self.say(&events).await?;
        if self.ends <= now { Err(End::Lifetime) } else { Ok(()) }
    }

    /// Asks who this is now; says whether they may see or do anything else than before.
    async fn look(&mut self) -> Result<bool, End> {
        let now = Instant::now();
        (self.looked, self.change) = (now, self.gateway.people.change(self.tenant.id));
        let (shared, people) = (&self.gateway.shared, &self.gateway.people);
        let tenant = self.gateway.tenants.of_host(shared, &self.host).await;
        let looked = match tenant.and_then(|tenant| tenant.admits()) {
            Ok(()) => people.look(shared, self.tenant.id, &self.credentials).await,
            Err(problem) => Err(problem),
        };
        let person = match looked {
            Ok(person) if person.principal.must_enrol => return Err(End::Over),
            Ok(person) => person,
            Err(problem) => return self.unknown(&problem),
        };
        self.known = now;
        let before = std::mem::replace(&mut self.principal, person.principal);
        let differs = rights(&before) != rights(&self.principal);
        if differs {
            self.sight.become_as(&self.principal);
        }
        Ok(differs)
    }

    /// Nobody vouches for the session: it is over, or identity is away, which passes.
    fn unknown(&self, problem: &Problem) -> Result<bool, End> {
        let is_order = problem.errors.iter().any(|error| match &error.message {
            Texts::One(text) => text == "device.wiped",
            Texts::Many(_) => false,
        });
        match problem.status {
            401 if is_order => Err(End::Wipe),
            401 | 403 | 404 => Err(End::Over),
            _ if self.known.elapsed() > WITHOUT_WORD => Err(End::Lifetime),
            _ => Ok(false),
        }
    }

    async fn say(&mut self, events: &[Event]) -> Result<(), End> {
        if events.is_empty() { Ok(()) } else { self.send(wire::events(events, &self.place)).await }
    }

    async fn send(&mut self, piece: Bytes) -> Result<(), End> {
        self.spoke = Instant::now();
        match timeout(PATIENCE, self.out.send(piece)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Slow),
        }
    }
}

fn bye(reason: &'static str) -> Event {
    Event { name: "bye", data: json!({"reason": reason}) }
}

/// What a person may see and do: all but when this was said.
fn rights(principal: &Principal) -> Principal {
    Principal { issued_at: 0, expires_at: 0, proven_at: None, ..principal.clone() }
}

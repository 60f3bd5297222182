//! Slows accounts that read far more records than they usually do, and in the end shows them no
//! more until the hour is over; writes are never held back. Each gateway counts what it answers
//! itself and asks reporting what the account has read elsewhere, and what its habit is: often
//! when it reads much, rarely otherwise. kit-access decides the pace.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use kit_access::{Habit, Pace, ReadingRules};
use kit_proto::reporting::v1::GetReadingRequest;
use lru::LruCache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::figures::{self, Brake};
use crate::gateway::Gateway;
use crate::people::Person;
use crate::problem::Problem;
use crate::route::{Audit, Route, Verb};
use crate::tenants::Tenant;
use crate::trail::Trail;
use crate::visit::Visit;

/// What counts as a record, as the audit log calls it.
const RECORDS: [&str; 6] =
    ["child", "family", "incident", "registry_record", "task", "tracing_request"];
/// What the audit log calls a device's fetching of its caseload.
const SYNC: Verb = Verb::Named("sync");
const HOUR: i64 = 3600;
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(20_000).unwrap();
/// An account that has read a tenth of the floor may be one that reads at other gateways too.
const BUSY: u64 = 10;
const ASK_OF_BUSY: Duration = Duration::from_secs(2);
const ASK_OF_QUIET: Duration = Duration::from_mins(1);
/// Reporting must not hold up reading; what it does not know is counted from here.
const PATIENCE: Duration = Duration::from_millis(500);
/// Reads of one account that are answered at a time: what they show is counted afterwards.
const AT_ONCE: usize = 16;
/// Reads of one account that may wait for that: the gateway's places are everyone's.
const WAITING: usize = 100;
/// Slowed answers that one account may wait for at a time.
const SLOWED: usize = 2;
const SOON: u32 = 5;

type Key = (Uuid, i64);

/// Accounts that read lately.
#[derive(Debug)]
pub struct Readers {
    rules: ReadingRules,
    known: Mutex<LruCache<Key, Reader>>,
}

/// What an account reads in the hour that it last read in.
#[derive(Debug)]
struct Reader {
    /// Unix seconds of its beginning.
    hour: i64,
    /// Answered here.
    mine: u64,
    /// What reporting knew when it was asked, and what had been answered here by then.
    reported: u64,
    mine_then: u64,
    habit: Habit,
    asked: Option<Instant>,
    queue: Queue,
}

/// The reads of an account that go on at this moment.
#[derive(Debug, Clone)]
struct Queue {
    all: Arc<Semaphore>,
    answered: Arc<Semaphore>,
    slowed: Arc<Semaphore>,
}

/// A read's place in its account's queue, held until it is answered.
#[derive(Debug)]
pub struct Turn {
    _all: OwnedSemaphorePermit,
    _answered: OwnedSemaphorePermit,
    _slowed: Option<OwnedSemaphorePermit>,
}

impl Queue {
    fn new() -> Self {
        let places = |number| Arc::new(Semaphore::new(number));
        Self { all: places(WAITING), answered: places(AT_ONCE), slowed: places(SLOWED) }
    }

    /// Waits for a place among those that are answered, if not too many wait.
    async fn turn(self) -> Result<Turn, Problem> {
        let all = self.all.try_acquire_owned().map_err(|_full| Problem::retry_after(SOON))?;
        let answered =
            self.answered.acquire_owned().await.map_err(|_closed| Problem::internal())?;
        Ok(Turn { _all: all, _answered: answered, _slowed: None })
    }
}

impl Readers {
    /// Nobody has read yet.
    pub fn new(rules: ReadingRules) -> Self {
        Self { rules, known: Mutex::new(LruCache::new(REMEMBERED)) }
    }

    /// Notes what an account was shown.
    fn note(&self, key: Key, hour: i64, records: u64) {
        self.with(key, hour, |reader| reader.mine += records);
    }

    /// Reporting has raised an alarm: what is known of the account may be old.
    pub fn heard(&self, tenant: Uuid, user_id: i64) {
        if let Some(reader) = self.lock().peek_mut(&(tenant, user_id)) {
            reader.asked = None;
        }
    }

    /// Whether to ask reporting; if so, others need not do it too.
    fn is_due(&self, key: Key, hour: i64, now: Instant) -> bool {
        let floor = self.rules.floor;
        self.with(key, hour, |reader| {
            let rest = if reader.records() * BUSY >= floor { ASK_OF_BUSY } else { ASK_OF_QUIET };
            let due = reader.asked.is_none_or(|at| now.duration_since(at) >= rest);
            if due {
                reader.asked = Some(now);
            }
            due
        })
    }

    /// What reporting said.
    fn learn(&self, key: Key, hour: i64, reported: u64, habit: Habit, mine_then: u64) {
        self.with(key, hour, |reader| {
            (reader.reported, reader.habit, reader.mine_then) = (reported, habit, mine_then);
        });
    }

    fn mine(&self, key: Key, hour: i64) -> u64 {
        self.with(key, hour, |reader| reader.mine)
    }

    fn pace(&self, key: Key, hour: i64) -> Pace {
        let rules = self.rules;
        self.with(key, hour, |reader| rules.pace(reader.habit, reader.records()))
    }

    fn queue(&self, key: Key, hour: i64) -> Queue {
        self.with(key, hour, |reader| reader.queue.clone())
    }

    fn with<T>(&self, key: Key, hour: i64, change: impl FnOnce(&mut Reader) -> T) -> T {
        let mut known = self.lock();
        let reader = known.get_or_insert_mut(key, || Reader::new(hour));
        if reader.hour != hour {
            *reader = Reader { queue: reader.queue.clone(), ..Reader::new(hour) };
        }
        change(reader)
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<Key, Reader>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    fn new(hour: i64) -> Self {
        Self {
            hour,
            mine: 0,
            reported: 0,
            mine_then: 0,
            habit: Habit::default(),
            asked: None,
            queue: Queue::new(),
        }
    }

    /// Read in all. What was answered here since reporting was asked is not among what it said;
    /// what it said may lag behind what was answered here.
    fn records(&self) -> u64 {
        (self.reported + self.mine.saturating_sub(self.mine_then)).max(self.mine)
    }
}

/// Lets a read go on at its account's pace; it holds its turn until it is answered.
pub async fn brake(
    gateway: &Gateway,
    visit: &Visit,
    route: &Route,
    tenant: &Tenant,
    person: &Person,
) -> Result<Option<Turn>, Problem> {
    let readers = &gateway.readers;
    if readers.rules.floor == 0 || !reads(&visit.method, route.audit) {
        return Ok(None);
    }
    let now = gateway.shared.clock.now().as_second();
    let (key, hour) = ((tenant.id, person.principal.user_id), now - now.rem_euclid(HOUR));
    let queue = readers.queue(key, hour);
    let slowed = Arc::clone(&queue.slowed);
    let turn = queue.turn().await?;
    if readers.is_due(key, hour, Instant::now()) {
        ask(gateway, visit, tenant, key, hour).await;
    }
    match readers.pace(key, hour) {
        Pace::Usual => Ok(Some(turn)),
        Pace::Slowed(delay) => {
            figures::braked(Brake::ReadingSlowed);
            let place = slowed.try_acquire_owned().map_err(|_full| Problem::retry_after(SOON))?;
            tokio::time::sleep(delay).await;
            Ok(Some(Turn { _slowed: Some(place), ..turn }))
        }
        Pace::Stopped => {
            figures::braked(Brake::ReadingStopped);
            let left = u32::try_from(hour + HOUR - now).unwrap_or(0);
            Err(Problem::retry_after(left.max(1)))
        }
    }
}

/// Counts the records that an answer shows; what the client has already is not read again.
pub fn note(gateway: &Gateway, visit: &Visit, trail: &mut Trail, status: StatusCode) {
    let Some(audit) = trail.audit.filter(|_| status.is_success()) else { return };
    if !reads(&visit.method, audit) {
        return;
    }
    trail.records_read = trail.record_ids.len();
    if let (Some(tenant), Some(person)) = (&trail.tenant, &trail.person) {
        let now = gateway.shared.clock.now().as_second();
        let key = (tenant.id, person.principal.user_id);
        let records = trail.records_read as u64;
        gateway.readers.note(key, now - now.rem_euclid(HOUR), records);
    }
}

/// A device that fetches its caseload reads, whatever the method.
fn reads(method: &Method, audit: Audit) -> bool {
    let shows = matches!(*method, Method::GET | Method::HEAD) || audit.verb == Some(SYNC);
    shows && RECORDS.contains(&audit.record_type)
}

async fn ask(gateway: &Gateway, visit: &Visit, tenant: &Tenant, key: Key, hour: i64) {
    let readers = &gateway.readers;
    let mine = readers.mine(key, hour);
    let message = GetReadingRequest { tenant: tenant.id.to_string(), user_id: key.1, hour };
    let context = gateway.as_gateway(visit, tenant).with_timeout(PATIENCE);
    match gateway.shared.peers.reporting().get_reading(context.request(message)).await {
        Ok(reply) => {
            let reply = reply.into_inner();
            readers.learn(key, hour, reply.records, Habit { usual: reply.usual }, mine);
        }
        Err(status) => {
            tracing::warn!(code = ?status.code(), "reporting does not say how much is read");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = (Uuid::nil(), 7);

    fn readers() -> Readers {
        Readers::new(ReadingRules { floor: 100, factor: 5 })
    }

    #[test]
    fn what_is_read_here_and_elsewhere_adds_up() {
        let readers = readers();
        readers.note(KEY, 0, 50);
        // The other gateway's 60 and 30 of ours: the facts of 20 are still on their way.
        readers.learn(KEY, 0, 90, Habit::default(), 50);
        assert_eq!(readers.pace(KEY, 0), Pace::Usual);
        readers.note(KEY, 0, 11);
        assert!(matches!(readers.pace(KEY, 0), Pace::Slowed(_)));
        readers.note(KEY, 0, 500);
        assert_eq!(readers.pace(KEY, 0), Pace::Stopped);
        assert_eq!(readers.pace(KEY, HOUR), Pace::Usual, "the next hour");
    }

    #[test]
    fn without_word_from_reporting_what_is_read_here_counts() {
        let readers = readers();
        readers.note(KEY, 0, 101);
        assert!(matches!(readers.pace(KEY, 0), Pace::Slowed(_)));
        readers.learn(KEY, 0, 0, Habit::default(), 101);
        assert!(matches!(readers.pace(KEY, 0), Pace::Slowed(_)), "its facts are late");
        readers.learn(KEY, 0, 101, Habit { usual: 100 }, 101);
        assert_eq!(readers.pace(KEY, 0), Pace::Usual, "it always reads that much");
    }

    #[test]
    fn reporting_is_asked_often_only_about_those_who_read_much() {
        let (readers, start) = (readers(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert!(readers.is_due(KEY, 0, start));
        assert!(!readers.is_due(KEY, 0, after(30)));
        readers.note(KEY, 0, 20);
        assert!(readers.is_due(KEY, 0, after(31)));
        assert!(!readers.is_due(KEY, 0, after(32)));
        readers.heard(KEY.0, KEY.1);
        assert!(readers.is_due(KEY, 0, after(32)));
    }

    #[test]
    fn only_reading_records_counts() {
        let of = |record_type, name| Audit { record_type, verb: Some(Verb::Named(name)) };
        assert!(
            reads(&Method::GET, of("child", "show")) && reads(&Method::HEAD, of("task", "list"))
        );
        assert!(!reads(&Method::POST, of("child", "create")));
        assert!(!reads(&Method::GET, of("role", "show")));
        assert!(reads(&Method::POST, of("child", "sync")), "a device fetches its caseload");
    }
}

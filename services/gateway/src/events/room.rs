//! Who listens in which organisation, and what happened there lately. Nobody is remembered where
//! nobody listens, and no more than a fixed number of news anywhere.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc};
use uuid::Uuid;

use super::{Batch, News, Place};
use crate::figures;
use crate::problem::Problem;

/// News that an organisation's room remembers.
const REMEMBERED: usize = 512;
/// Batches that may wait for one stream: who does not take them is cut off.
const WAITING: usize = 32;
/// Streams of one person.
const OF_ONE: usize = 8;
/// A room is kept so long after the last one left, for those who come back.
const KEPT: Duration = Duration::from_mins(5);
const LATER: u32 = 60;

/// How many streams there may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub all: usize,
    pub each: usize,
}

/// All rooms.
#[derive(Debug)]
pub struct Events {
    limits: Limits,
    state: Mutex<State>,
    /// Somebody wants to listen.
    wanted: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// How far all is told; nothing before the facts are followed.
    told: Option<Place>,
    /// How far is being told at this moment.
    coming: Place,
    rooms: HashMap<Uuid, Room>,
    streams: usize,
    seats: u64,
}

#[derive(Debug)]
struct Room {
    /// All after this place is in `news`.
    since: Place,
    news: VecDeque<News>,
    members: HashMap<u64, Member>,
    left: Instant,
}

#[derive(Debug)]
struct Member {
    user: i64,
    batches: mpsc::Sender<Arc<Batch>>,
}

/// A place in a room.
#[derive(Debug)]
pub struct Seat {
    pub number: u64,
    pub batches: mpsc::Receiver<Arc<Batch>>,
    /// What comes is after this.
    pub place: Place,
    /// What happened since the place that the client named.
    pub news: Vec<News>,
    /// Not all of it is known.
    pub missed: bool,
}

impl Events {
    /// Nobody listens yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, state: Mutex::default(), wanted: Notify::new() }
    }

    /// Returns once somebody wants to listen.
    pub async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// Whether the facts are followed; asks for it.
    pub fn is_open(&self) -> bool {
        self.wanted.notify_one();
        self.lock().told.is_some()
    }

    /// Takes a seat; `after` is how far the client has heard.
    pub fn join(&self, tenant: Uuid, user: i64, after: Option<&Place>) -> Result<Seat, Problem> {
        let mut state = self.lock();
        let State { told, coming, rooms, streams, seats } = &mut *state;
        let Some(told) = *told else { return Err(Problem::busy()) };
        if *streams >= self.limits.all {
            return Err(Problem::busy());
        }
        let is_new = !rooms.contains_key(&tenant);
        let room = rooms.entry(tenant).or_insert_with(|| Room::new(*coming));
        let mine = room.members.values().filter(|one| one.user == user).count();
        if room.members.len() >= self.limits.each || mine >= OF_ONE {
            return Err(Problem::retry_after(LATER));
        }
        let (sender, batches) = mpsc::channel(WAITING);
        *seats += 1;
        *streams += 1;
        figures::streams(*streams);
        room.members.insert(*seats, Member { user, batches: sender });
        let known = after.filter(|after| after.reaches(&room.since));
        let fresh = |news: &&News| known.is_some_and(|it| !it.is_past(news.source, news.sequence));
        Ok(Seat {
            number: *seats,
            batches,
            place: if is_new { *coming } else { told },
            news: room.news.iter().filter(fresh).copied().collect(),
            missed: after.is_some() && known.is_none(),
        })
    }

    /// Gives a seat back.
    pub fn leave(&self, tenant: Uuid, number: u64) {
        let mut state = self.lock();
        state.streams = state.streams.saturating_sub(1);
        figures::streams(state.streams);
        if let Some(room) = state.rooms.get_mut(&tenant) {
            room.members.remove(&number);
            room.left = Instant::now();
        }
    }

    /// How far all is told.
    pub fn told(&self) -> Place {
        self.lock().told.unwrap_or_default()
    }

    /// The facts are followed from here on. Rooms that know of other streams know nothing.
    pub fn begin(&self, place: Place) {
        let mut state = self.lock();
        state.coming = place;
        state.told = Some(place);
        for room in state.rooms.values_mut() {
            room.since = place;
            room.news.clear();
            room.tell(&Arc::new(Batch { place, missed: true, ..Batch::default() }));
        }
    }

    /// Notes news where somebody listens; gives back those, by organisation.
    pub fn note(&self, place: Place, news: Vec<(Uuid, News)>) -> HashMap<Uuid, Vec<News>> {
        let mut state = self.lock();
        state.coming = place;
        let mut noted: HashMap<Uuid, Vec<News>> = HashMap::new();
        for (tenant, one) in news {
            if let Some(room) = state.rooms.get_mut(&tenant) {
                room.remember(one);
                noted.entry(tenant).or_default().push(one);
            }
        }
        noted
    }

    /// Tells an organisation's streams; those that do not listen are cut off.
    pub fn tell(&self, tenant: Uuid, batch: Batch) {
        if let Some(room) = self.lock().rooms.get_mut(&tenant) {
            room.tell(&Arc::new(batch));
        }
    }

    /// All up to here is told. Rooms that nobody came back to go.
    pub fn settle(&self, place: Place) {
        let mut state = self.lock();
        state.told = Some(place);
        state.rooms.retain(|_, room| !room.members.is_empty() || room.left.elapsed() < KEPT);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    fn new(since: Place) -> Self {
        let (news, members) = (VecDeque::new(), HashMap::new());
        Self { since, news, members, left: Instant::now() }
    }

    fn remember(&mut self, news: News) {
        if self.news.len() >= REMEMBERED
            && let Some(forgotten) = self.news.pop_front()
        {
            self.since.advance(forgotten.source, forgotten.sequence);
        }
        self.news.push_back(news);
    }

    fn tell(&mut self, batch: &Arc<Batch>) {
        // Without its sender, a stream says goodbye as soon as it can say anything.
        self.members.retain(|_, member| member.batches.try_send(Arc::clone(batch)).is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::super::What;
    use super::*;

    const HERE: Uuid = Uuid::from_u128(1);

    fn events() -> Events {
        let events = Events::new(Limits { all: 10, each: 9 });
        events.begin(Place::new([1; 5], [10; 5]));
        events
    }

    fn place(at: u64) -> Place {
        Place::new([1; 5], [at, 10, 10, 10, 10])
    }

    fn happens(events: &Events, sequence: u64) {
        let what = What::Record(Uuid::from_u128(sequence.into()));
        events.note(place(sequence), vec![(HERE, News { source: 0, sequence, what })]);
        events.tell(HERE, Batch { place: place(sequence), ..Batch::default() });
        events.settle(place(sequence));
    }

    #[test]
    fn who_comes_back_hears_what_they_missed() {
        let events = events();
        let first = events.join(HERE, 1, None).unwrap();
        assert!(!first.missed && first.news.is_empty());
        happens(&events, 11);
        happens(&events, 12);
        events.leave(HERE, first.number);
        let again = events.join(HERE, 1, Some(&place(11))).unwrap();
        assert_eq!(again.news.iter().map(|one| one.sequence).collect::<Vec<_>>(), [12]);
        assert!(!again.missed);
        assert!(events.join(HERE, 1, Some(&place(9))).unwrap().missed, "before anybody listened");
        let elsewhere = Place::new([2; 5], [12; 5]);
        assert!(events.join(HERE, 1, Some(&elsewhere)).unwrap().missed, "of other streams");
        assert!(events.join(Uuid::from_u128(2), 1, Some(&place(11))).unwrap().missed);
    }

    #[test]
    fn a_room_remembers_only_so_much() {
        let events = events();
        let _seat = events.join(HERE, 1, None).unwrap();
        for sequence in 11..=(12 + REMEMBERED as u64) {
            happens(&events, sequence);
        }
        assert!(events.join(HERE, 1, Some(&place(11))).unwrap().missed);
        let back = events.join(HERE, 1, Some(&place(12))).unwrap();
        assert_eq!((back.missed, back.news.len()), (false, REMEMBERED));
    }

    #[test]
    fn who_does_not_listen_is_cut_off() {
        let events = events();
        let mut seat = events.join(HERE, 1, None).unwrap();
        for sequence in 0..=WAITING as u64 {
            happens(&events, 11 + sequence);
        }
        for _ in 0..WAITING {
            assert!(seat.batches.try_recv().is_ok());
        }
        let end = seat.batches.try_recv().unwrap_err();
        assert_eq!(end, mpsc::error::TryRecvError::Disconnected);
    }

    #[test]
    fn streams_are_few_and_each_persons_fewer() {
        let events = events();
        let held: Vec<_> = (0..OF_ONE).map(|_| events.join(HERE, 1, None).unwrap()).collect();
        assert_eq!(events.join(HERE, 1, None).unwrap_err().status, 429);
        assert!(events.join(HERE, 2, None).is_ok());
        assert_eq!(events.join(HERE, 3, None).unwrap_err().status, 429, "the organisation's share");
        events.leave(HERE, held[0].number);
        assert!(events.join(HERE, 1, None).is_ok());
        assert!(events.join(Uuid::from_u128(2), 1, None).is_ok());
        assert_eq!(events.join(Uuid::from_u128(2), 2, None).unwrap_err().status, 503);
    }
}

//! Organisations take turns: so many calls are handled at once, each organisation has a queue of
//! its own, and a place that becomes free goes to whoever holds the fewest. One that asks for more
//! than its share waits for itself, then is told to come later; the others don't notice.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::problem::Problem;

/// How long a call may wait; its caller has given up soon after.
const PATIENCE: Duration = Duration::from_secs(15);
const SOON: u32 = 2;

/// How many calls may be where.
#[derive(Debug, Clone, Copy)]
pub struct Shares {
    /// Handled at once, of all organisations.
    pub all: usize,
    /// Of these, of one organisation.
    pub each: usize,
    /// Waiting, of one organisation.
    pub waiting: usize,
}

/// Who is handled now and who waits.
#[derive(Debug)]
pub struct Turns {
    shares: Shares,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    handled: usize,
    arrived: u64,
    lines: HashMap<Uuid, Line>,
}

/// One organisation's calls.
#[derive(Debug, Default)]
struct Line {
    handled: usize,
    waiting: VecDeque<(u64, oneshot::Sender<()>)>,
}

/// A call's place, held until it is answered.
#[derive(Debug)]
pub struct Turn {
    turns: Arc<Turns>,
    tenant: Uuid,
}

/// A place in a queue; what was granted and is not wanted any more goes back.
struct Ticket {
    turns: Arc<Turns>,
    tenant: Uuid,
    granted: oneshot::Receiver<()>,
}

impl Turns {
    /// Nobody is here yet.
    pub fn new(shares: Shares) -> Arc<Self> {
        Arc::new(Self { shares, state: Mutex::default() })
    }

    /// Waits for a place. 429 when too many of the organisation's calls wait already, 503 when it
    /// takes too long.
    pub async fn take(self: &Arc<Self>, tenant: Uuid) -> Result<Turn, Problem> {
        let turns = Arc::clone(self);
        let Some(granted) = self.enter(tenant)? else { return Ok(Turn { turns, tenant }) };
        let mut ticket = Ticket { turns: Arc::clone(self), tenant, granted };
        match tokio::time::timeout(PATIENCE, &mut ticket.granted).await {
            Ok(Ok(())) => Ok(Turn { turns, tenant }),
            Ok(Err(_)) | Err(_) => Err(Problem::busy()),
        }
    }

    /// Takes a place, or one in the queue.
    fn enter(&self, tenant: Uuid) -> Result<Option<oneshot::Receiver<()>>, Problem> {
        let mut state = self.lock();
        state.arrived += 1;
        let (arrived, free) = (state.arrived, state.handled < self.shares.all);
        let line = state.lines.entry(tenant).or_default();
        if free && line.handled < self.shares.each && line.waiting.is_empty() {
            line.handled += 1;
            state.handled += 1;
            return Ok(None);
        }
        // Those whose callers went away don't count.
        line.waiting.retain(|(_, one)| !one.is_closed());
        if line.waiting.len() >= self.shares.waiting {
            return Err(Problem::retry_after(SOON));
        }
        let (grant, granted) = oneshot::channel();
        line.waiting.push_back((arrived, grant));
        Ok(Some(granted))
    }

    /// Gives a place back, and on to whoever is next.
    fn leave(&self, tenant: Uuid) {
        let mut state = self.lock();
        state.handled -= 1;
        if let Some(line) = state.lines.get_mut(&tenant) {
            line.handled -= 1;
        }
        while state.handled < self.shares.all {
            let Some(next) = state.next(self.shares.each) else { break };
            let Some(line) = state.lines.get_mut(&next) else { break };
            let Some((_, grant)) = line.waiting.pop_front() else { break };
            if grant.send(()).is_ok() {
                line.handled += 1;
                state.handled += 1;
            }
        }
        let line = state.lines.get(&tenant);
        if line.is_some_and(|line| line.handled == 0 && line.waiting.is_empty()) {
            state.lines.remove(&tenant);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Of those who wait and may have one more: who has the fewest, then who has waited longest.
    fn next(&self, each: usize) -> Option<Uuid> {
        let waiting = self.lines.iter().filter(|(_, line)| line.handled < each);
        let first = waiting.filter_map(|(tenant, line)| {
            let (arrived, _) = line.waiting.front()?;
            Some((line.handled, *arrived, *tenant))
        });
        first.min().map(|(_, _, tenant)| tenant)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.leave(self.tenant);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.granted.close();
        if self.granted.try_recv().is_ok() {
            self.turns.leave(self.tenant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: Uuid = Uuid::from_u128(1);
    const QUIET: Uuid = Uuid::from_u128(2);

    fn turns(all: usize, each: usize, waiting: usize) -> Arc<Turns> {
        Turns::new(Shares { all, each, waiting })
    }

    /// Starts to wait, and is in the queue when this returns.
    async fn queue(turns: &Arc<Turns>, tenant: Uuid) -> tokio::task::JoinHandle<Turn> {
        let turns = Arc::clone(turns);
        let waiting = tokio::spawn(async move { turns.take(tenant).await.unwrap() });
        tokio::task::yield_now().await;
        waiting
    }

    #[tokio::test]
    async fn a_free_place_goes_to_who_has_fewest() {
        let turns = turns(2, 2, 10);
        let (first, second) = (turns.take(LOUD).await.unwrap(), turns.take(LOUD).await.unwrap());
        let loud = queue(&turns, LOUD).await;
        let quiet = queue(&turns, QUIET).await;
        drop(first);
        let quiet = quiet.await.unwrap();
        assert!(!loud.is_finished());
        drop(second);
        let loud = loud.await.unwrap();
        drop((loud, quiet));
        assert!(turns.lock().lines.is_empty());
        assert_eq!(turns.lock().handled, 0);
    }

    #[tokio::test]
    async fn one_organisation_leaves_room_for_others() {
        let turns = turns(10, 2, 1);
        let held = (turns.take(LOUD).await.unwrap(), turns.take(LOUD).await.unwrap());
        let waiting = queue(&turns, LOUD).await;
        let refused = turns.take(LOUD).await.unwrap_err();
        assert_eq!((refused.status, refused.retry_after.is_some()), (429, true));
        let quiet = turns.take(QUIET).await.unwrap();
        drop((held, quiet));
        drop(waiting.await.unwrap());
        assert_eq!(turns.lock().handled, 0);
    }

    #[tokio::test]
    async fn who_goes_away_leaves_no_place_taken() {
        let turns = turns(1, 1, 10);
        let held = turns.take(LOUD).await.unwrap();
        let gone = queue(&turns, QUIET).await;
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        let waiting = queue(&turns, QUIET).await;
        drop(held);
        drop(waiting.await.unwrap());
        assert_eq!(turns.lock().handled, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let turns = turns(1, 1, 10);
        let held = turns.take(LOUD).await.unwrap();
        assert_eq!(turns.take(QUIET).await.unwrap_err().status, 503);
        drop(held);
        assert!(turns.take(QUIET).await.is_ok());
    }
}

//! Writers of one record take turns within this process, so that they need not meet in the
//! database and decide again and again. Between processes the expected version decides.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// Records that share a turn only wait for one another, which is harmless.
const TURNS: usize = 1_024;

/// The turns of all records.
#[derive(Debug, Clone)]
pub struct Turns {
    hasher: RandomState,
    turns: Arc<[Mutex<()>]>,
}

impl Default for Turns {
    fn default() -> Self {
        let turns = (0..TURNS).map(|_| Mutex::default()).collect();
        Self { hasher: RandomState::new(), turns }
    }
}

impl Turns {
    /// Waits for the turn to write a record; it ends when dropped.
    pub async fn of(&self, tenant: Uuid, record: Uuid) -> MutexGuard<'_, ()> {
        let turns = TURNS as u64;
        let at = self.hasher.hash_one((tenant, record)) % turns;
        self.turns[usize::try_from(at).unwrap_or_default()].lock().await
    }
}

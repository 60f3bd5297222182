//! Calls at a steady pace, whether or not the ones before were answered: who waits does not ask
//! less, so that slowness is seen as those feel it who call.

use crate::mix::Organisation;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// So many calls per second, for so long.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub rate: f64,
    pub time: Duration,
}

/// A call and what came of it; status 0 is no answer.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    pub status: u16,
    pub time: Duration,
}

impl Pace {
    /// Has an organisation work at this pace.
    pub async fn drive(self, organisation: Arc<Organisation>) -> Vec<Took> {
        let mut beat = tokio::time::interval(Duration::from_secs_f64(1.0 / self.rate));
        beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let (begun, mut calls, mut all) = (Instant::now(), JoinSet::new(), Vec::new());
        while begun.elapsed() < self.time {
            beat.tick().await;
            let organisation = Arc::clone(&organisation);
            calls.spawn(async move {
                let begun = Instant::now();
                let status = organisation.work().await;
                Took { status, time: begun.elapsed() }
            });
            while let Some(ended) = calls.try_join_next() {
                all.extend(ended.ok());
            }
        }
        while let Some(ended) = calls.join_next().await {
            all.extend(ended.ok());
        }
        all
    }
}

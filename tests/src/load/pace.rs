//! Calls at a rate, whether or not the ones before were answered: who waits does not ask less, so
//! that slowness is seen as those feel it who call. They come as people do, who do not wait for
//! one another's seconds.

use crate::mix::Organisation;
use std::sync::Arc;
use std::time::Duration;
use tests::Dice;
use tokio::task::JoinSet;
use tokio::time::Instant;

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
    /// Has an organisation work at this pace, at moments that chance chooses.
    pub async fn drive(self, organisation: Arc<Organisation>, mut dice: Dice) -> Vec<Took> {
        let (mut calls, mut all) = (JoinSet::new(), Vec::new());
        let mut next = Instant::now();
        let end = next + self.time;
        loop {
            next += dice.until_next(self.rate);
            if next >= end {
                break;
            }
            tokio::time::sleep_until(next).await;
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

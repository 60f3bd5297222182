//! The bulk-reading alarm. `inbox.rs` counts what each account reads; here a count that is far
//! above the account's habit becomes a row and a fact. kit-access decides what is far.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kit_access::{Habit, Pace, ReadingRules};
use kit_bus::{Bus, Fact, Kind};
use kit_proto::facts::v1::ReadingAlarmRaised;
use kit_proto::identity::v1::ListTenantsRequest;
use kit_serve::{Shared, Shutdown};
use kit_store::{Store, StoreError};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::queries::reading::{self, Count};

/// What is looked at is looked at again by then, should word of it have been lost.
const ROUND: Duration = Duration::from_mins(1);
const REST: Duration = Duration::from_millis(250);
/// Counts older than this say nothing about a habit.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 60);
/// Word that waits to be looked at.
const ROOM: usize = 10_000;

/// An account and an hour in which it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reader {
    pub tenant: Uuid,
    pub user_id: i64,
    pub hour: Timestamp,
}

/// The beginning of the hour that holds a moment.
pub fn hour_of(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(3600)).unwrap_or(at)
}

/// Raises alarms.
pub struct Watch {
    shared: Shared,
    store: Store,
    bus: Bus,
    rules: ReadingRules,
    word: mpsc::Receiver<Reader>,
}

impl Watch {
    /// A watch, and where word of readers goes.
    pub fn new(shared: &Shared, store: &Store, bus: &Bus) -> (Self, mpsc::Sender<Reader>) {
        let (sender, word) = mpsc::channel(ROOM);
        let rules = shared.platform.limits.reading();
        // The first one is seen as growth only where none was counted before.
        metrics::counter!("amparo_reading_alarms_total").increment(0);
        let (shared, store, bus) = (shared.clone(), store.clone(), bus.clone());
        (Self { shared, store, bus, rules, word }, sender)
    }

    /// Watches until told to stop.
    pub async fn run(mut self, shutdown: Shutdown) {
        if self.rules.floor == 0 {
            tracing::warn!("nobody watches how much is read: the floor is 0");
            // Word still comes; it must not pile up.
            self.word.close();
            return;
        }
        tokio::select! {
            () = self.watch() => {}
            () = shutdown.wait() => {}
        }
    }

    async fn watch(&mut self) {
        let mut round = tokio::time::interval(ROUND);
        let mut heard = Vec::new();
        loop {
            let looked = tokio::select! {
                _ = round.tick() => self.go_round().await,
                _ = self.word.recv_many(&mut heard, ROOM) => {
                    let readers: BTreeSet<Reader> = heard.drain(..).collect();
                    let looked = self.look_at(readers).await;
                    // Meanwhile more word of the same readers comes.
                    tokio::time::sleep(REST).await;
                    looked
                }
            };
            if let Err(error) = looked {
                tracing::warn!(%error, "reading is not watched for the moment");
            }
        }
    }

    async fn look_at(&self, readers: BTreeSet<Reader>) -> anyhow::Result<()> {
        for reader in readers {
            if self.judge(reader).await? {
                self.tell(reader.tenant).await?;
            }
        }
        Ok(())
    }

    /// Everybody of every tenant; what no tenant needs any more is dropped.
    async fn go_round(&self) -> anyhow::Result<()> {
        let call = self.shared.internal_call(None).request(ListTenantsRequest {});
        let Ok(reply) = self.shared.peers.identity().list_tenants(call).await else {
            return Ok(());
        };
        let now = self.shared.clock.now();
        for tenant in reply.into_inner().tenants {
            let Ok(tenant) = tenant.id.parse() else { continue };
            let since = hour_of(now - SignedDuration::from_hours(1));
            let tx = self.store.begin(tenant).await?;
            let busy = reading::busy(&tx, tenant, since, self.rules.floor).await?;
            reading::forget(&tx, tenant, now - KEPT).await?;
            tx.commit().await?;
            for (user_id, hour) in busy {
                self.judge(Reader { tenant, user_id, hour }).await?;
            }
            self.tell(tenant).await?;
        }
        Ok(())
    }

    /// Keeps the alarm if there is cause for one; says whether there is.
    async fn judge(&self, reader: Reader) -> Result<bool, StoreError> {
        let Reader { tenant, user_id, hour } = reader;
        let tx = self.store.begin(tenant).await?;
        let Some(count) = reading::count(&tx, tenant, user_id, hour).await? else {
            return Ok(false);
        };
        if count.records <= self.rules.floor {
            return Ok(false);
        }
        let habit = habit(&tx, reader).await?;
        let pace = self.rules.pace(habit, count.records);
        if pace == Pace::Usual {
            return Ok(false);
        }
        let alarm = Alarm {
            reader,
            count,
            habit,
            allowed: self.rules.limit(habit),
            stopped: pace == Pace::Stopped,
            raised_at: self.shared.clock.now(),
            id: self.shared.ids.v7(),
        };
        reading::keep(&tx, &alarm).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Publishes what others have not heard yet.
    async fn tell(&self, tenant: Uuid) -> anyhow::Result<()> {
        let tx = self.store.begin(tenant).await?;
        let untold = reading::untold(&tx, tenant).await?;
        if !untold.is_empty() {
            // Where others listen already, publishing alone would not notice that it is missing.
            self.bus.stream("reporting").await?;
        }
        for (id, raised) in untold {
            let fact = Fact {
                event_id: id.to_string(),
                tenant: tenant.to_string(),
                stream: format!("reading_alarm-{id}"),
                version: 1,
                recorded_at: self.shared.clock.now().as_microsecond(),
                kind: Some(Kind::ReadingAlarmRaised(raised)),
                ..Default::default()
            };
            self.bus.publish("reporting", &fact.event_id, &fact).await?;
            if reading::told(&tx, tenant, id).await? {
                metrics::counter!("amparo_reading_alarms_total").increment(1);
                tracing::warn!(alarm.id = %id, tenant.id = %tenant, "an account reads far more than usual");
            }
        }
        tx.commit().await?;
        Ok(())
    }
}

/// What an account did in the weeks before this hour.
pub async fn habit(tx: &kit_store::Tx, reader: Reader) -> Result<Habit, StoreError> {
    const WEEKS: SignedDuration = SignedDuration::from_hours(24 * 28);
    let Reader { tenant, user_id, hour } = reader;
    Ok(Habit::of(reading::hours(tx, tenant, user_id, hour - WEEKS, hour).await?))
}

/// What is kept of an alarm.
#[derive(Debug, Clone)]
pub struct Alarm {
    pub id: Uuid,
    pub reader: Reader,
    pub count: Count,
    pub habit: Habit,
    pub allowed: u64,
    pub stopped: bool,
    pub raised_at: Timestamp,
}

impl Alarm {
    /// As others hear of it.
    pub fn raised(
        id: Uuid,
        user: (i64, String),
        hour: Timestamp,
        read: (u64, u64),
    ) -> ReadingAlarmRaised {
        let ((user_id, user_name), (records, limit)) = (user, read);
        ReadingAlarmRaised {
            alarm_id: id.to_string(),
            user_id,
            user_name,
            hour: hour.as_second(),
            records,
            limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_begins_where_clocks_say_so() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(hour_of(at("2026-03-01T10:59:59.9Z")), at("2026-03-01T10:00:00Z"));
        assert_eq!(hour_of(at("2026-03-01T10:00:00Z")), at("2026-03-01T10:00:00Z"));
        assert_eq!(hour_of(at("1969-12-31T23:30:00Z")), at("1969-12-31T23:00:00Z"));
    }
}

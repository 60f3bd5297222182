//! How many records a list has.
//!
//! Up to a bound they are counted for each answer. More than that are counted now and then: the
//! total of such a list may be some seconds old, and its metadata says from when it is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use kit_records::RecordType;
use kit_records::values::format_time;
use kit_store::{StoreError, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::list::Asked;
use crate::office::Office;
use crate::sql::{Statement, told};
use crate::tables::Tables;

/// Totals up to this one are exact at the moment of the answer.
pub const EXACT: i64 = 10_000;
/// A greater total is counted again once it is this old.
const FRESH: Duration = Duration::from_secs(3);
/// Or this many times as old as counting took.
const PAUSES: u32 = 20;
/// Lists whose totals are remembered.
const REMEMBERED: usize = 10_000;

/// The number of records in a list.
#[derive(Debug, Clone, Copy)]
pub struct Total {
    pub records: i64,
    /// From when it is, if not from now.
    of: Option<Timestamp>,
}

impl Total {
    /// What the answer's metadata says of it.
    pub fn notes(&self) -> Vec<(&'static str, Value)> {
        self.of.map(|of| ("total_of", json!(format_time(of)))).into_iter().collect()
    }
}

#[derive(Debug, Clone, Copy)]
struct Counted {
    records: i64,
    of: Timestamp,
    at: Instant,
    took: Duration,
    /// Somebody is counting anew.
    renewed: bool,
}

/// Totals of long lists.
#[derive(Debug, Clone, Default)]
pub struct Totals(Arc<Mutex<HashMap<(Uuid, String), Counted>>>);

impl Office {
    /// The total of a list.
    pub(crate) async fn total(&self, tx: &Tx, asked: &Asked<'_>) -> Result<Total, StoreError> {
        let list = (asked.asking.tenant, asked.list());
        if let Some(known) = self.totals.known(&list) {
            if known.renewed {
                self.count_later(list, asked.count(None));
            }
            return Ok(Total { records: known.records, of: Some(known.of) });
        }
        let some = count(tx, &asked.count(Some(EXACT + 1))).await?;
        if some <= EXACT {
            return Ok(Total { records: some, of: None });
        }
        let begun = Instant::now();
        let records = count(tx, &asked.count(None)).await?;
        self.totals.learn(list, records, self.clock.now(), begun);
        Ok(Total { records, of: None })
    }

    /// How many records there are; of many, how many there were a moment ago.
    pub async fn population(
        &self,
        tx: &Tx,
        tenant: Uuid,
        record_type: RecordType,
    ) -> Result<u64, StoreError> {
        let mark = Tables::of(record_type).mark;
        let list = (tenant, format!("all of {mark}"));
        let all = || {
            let mut sql = Statement::of(tenant);
            sql.push("SELECT count(*) FROM ").push(mark).push(" WHERE tenant = ").again();
            sql
        };
        if let Some(known) = self.totals.known(&list) {
            if known.renewed {
                self.count_later(list, all());
            }
            return Ok(known.records.unsigned_abs());
        }
        let begun = Instant::now();
        let records = count(tx, &all()).await?;
        if records > EXACT {
            self.totals.learn(list, records, self.clock.now(), begun);
        }
        Ok(records.unsigned_abs())
    }

    fn count_later(&self, list: (Uuid, String), sql: Statement) {
        let office = self.clone();
        tokio::spawn(async move {
            let (of, begun) = (office.clock.now(), Instant::now());
            let counted = async { count(&office.store.read(list.0).await?, &sql).await }.await;
            match counted {
                Ok(total) if total > EXACT => office.totals.learn(list, total, of, begun),
                Ok(_) => office.totals.forget(&list),
                Err(error) => {
                    let error = crate::refusals::safe(&error);
                    tracing::warn!(error, "a list could not be counted");
                    office.totals.forget(&list);
                }
            }
        });
    }
}

impl Totals {
    /// What is known of a list. `renewed` falls to the first who asks for one that is too old.
    fn known(&self, list: &(Uuid, String)) -> Option<Counted> {
        let mut all = self.0.lock().expect("not poisoned");
        let known = all.get_mut(list)?;
        let told = *known;
        let old = known.at.elapsed() > FRESH.max(known.took * PAUSES);
        let renewed = old && !known.renewed;
        known.renewed |= renewed;
        Some(Counted { renewed, ..told })
    }

    fn learn(&self, list: (Uuid, String), records: i64, of: Timestamp, begun: Instant) {
        let mut all = self.0.lock().expect("not poisoned");
        if all.len() >= REMEMBERED {
            all.clear();
        }
        let counted =
            Counted { records, of, at: Instant::now(), took: begun.elapsed(), renewed: false };
        all.insert(list, counted);
    }

    fn forget(&self, list: &(Uuid, String)) {
        self.0.lock().expect("not poisoned").remove(list);
    }
}

async fn count(tx: &Tx, sql: &Statement) -> Result<i64, StoreError> {
    told(&sql.text);
    Ok(tx.query_one(&sql.text, &sql.params()).await?.try_get(0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_those_who_ask_for_an_old_total_counts_anew() {
        let (totals, list) = (Totals::default(), (Uuid::nil(), "all".to_owned()));
        assert!(totals.known(&list).is_none());
        let Some(long_ago) = Instant::now().checked_sub(Duration::from_secs(1)) else { return };
        totals.learn(list.clone(), 20_000, Timestamp::UNIX_EPOCH, long_ago);
        assert!(!totals.known(&list).unwrap().renewed, "fresh");
        totals.0.lock().unwrap().get_mut(&list).unwrap().took = Duration::ZERO;
        totals.0.lock().unwrap().get_mut(&list).unwrap().at -= FRESH * 2;
        assert!(totals.known(&list).unwrap().renewed);
        assert!(!totals.known(&list).unwrap().renewed, "somebody is at it");
        assert_eq!(totals.known(&list).unwrap().records, 20_000);
        totals.forget(&list);
        assert!(totals.known(&list).is_none());
    }
}

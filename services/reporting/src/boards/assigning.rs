//! What an owner was given lately, and what they should have seen to by now.

use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use kit_records::CatalogIndex;
use kit_records::values::format_time;
use serde_json::{Map, Value};

use super::dashboards::{Desk, number};
use super::query::Query;
use super::told::Told;

/// What was given to somebody within as many days is told to them as recent.
pub const RECENT_DAYS: i32 = 10;
/// The level of risk that has a shorter time.
const HIGH: &str = "high";
/// Clocks differ: what comes from a little later than now is of now.
const AHEAD: i32 = 10;

/// The first minute that has a number above zero.
const FIRST: DateTime = date(2000, 1, 1).at(0, 0, 0, 0);

/// A minute's number, which grows minute by minute.
pub fn minute_of(at: Timestamp) -> i32 {
    let first = FIRST.to_zoned(TimeZone::UTC).map_or(0, |at| at.timestamp().as_second());
    i32::try_from((at.as_second() - first).div_euclid(60)).unwrap_or(i32::MAX).max(1)
}

/// What an open case adds to its owner's counts by when they were given it.
pub fn assigned(told: &Told, put: &mut impl FnMut(&str, i32, &str)) {
    let Some(at) = told.assigned else { return };
    let risk = told.risk.as_deref().unwrap_or_default();
    put("assigned", 0, risk);
    put("assigned_day", super::tally::number_of(at.to_zoned(TimeZone::UTC).date()), "");
    let measure = if risk == HIGH { "assigned_high" } else { "assigned_minute" };
    put(measure, minute_of(at), risk);
}

/// Until when an owner should have seen to a case: hours after they were given it.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    /// What was given before this moment is overdue; a whole minute.
    before: Timestamp,
    now: Timestamp,
}

impl Deadline {
    /// Of cases of high risk, or of others, as the tenant's settings have it.
    pub fn of(settings: &CatalogIndex, now: Timestamp, high: bool) -> Self {
        let (name, usual) = if high {
            ("timeframe_hours_to_assign_high", 1)
        } else {
            ("timeframe_hours_to_assign", 3)
        };
        let options = settings.settings.get("system_options");
        let hours = options.and_then(|options| options[name].as_i64()).unwrap_or(usual);
        // A week is as long as it takes anybody to be told.
        let back = SignedDuration::from_hours(hours.clamp(0, 7 * 24));
        let before = now.checked_sub(back).unwrap_or(now);
        let before = Timestamp::from_second(before.as_second().div_euclid(60) * 60);
        Self { before: before.unwrap_or(now), now }
    }

    /// The minutes of what is not overdue yet.
    pub fn minutes(self) -> Vec<i32> {
        (minute_of(self.before)..=minute_of(self.now) + AHEAD).collect()
    }

    fn query(self, query: Query) -> Query {
        let last = self.before.checked_sub(1.millisecond()).unwrap_or(self.before);
        query.is("reassigned_transferred_on", &format!("1900-01-01..{}", format_time(last)))
    }
}

impl Desk {
    /// Cases that the caller was given within the last days.
    pub fn recently_assigned(&self) -> Value {
        let (me, today) = (&self.sight.user_name, self.sight.today);
        let records = self.owned.of_owner("assigned_day", me).values().sum();
        let first: Date = today.saturating_sub(i64::from(RECENT_DAYS).days());
        number(records, &self.mine().within("reassigned_transferred_on", (first, today)))
    }

    /// Of these levels of risk (`none` is one), the cases that wait for too long.
    pub fn overdue(&self, levels: &Map<String, Value>) -> Map<String, Value> {
        let me = &self.sight.user_name;
        let all = self.owned.of_owner("assigned", me);
        let mut fresh = self.owned.of_owner("assigned_minute", me);
        fresh.extend(self.owned.of_owner("assigned_high", me));
        let mut told = Map::new();
        for (level, counted) in levels {
            let (name, key) = match level.as_str() {
                "_none" => ("none", ""),
                level => (level, level),
            };
            let of = |found: &std::collections::BTreeMap<&str, i64>| {
                found.get(key).copied().unwrap_or_default()
            };
            let listed = counted["query"].as_array().into_iter().flatten();
            let listed = listed.filter_map(Value::as_str).map(str::to_owned).collect();
            let deadline = Deadline::of(&self.catalog, self.sight.now, key == HIGH);
            let query = deadline.query(Query(listed));
            told.insert(
                format!("cases_to_assign_overdue_{name}"),
                number(of(&all) - of(&fresh), &query),
            );
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kit_records::Catalog;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_overdue_lies_in_its_minutes() {
        let mut catalog = Catalog::default();
        catalog.settings.insert("system_options".into(), json!({"timeframe_hours_to_assign": 2}));
        let index = CatalogIndex::new(Arc::new(catalog));
        let now: Timestamp = "2026-11-22T15:04:31.5Z".parse().unwrap();
        let deadline = Deadline::of(&index, now, false);
        let minutes = deadline.minutes();
        let is_fresh = |at: &str| minutes.contains(&minute_of(at.parse().unwrap()));
        assert!(!is_fresh("2026-11-22T13:03:59.999Z") && is_fresh("2026-11-22T13:04:00Z"));
        assert!(is_fresh("2026-11-22T15:04:31Z") && is_fresh("2026-11-22T15:06:00Z"));
        let query = deadline.query(Query::default()).0;
        assert_eq!(query, ["reassigned_transferred_on=1900-01-01..2026-11-22T13:03:59.999Z"]);
        let high = Deadline::of(&index, now, true).minutes();
        assert_eq!(high.len(), 60 + 1 + 10, "an hour, where nothing is said");
    }
}

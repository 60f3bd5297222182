//! Referrals and transfers of a case, as far as the case itself tells of them: what is counted, and
//! the dashboards that are made of it.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use kit_records::Record;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::ask::Span;
use super::dashboards::{Desk, number, owners};
use super::query::Query;
use super::tally::{BETWEEN, number_of};
use super::told::{day, texts};

/// The fields that are looked at.
pub const FIELDS: &[&str] = &[
    "referred_users",
    "referred_users_present",
    "referred_users_pending",
    "referred_users_pending_present",
    "referred_users_accepted",
    "referred_users_accepted_present",
    "last_referral_rejected_at",
    "last_referral_done_at",
    "transferred_to_users",
    "transferred_to_user_groups",
    "transfer_status",
];
/// An answer to a referral is told for as many days.
pub const ANSWERED_DAYS: i32 = 14;

/// What a case says of its referrals and transfers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sharing {
    /// To whom it is referred, whether they have answered or not.
    pub referred_to: BTreeSet<String>,
    pub pending_with: BTreeSet<String>,
    pub accepted_by: BTreeSet<String>,
    pub referred: bool,
    pub pending: bool,
    pub accepted: bool,
    pub rejected: Option<Date>,
    pub done: Option<Date>,
    /// To whom it is being transferred, and to whose groups.
    pub transferred_to: BTreeSet<String>,
    pub groups: BTreeSet<String>,
    pub transfer: Option<String>,
}

impl Sharing {
    /// From values that lie open.
    pub fn of(facets: &Record) -> Self {
        let is = |name: &str| facets.get(name) == Some(&Value::Bool(true));
        let text = |name: &str| facets.get(name).and_then(Value::as_str);
        Self {
            referred_to: texts(facets.get("referred_users")),
            pending_with: texts(facets.get("referred_users_pending")),
            accepted_by: texts(facets.get("referred_users_accepted")),
            referred: is("referred_users_present"),
            pending: is("referred_users_pending_present"),
            accepted: is("referred_users_accepted_present"),
            rejected: text("last_referral_rejected_at").and_then(day),
            done: text("last_referral_done_at").and_then(day),
            transferred_to: texts(facets.get("transferred_to_users")),
            groups: texts(facets.get("transferred_to_user_groups")),
            transfer: text("transfer_status").map(str::to_owned),
        }
    }

    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// What an open case adds within everybody's reach: to which groups it is being transferred.
    pub fn shared(&self, put: &mut impl FnMut(&'static str, i32, &str)) {
        if !self.groups.is_empty() {
            let groups: Vec<&str> = self.groups.iter().map(String::as_str).collect();
            put("transfer_groups", 0, &groups.join(&BETWEEN.to_string()));
        }
    }

    /// What it adds to its owner's counts.
    pub fn sent(&self, put: &mut impl FnMut(&str, i32, &str)) {
        let flags = [
            (self.referred, "sent"),
            (self.pending, "sent_pending"),
            (self.accepted, "sent_accepted"),
        ];
        for (_, measure) in flags.iter().filter(|(is_so, _)| *is_so) {
            put(measure, 0, "");
        }
        for (measure, on) in [("sent_rejected", self.rejected), ("sent_done", self.done)] {
            if let Some(on) = on {
                put(measure, number_of(on), "");
            }
        }
        if let Some(status) = &self.transfer {
            put("sent_transfer", 0, status);
        }
    }

    /// What it adds to the counts of those whom it is shared with.
    pub fn received(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let each = [
            (&self.referred_to, "got"),
            (&self.pending_with, "got_pending"),
            (&self.accepted_by, "got_accepted"),
            (&self.transferred_to, "got_transfer"),
        ];
        each.into_iter()
            .flat_map(|(names, measure)| names.iter().map(move |name| (name.as_str(), measure)))
    }
}

/// What is counted, the query that lists it, and the indicator's name.
type Told<'a> = (&'a str, &'a str, Query);

impl Desk {
    /// A dashboard of what is shared; `None` of all others.
    pub fn sharing(&self, name: &str) -> Option<Value> {
        Some(match name {
            "action_needed_new_referrals" => {
                let pending = self.to_me("referred_users_pending");
                self.mine_of(&[("new_referrals", "got_pending", pending)])
            }
            "action_needed_transfer_awaiting_acceptance" => {
                let waiting = self.to_me("transferred_to_users");
                self.mine_of(&[("transfers_awaiting_acceptance", "got_transfer", waiting)])
            }
            "dash_shared_with_me" => self.with_me(),
            "dash_shared_with_others" => self.with_others(),
            "dash_shared_with_my_team" => self.with_my_team(),
            "dash_shared_with_my_team_overview" => {
                let name = "shared_with_my_team_pending_transfers_overview";
                json!({ name: self.to_my_groups() })
            }
            "dash_shared_from_my_team" => self.of_my_team(),
            _ => return None,
        })
    }

    fn to_me(&self, field: &str) -> Query {
        self.open().is(field, &self.sight.user_name)
    }

    /// Numbers of the caller's own.
    fn mine_of(&self, told: &[Told<'_>]) -> Value {
        let mut all = Map::new();
        for (name, measure, query) in told {
            let records = self.owned.of_owner(measure, &self.sight.user_name).values().sum();
            all.insert((*name).to_owned(), number(records, query));
        }
        Value::Object(all)
    }

    fn with_me(&self) -> Value {
        self.mine_of(&[
            ("shared_with_me_total_referrals", "got", self.to_me("referred_users")),
            ("shared_with_me_new_referrals", "got_pending", self.to_me("referred_users_pending")),
            (
                "shared_with_me_accepted_referrals",
                "got_accepted",
                self.to_me("referred_users_accepted"),
            ),
            (
                "shared_with_me_transfers_awaiting_acceptance",
                "got_transfer",
                self.to_me("transferred_to_users"),
            ),
        ])
    }

    fn answered(&self, query: Query, field: &str) -> Query {
        let today = self.sight.today;
        query.within(field, (today.saturating_sub(i64::from(ANSWERED_DAYS).days()), today))
    }

    /// The numbers of what was sent, of some owners' cases: name, measure, query.
    fn sent(&self, of: &Query, prefix: &str) -> Vec<(String, &'static str, Query)> {
        let name = |what: &str| format!("{prefix}_{what}");
        let on = |field: &str| of.clone().is(field, "true");
        vec![
            (name("referrals"), "sent", on("referred_users_present")),
            (name("pending_referrals"), "sent_pending", on("referred_users_pending_present")),
            (name("accepted_referrals"), "sent_accepted", on("referred_users_accepted_present")),
            (
                name("rejected_referrals"),
                "sent_rejected",
                self.answered(of.clone(), "last_referral_rejected_at"),
            ),
            (
                name("done_referrals"),
                "sent_done",
                self.answered(of.clone(), "last_referral_done_at"),
            ),
        ]
    }

    /// The statuses of transfers that are told.
    fn transfers(prefix: &str) -> [(String, &'static str); 2] {
        [("pending", "in_progress"), ("rejected", "rejected")]
            .map(|(name, status)| (format!("{prefix}_{name}_transfers"), status))
    }

    fn with_others(&self) -> Value {
        let (me, prefix) = (self.sight.user_name.as_str(), "shared_with_others");
        let mine = self.mine();
        let mut all = Map::new();
        for (name, measure, query) in self.sent(&mine, prefix) {
            let records = self.owned.of_owner(measure, me).values().sum();
            all.insert(name, number(records, &query));
        }
        let found = self.owned.of_owner("sent_transfer", me);
        for (name, status) in Self::transfers(prefix) {
            let records = found.get(status).copied().unwrap_or_default();
            all.insert(name, number(records, &mine.clone().is("transfer_status", status)));
        }
        Value::Object(all)
    }

    fn of_my_team(&self) -> Value {
        let prefix = "shared_from_my_team";
        let mut all = Map::new();
        for (name, measure, query) in self.sent(&self.open(), prefix) {
            all.insert(name, owners(&self.owned.by_owner(measure), &query, "owned_by"));
        }
        for (name, status) in Self::transfers(prefix) {
            let found = self.owned.by_owner_of("sent_transfer", status);
            let query = self.open().is("transfer_status", status);
            all.insert(name, owners(&found, &query, "owned_by"));
        }
        Value::Object(all)
    }

    fn with_my_team(&self) -> Value {
        let of =
            |measure: &str, field: &str| owners(&self.owned.by_owner(measure), &self.open(), field);
        json!({
            "shared_with_my_team_referrals": of("got_pending", "referred_users_pending"),
            "shared_with_my_team_accepted_referrals": of("got_accepted", "referred_users_accepted"),
            "shared_with_my_team_pending_transfers": of("got_transfer", "transferred_to_users"),
        })
    }

    /// Each case once, to however many of the caller's groups it is being transferred.
    fn to_my_groups(&self) -> Value {
        let mine = |one: &str| self.sight.groups.iter().any(|group| group == one);
        let found = self.counted("transfer_groups", Span::Ever);
        let records = found.iter().filter(|(groups, _)| groups.split(BETWEEN).any(mine));
        let query = self.open().any("transferred_to_user_groups", &self.sight.groups);
        let records = if self.sight.groups.is_empty() { 0 } else { records.map(|(_, n)| n).sum() };
        number(records, &query)
    }
}

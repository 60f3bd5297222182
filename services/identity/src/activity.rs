//! When people last did something, as reporting has it.

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;
use kit_proto::reporting::v1::{GetActivityRequest, UserActivity};
use kit_serve::{Call, FieldProblem, Refusal, Shared};
use serde_json::Value;
use uuid::Uuid;

use crate::documents::instant;
use crate::parameters::Parameters;

/// What is told of each user, and what lists are narrowed by.
pub(crate) const TIMES: [&str; 3] = ["last_access", "last_case_viewed", "last_case_updated"];

/// Where activity comes from.
pub trait ActivitySource: Send + Sync + 'static {
    /// When these users of a tenant last did something.
    fn of(
        &self,
        call: &Call,
        tenant: Uuid,
        user_names: Vec<String>,
    ) -> BoxFuture<'static, Result<Vec<UserActivity>, Refusal>>;
}

/// The reporting service, over gRPC.
pub(crate) struct Reporting {
    shared: Shared,
}

impl Reporting {
    pub const fn new(shared: Shared) -> Self {
        Self { shared }
    }
}

impl ActivitySource for Reporting {
    fn of(
        &self,
        call: &Call,
        tenant: Uuid,
        user_names: Vec<String>,
    ) -> BoxFuture<'static, Result<Vec<UserActivity>, Refusal>> {
        let message = GetActivityRequest { tenant: tenant.to_string(), user_names };
        let request = call.as_service(&self.shared.internal).request(message);
        let mut reporting = self.shared.peers.reporting();
        Box::pin(async move {
            let reply = reporting.get_activity(request).await.map_err(Refusal::from)?;
            Ok(reply.into_inner().users)
        })
    }
}

/// The times of people, in the order of [`TIMES`].
#[derive(Default)]
pub(crate) struct Activity(HashMap<String, [Option<Timestamp>; 3]>);

impl Activity {
    /// Reads reporting's answer.
    pub fn read(users: Vec<UserActivity>) -> Self {
        let time = |micros: i64| {
            Some(micros)
                .filter(|micros| *micros != 0)
                .and_then(|micros| Timestamp::from_microsecond(micros).ok())
        };
        let of = |one: UserActivity| {
            let times = [one.last_access, one.last_case_viewed, one.last_case_updated];
            (one.user_name, times.map(time))
        };
        Self(users.into_iter().map(of).collect())
    }

    fn of(&self, user_name: &str) -> [Option<Timestamp>; 3] {
        self.0.get(user_name).copied().unwrap_or_default()
    }

    /// Adds what is known to a user's document.
    pub fn add_to(&self, document: &mut Value) {
        let times = self.of(document["user_name"].as_str().unwrap_or_default());
        for (name, time) in TIMES.iter().zip(times) {
            if let Some(time) = time {
                document[*name] = instant(time).into();
            }
        }
    }
}

/// From when to when, each end open where none was sent.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Range {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Range {
    const fn is_open(self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// Whoever never did it is within no range.
    fn holds(self, time: Option<Timestamp>) -> bool {
        self.is_open()
            || time.is_some_and(|time| {
                self.from.is_none_or(|from| time >= from) && self.to.is_none_or(|to| time <= to)
            })
    }
}

/// What a list of users is narrowed to.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ranges([Range; 3]);

impl Ranges {
    /// `last_access[from]`, `last_access[to]` and so on: moments or days.
    pub fn of(parameters: &Parameters<'_>) -> Result<Self, Refusal> {
        let mut ranges = Self::default();
        for (range, name) in ranges.0.iter_mut().zip(TIMES) {
            range.from = moment(parameters, &format!("{name}[from]"), "T00:00:00Z")?;
            range.to = moment(parameters, &format!("{name}[to]"), "T23:59:59.999999Z")?;
        }
        Ok(ranges)
    }

    /// Whether nothing is narrowed.
    pub fn are_open(&self) -> bool {
        self.0.iter().all(|range| range.is_open())
    }

    /// Whether a user is within all of them.
    pub fn hold(&self, activity: &Activity, user_name: &str) -> bool {
        self.0.iter().zip(activity.of(user_name)).all(|(range, time)| range.holds(time))
    }
}

fn moment(
    parameters: &Parameters<'_>,
    name: &str,
    of_day: &str,
) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = parameters.text(name) else { return Ok(None) };
    let is_day = text.len() == 10 && text.parse::<Date>().is_ok();
    let read = if is_day { format!("{text}{of_day}").parse() } else { text.parse() };
    let pointer = format!("/{}", name.replace('[', "/").trim_end_matches(']'));
    let wrong = || Refusal::invalid_record(vec![FieldProblem::new(pointer, "not_a_time")]);
    read.map(Some).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use kit_proto::common::v1::Parameter;

    use super::*;

    fn ranges(pairs: &[(&str, &str)]) -> Result<Ranges, Refusal> {
        let sent: Vec<Parameter> = pairs
            .iter()
            .map(|(name, value)| Parameter { name: (*name).into(), value: (*value).into() })
            .collect();
        Ranges::of(&Parameters(&sent))
    }

    #[test]
    fn days_are_whole_and_never_is_within_no_range() {
        let day = ranges(&[("last_access[from]", "2026-03-01"), ("last_access[to]", "2026-03-01")]);
        let day = day.unwrap();
        let at = |text: &str| {
            let micros = text.parse::<Timestamp>().unwrap().as_microsecond();
            let user_name = "ann".to_owned();
            Activity::read(vec![UserActivity {
                user_name,
                last_access: micros,
                ..Default::default()
            }])
        };
        assert!(day.hold(&at("2026-03-01T00:00:00Z"), "ann"));
        assert!(day.hold(&at("2026-03-01T23:59:59.9Z"), "ann"));
        assert!(!day.hold(&at("2026-03-02T00:00:00Z"), "ann"));
        assert!(!day.hold(&at("2026-03-01T00:00:00Z"), "bob"), "bob never came");
        assert!(ranges(&[]).unwrap().hold(&Activity::default(), "bob"));
    }

    #[test]
    fn what_is_no_time_is_named() {
        let refused = ranges(&[("last_case_viewed[to]", "soon")]).err().unwrap();
        assert_eq!(refused.errors[0].fields[0].pointer, "/last_case_viewed/to");
    }
}

//! The query that lists what a number counts: put behind `/cases?` as it is.

use std::fmt::Write;

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Earlier than any day that a record is about.
const LONG_AGO: Date = date(1900, 1, 1);

/// Parameters of a list, ready for a URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(pub Vec<String>);

impl Query {
    /// Enabled records of these modules; of all where none is named.
    pub fn enabled(modules: &[String]) -> Self {
        let query = Self(vec!["record_state=true".to_owned()]);
        if modules.is_empty() { query } else { query.any("module_id", modules) }
    }

    /// Those that are open.
    pub fn open(modules: &[String]) -> Self {
        Self::enabled(modules).is("status", "open")
    }

    #[must_use]
    pub fn is(mut self, field: &str, value: &str) -> Self {
        self.0.push(format!("{field}={}", encoded(value)));
        self
    }

    /// One of these values.
    #[must_use]
    pub fn any(mut self, field: &str, values: &[impl AsRef<str>]) -> Self {
        let values: Vec<String> = values.iter().map(|one| encoded(one.as_ref())).collect();
        self.0.push(format!("{field}={}", values.join(",")));
        self
    }

    /// From one day to another, both included.
    #[must_use]
    pub fn within(mut self, field: &str, (from, to): (Date, Date)) -> Self {
        self.0.push(format!("{field}={from}..{to}"));
        self
    }

    /// On any day up to this one.
    #[must_use]
    pub fn until(self, field: &str, day: Date) -> Self {
        self.within(field, (LONG_AGO, day))
    }
}

/// This week and the one before it, from Sunday to Saturday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weeks {
    pub last: (Date, Date),
    pub this: (Date, Date),
}

impl Weeks {
    pub fn around(today: Date) -> Self {
        let since = i64::from(today.weekday().to_sunday_zero_offset());
        let sunday = today.saturating_sub(since.days());
        Self {
            last: (sunday.saturating_sub(7.days()), sunday.saturating_sub(1.days())),
            this: (sunday, sunday.saturating_add(6.days())),
        }
    }
}

/// Percent-encoded where a URL could take a character for its own.
fn encoded(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a text does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_sunday() {
        let weeks = Weeks::around(date(2026, 11, 22));
        assert_eq!(weeks.this, (date(2026, 11, 22), date(2026, 11, 28)));
        assert_eq!(weeks.last, (date(2026, 11, 15), date(2026, 11, 21)));
        assert_eq!(Weeks::around(date(2026, 11, 21)).this, weeks.last);
    }

    #[test]
    fn values_stay_within_their_parameter() {
        let query = Query::open(&["m&x".into()]).is("owned_by", "ann=b c,d");
        assert_eq!(
            query.0,
            ["record_state=true", "module_id=m%26x", "status=open", "owned_by=ann%3Db%20c%2Cd"]
        );
    }
}

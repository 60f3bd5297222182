//! Query parameters with bracket keys: `record_type[0]=child`, `filters[timestamp][from]=...`.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_proto::common::v1::Parameter;
use kit_serve::{ErrorItem, FieldProblem, Refusal};

/// The parameters of one call.
#[derive(Debug, Clone, Copy)]
pub struct Parameters<'a>(pub &'a [Parameter]);

/// The page asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub page: i64,
    pub per: i64,
}

impl Page {
    /// How many rows come before it.
    pub const fn offset(self) -> i64 {
        (self.page - 1).saturating_mul(self.per)
    }
}

impl<'a> Parameters<'a> {
    /// The last value of a parameter that is not blank.
    pub fn one(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().rev().find(|one| one.name == name)?;
        Some(found.value.trim()).filter(|value| !value.is_empty())
    }

    /// All values of `name`, `name[]`, `name[0]`, ... with commas between several.
    pub fn many(&self, name: &str) -> Vec<String> {
        let indexed = |one: &str| {
            one.strip_prefix(name).is_some_and(|rest| {
                rest.is_empty()
                    || (rest.starts_with('[')
                        && rest.ends_with(']')
                        && rest.matches('[').count() == 1)
            })
        };
        self.0
            .iter()
            .filter(|one| indexed(&one.name))
            .flat_map(|one| one.value.split(','))
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// A moment, or the start of a day.
    pub fn moment(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        self.time(name, "T00:00:00Z")
    }

    /// A moment, or the end of a day.
    pub fn moment_until(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        self.time(name, "T23:59:59.999999Z")
    }

    fn time(&self, name: &str, of_day: &str) -> Result<Option<Timestamp>, Refusal> {
        let Some(text) = self.one(name) else { return Ok(None) };
        let text = if text.parse::<Date>().is_ok() && text.len() == 10 {
            format!("{text}{of_day}")
        } else {
            text.to_owned()
        };
        match text.parse() {
            Ok(moment) => Ok(Some(moment)),
            Err(_) => Err(invalid(name, "not_a_time")),
        }
    }

    /// The page, with `per` rows when nothing is asked for and at most `most`.
    pub fn page(&self, per: i64, most: i64) -> Result<Page, Refusal> {
        Ok(Page { page: self.number("page", 1)?, per: self.number("per", per)?.min(most) })
    }

    fn number(&self, name: &str, default: i64) -> Result<i64, Refusal> {
        let Some(text) = self.one(name) else { return Ok(default) };
        match text.parse::<u32>() {
            Ok(number) if number > 0 => Ok(number.into()),
            _ => Err(invalid(name, "invalid_parameter")),
        }
    }
}

fn invalid(name: &str, code: &str) -> Refusal {
    let mut refusal = Refusal::invalid("Invalid parameter");
    refusal.errors = vec![
        ErrorItem::new("Invalid parameter")
            .with_detail(name)
            .with_fields(vec![FieldProblem::new(format!("/{name}"), code).with("min", 1)]),
    ];
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> Vec<Parameter> {
        let one = |(name, value): &(&str, &str)| Parameter {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        };
        pairs.iter().map(one).collect()
    }

    #[test]
    fn lists_are_read_in_every_form() {
        let sent =
            sent(&[("a[0]", "x"), ("a[]", "y"), ("a", "z,w"), ("ab", "no"), ("a[b][c]", "no")]);
        assert_eq!(Parameters(&sent).many("a"), ["x", "y", "z", "w"]);
    }

    #[test]
    fn a_page_starts_at_one() {
        assert!(Parameters(&sent(&[("page", "0")])).page(20, 100).is_err());
        assert!(Parameters(&sent(&[("page", "x")])).page(20, 100).is_err());
        let page = Parameters(&sent(&[("page", "3"), ("per", "5000")])).page(20, 1_000).unwrap();
        assert_eq!((page.per, page.offset()), (1_000, 2_000));
    }

    #[test]
    fn a_day_is_its_start_or_its_end() {
        let sent = sent(&[("from", "2026-01-31"), ("to", "nonsense")]);
        let from = Parameters(&sent).moment("from").unwrap().unwrap();
        assert_eq!(from.to_string(), "2026-01-31T00:00:00Z");
        let until = Parameters(&sent).moment_until("from").unwrap().unwrap();
        assert_eq!(until.to_string(), "2026-01-31T23:59:59.999999Z");
        assert!(Parameters(&sent).moment("to").is_err());
    }
}

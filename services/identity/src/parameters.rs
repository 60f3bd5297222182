//! Query parameters of lists: brackets, paging, ordering.

use kit_proto::common::v1::Parameter;
use kit_serve::{FieldProblem, Refusal};
use serde_json::{Value, json};

const MOST_PER_PAGE: usize = 1_000;

/// A query string, decoded.
pub(crate) struct Parameters<'a>(pub &'a [Parameter]);

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    Everything,
    Page { page: usize, per: usize },
}

impl<'a> Parameters<'a> {
    /// The last value of a plain parameter, unless it is empty.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().rev().find(|one| one.name == name)?;
        Some(found.value.as_str()).filter(|value| !value.is_empty())
    }

    pub fn flag(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }

    /// Values of `name`, `name[]` and `name[0]`; one value may hold several, with commas.
    pub fn list(&self, name: &str) -> Vec<&'a str> {
        let named = |one: &&Parameter| {
            one.name.strip_prefix(name).is_some_and(|rest| {
                rest.is_empty() || (rest.starts_with('[') && rest.ends_with(']'))
            })
        };
        let values = self.0.iter().filter(named).flat_map(|one| one.value.split(','));
        values.map(str::trim).filter(|value| !value.is_empty()).collect()
    }

    /// True and false values of a list parameter; none for no limit.
    pub fn booleans(&self, name: &str) -> Vec<bool> {
        self.list(name).iter().filter_map(|value| value.parse().ok()).collect()
    }

    /// Numbers of a list parameter.
    pub fn numbers(&self, name: &str) -> Vec<i64> {
        self.list(name).iter().filter_map(|value| value.parse().ok()).collect()
    }

    /// The page, 20 rows by default.
    pub fn paging(&self, default: usize) -> Result<Paging, Refusal> {
        let page = self.positive("page")?.unwrap_or(1);
        let per = self.positive("per")?.unwrap_or(default).min(MOST_PER_PAGE);
        Ok(Paging::Page { page, per })
    }

    /// As [`Self::paging_if_asked`], with pages as large as asked for.
    pub fn uncapped_paging_if_asked(&self, default: usize) -> Result<Paging, Refusal> {
        let per = self.positive("per")?;
        Ok(match self.paging_if_asked(default)? {
            Paging::Everything => Paging::Everything,
            Paging::Page { page, .. } => Paging::Page { page, per: per.unwrap_or(default) },
        })
    }

    /// The page where one is asked for; otherwise everything.
    pub fn paging_if_asked(&self, default: usize) -> Result<Paging, Refusal> {
        if self.text("page").is_none() && self.text("per").is_none() {
            return Ok(Paging::Everything);
        }
        self.paging(default)
    }

    fn positive(&self, name: &str) -> Result<Option<usize>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.parse::<usize>() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => Err(Refusal::invalid_record(vec![FieldProblem::new(
                format!("/{name}"),
                "not_positive",
            )])),
        }
    }

    /// The attribute to order by, and whether downwards.
    pub fn order(&self) -> (Option<&'a str>, bool) {
        (self.text("order_by"), self.text("order") == Some("desc"))
    }
}

impl Paging {
    /// The wanted part, with the answer's metadata.
    pub fn cut<T>(self, all: Vec<T>) -> (Vec<T>, Value) {
        let total = all.len();
        match self {
            Self::Everything => (all, json!({"total": total, "per": null, "page": null})),
            Self::Page { page, per } => {
                let start = (page - 1).saturating_mul(per);
                let part = all.into_iter().skip(start).take(per).collect();
                (part, json!({"total": total, "per": per, "page": page}))
            }
        }
    }
}

/// Sorts documents by one of their attributes: texts without case, translated ones in
/// `locale`, nothing last.
pub(crate) fn sort_by(documents: &mut [Value], attribute: &str, descending: bool, locale: &str) {
    documents.sort_by(|a, b| {
        let (a, b) = (sort_key(&a[attribute], locale), sort_key(&b[attribute], locale));
        if descending { b.cmp(&a) } else { a.cmp(&b) }
    });
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Number(i64),
    Text(String),
    Nothing,
}

fn sort_key(value: &Value, locale: &str) -> SortKey {
    match value {
        Value::Bool(value) => SortKey::Number(i64::from(*value)),
        Value::Number(number) => SortKey::Number(number.as_i64().unwrap_or(i64::MAX)),
        Value::String(text) => SortKey::Text(text.to_lowercase()),
        Value::Object(texts) => texts.get(locale).map_or(SortKey::Nothing, |text| {
            SortKey::Text(text.as_str().unwrap_or_default().to_lowercase())
        }),
        Value::Null | Value::Array(_) => SortKey::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> Vec<Parameter> {
        pairs
            .iter()
            .map(|(name, value)| Parameter { name: (*name).into(), value: (*value).into() })
            .collect()
    }

    #[test]
    fn reads_lists_with_any_brackets() {
        let all = parameters(&[("a", "1"), ("a[]", "2"), ("a[0]", "3,4"), ("ab", "5")]);
        assert_eq!(Parameters(&all).list("a"), ["1", "2", "3", "4"]);
    }

    #[test]
    fn refuses_pages_that_are_none() {
        for bad in ["0", "-1", "x", "99999999999999999999999"] {
            let all = parameters(&[("page", bad)]);
            assert!(Parameters(&all).paging(20).is_err(), "{bad}");
        }
        let all = parameters(&[("per", "5000")]);
        assert_eq!(Parameters(&all).paging(20), Ok(Paging::Page { page: 1, per: 1_000 }));
    }

    #[test]
    fn a_page_beyond_the_end_is_empty() {
        let (part, metadata) = Paging::Page { page: usize::MAX, per: 1_000 }.cut(vec![1, 2]);
        assert!(part.is_empty());
        assert_eq!(metadata["total"], 2);
    }
}

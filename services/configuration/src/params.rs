//! Query parameters: single values, lists in brackets, paging.

use kit_proto::common::v1::Parameter;
use kit_serve::{FieldProblem, Refusal};
use serde_json::{Value, json};

/// The decoded query of a request.
#[derive(Debug, Default)]
pub struct Params(Vec<Parameter>);

impl Params {
    pub const fn new(parameters: Vec<Parameter>) -> Self {
        Self(parameters)
    }

    /// The last value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let sent = self.0.iter().rev().find(|one| one.name == name);
        sent.map(|one| one.value.as_str()).filter(|value| !value.is_empty())
    }

    /// Whether a switch is on.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// The values of `name`, `name[]` and `name[0]`.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let is_listed = |sent: &str| {
            sent.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        };
        self.0.iter().filter(|one| is_listed(&one.name)).map(|one| one.value.as_str()).collect()
    }

    /// Which page is asked for.
    pub fn page(&self, per_default: i64, per_cap: i64) -> Result<Page, Refusal> {
        let number = |name: &str, default: i64| match self.get(name) {
            None => Ok(default),
            Some(text) => text.parse().ok().filter(|one| *one > 0).ok_or_else(|| {
                let pointer = format!("/{name}");
                Refusal::invalid_record(vec![
                    FieldProblem::new(pointer, "out_of_range").with("min", 1),
                ])
            }),
        };
        let per = number("per", per_default)?.min(per_cap);
        Ok(Page { page: number("page", 1)?, per })
    }
}

/// A page of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub page: i64,
    pub per: i64,
}

impl Page {
    /// Rows before the page.
    pub const fn offset(self) -> i64 {
        (self.page - 1).saturating_mul(self.per)
    }

    /// The answer's metadata.
    pub fn metadata(self, total: i64) -> Value {
        json!({ "total": total, "per": self.per, "page": self.page })
    }

    /// The page's part of a whole list.
    pub fn cut<T>(self, all: Vec<T>) -> Vec<T> {
        let offset = usize::try_from(self.offset()).unwrap_or(usize::MAX);
        let per = usize::try_from(self.per).unwrap_or(usize::MAX);
        all.into_iter().skip(offset).take(per).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        let one = |(name, value): &(&str, &str)| Parameter {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        };
        Params::new(pairs.iter().map(one).collect())
    }

    #[test]
    fn lists_come_in_three_spellings() {
        let sent = params(&[
            ("disabled[0]", "true"),
            ("disabled[]", "false"),
            ("disabled", "x"),
            ("disabledx", "y"),
        ]);
        assert_eq!(sent.list("disabled"), ["true", "false", "x"]);
    }

    #[test]
    fn pages_start_at_one() {
        assert!(params(&[("page", "0")]).page(20, 1000).is_err());
        assert!(params(&[("page", "abc")]).page(20, 1000).is_err());
        assert!(params(&[("per", "-1")]).page(20, 1000).is_err());
        let page = params(&[("page", "3"), ("per", "5000")]).page(20, 1000).unwrap();
        assert_eq!((page.page, page.per, page.offset()), (3, 1000, 2000));
        assert_eq!(page.metadata(7), json!({"total": 7, "per": 1000, "page": 3}));
    }
}

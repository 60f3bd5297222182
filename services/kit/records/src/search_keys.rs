//! How texts become keys, by purpose; see `search`.

use std::collections::BTreeSet;

use crate::search::{Key, Match, Plan, Reason};
use crate::split::{Purpose, TokenSource};

pub fn index_keys(source: &TokenSource) -> BTreeSet<Key> {
    match source.purpose {
        Purpose::Text => [equality_key(&source.field, &source.text)].into(),
        purpose => [Key { purpose, text: normal(&source.text) }].into(),
    }
}

pub fn plan(purpose: Purpose, text: &str) -> Plan {
    Plan::All([Key { purpose, text: normal(text) }].into())
}

pub fn equality_key(field: &str, text: &str) -> Key {
    Key { purpose: Purpose::Text, text: format!("{field}={}", normal(text)) }
}

pub fn verify<'a>(
    _purpose: Purpose,
    query: &str,
    mut texts: impl Iterator<Item = (&'a str, &'a str)>,
) -> Option<Match> {
    let (field, _) = texts.find(|(_, text)| normal(text) == normal(query))?;
    Some(Match { score: 1.0, field: field.to_owned(), reason: Reason::SameSpelling })
}

fn normal(text: &str) -> String {
    text.trim().to_lowercase()
}

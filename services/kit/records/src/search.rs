//! Blind search: which keys a text leaves in the index, which keys a query looks for, and
//! whether an opened record really matches, how well and why.
//!
//! Keys are plain here; the caller turns each into a keyed hash before it is stored or compared.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::split::{Purpose, TokenSource};

pub use crate::verify::Query;

/// Grows when the folding changes, so that stored keys can be rebuilt.
pub const VERSION: u32 = 2;

/// What is hashed: different purposes and fields never share a hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub purpose: Purpose,
    pub text: String,
}

impl Key {
    /// The bytes to be hashed: the purpose's name, a NUL, the text.
    pub fn to_bytes(&self) -> Vec<u8> {
        format!("{}\0{}", self.purpose.as_str(), self.text).into_bytes()
    }

    /// How much a shared key of a name says: its spelling more than its sound, its sound more than
    /// what it may be confused with.
    pub fn sharpness(&self) -> i64 {
        match self.text.bytes().next() {
            Some(b'p') => 20,
            Some(b'w') => 8,
            Some(b'x') => 6,
            Some(b'v') => 5,
            Some(b'c') => 3,
            _ => 1,
        }
    }
}

/// How keys lead to candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// A candidate has at least one key of any group; more groups rank higher.
    AnyGroup(Vec<BTreeSet<Key>>),
    /// A candidate has every key.
    All(BTreeSet<Key>),
    /// Too short to be looked for by its parts: who has the key is it, and any other may match.
    Short(Key),
    /// Nothing can match.
    Nothing,
}

/// Why a record matched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// 0 to 1; equal spelling of the whole is 1.
    pub score: f64,
    pub field: String,
    pub reason: Reason,
}

/// In what way a text matched, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    SameSpelling,
    /// The same sound, written in two scripts.
    SameSoundOtherScript,
    SameSound,
    NearSpelling,
    /// Another people's form of the same name.
    KnownVariant,
    /// A nickname or other name.
    NicknamePart,
    /// The whole identifier or phone number.
    SameIdentifier,
    IdentifierPart,
}

/// The keys to be stored for a text.
pub fn index_keys(source: &TokenSource) -> BTreeSet<Key> {
    crate::search_keys::index_keys(source)
}

/// The keys to look for.
pub fn plan(purpose: Purpose, text: &str) -> Plan {
    crate::search_keys::plan(purpose, text)
}

/// The part of a record's id that a text may be, in lower-case hexadecimal digits.
pub fn part_of_id(text: &str) -> Option<String> {
    let part = crate::search_keys::identifier(text);
    let is_hex = part.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hex && (3..=32).contains(&part.len())).then_some(part)
}

/// The key that answers "this field equals this text", for filters on sealed texts.
pub fn equality_key(field: &str, text: &str) -> Key {
    crate::search_keys::equality_key(field, text)
}

/// How well an opened record's texts (by field) match a query; `None` when they do not. For many
/// rows, prepare a [`Query`] once and use [`rank`].
pub fn verify<'a>(
    purpose: Purpose,
    query: &str,
    texts: impl Iterator<Item = (&'a str, &'a str)>,
) -> Option<Match> {
    rank(&Query::new(purpose, query), texts).into_iter().next()
}

/// Every text that matches a prepared query, the best first.
pub fn rank<'a>(query: &Query, texts: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Match> {
    let mut found: Vec<Match> =
        texts.filter_map(|(field, text)| query.matches(field, text)).collect();
    found.sort_by(|left, right| right.score.total_cmp(&left.score));
    found
}

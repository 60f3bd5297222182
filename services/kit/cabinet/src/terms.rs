//! Terms: what the inverted table of a record type is keyed by, 64 bits each.
//!
//! A scope term stands for a member of a record's scope and is a plain hash, for user names,
//! groups and agencies are coded values. A blind term stands for what a person said or wrote
//! and is an HMAC under the tenant's index key.

use kit_access::Term;
use kit_records::search::Key;
use kit_seal::IndexKey;
use sha2::{Digest, Sha256};

/// The term of an attribute that makes a record reachable; `scope_term` in the migrations computes
/// the same.
pub fn scope_term(term: &Term) -> i64 {
    cut(&Sha256::digest(format!("scope:{}:{}", term.field, term.value)))
}

/// The hash of a mark (see `kit_records::marks`): of a coded value, and so a plain hash.
pub fn mark(mark: &str) -> i64 {
    cut(&Sha256::digest(mark))
}

/// The blind term of a search key. Purposes never share a term.
pub fn blind(index: &IndexKey, key: &Key) -> i64 {
    index.blind(&key.to_bytes())
}

/// The blind terms of many keys, sorted, each once.
pub fn blind_all<'a>(index: &IndexKey, keys: impl IntoIterator<Item = &'a Key>) -> Vec<i64> {
    let mut terms: Vec<i64> = keys.into_iter().map(|key| blind(index, key)).collect();
    terms.sort_unstable();
    terms.dedup();
    terms
}

fn cut(digest: &[u8]) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use kit_records::split::Purpose;

    use super::*;

    #[test]
    fn attributes_of_different_fields_never_share_a_term() {
        let term = |field| scope_term(&Term { field, value: "a".into() });
        assert_ne!(term("associated_user_names"), term("associated_user_groups"));
        assert_ne!(term("associated_user_groups"), term("associated_user_agencies"));
    }

    #[test]
    fn terms_are_sorted_and_unique_and_never_shared_by_purposes() {
        let index = IndexKey(kit_seal::SecretKey::new([1; 32]));
        let key = |purpose, text: &str| Key { purpose, text: text.into() };
        let keys = [key(Purpose::Name, "b"), key(Purpose::Phone, "b"), key(Purpose::Name, "b")];
        let terms = blind_all(&index, &keys);
        assert_eq!(terms.len(), 2);
        assert!(terms[0] < terms[1]);
    }
}

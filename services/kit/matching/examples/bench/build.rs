//! Fills an index from a set.

use kit_matching::Index;

use crate::sets::Entry;

/// An index of all entries, in their order.
pub fn index_of(entries: &[Entry]) -> Index {
    let mut index = Index::default();
    for entry in entries {
        index.put(entry.id, &entry.profile);
    }
    index
}

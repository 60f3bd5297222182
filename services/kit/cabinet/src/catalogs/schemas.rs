//! What callers may write, at hand: it follows from role and forms, and is the same for all that
//! one caller writes within minutes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use kit_access::{Permitted, Principal, Write};
use kit_records::{CatalogIndex, RecordType, Schema};

/// When there are so many, they are all made anew: principals live for minutes anyway.
const KEPT: usize = 256;

/// Who and by which forms, each by where it lies in memory, then what is written and how.
type Key = (usize, usize, RecordType, Option<String>, How);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum How {
    Create,
    Update,
    Action(String),
}

/// A schema, and what it was made from: as long as that is referred to, nothing else lies there.
#[derive(Debug)]
struct Made {
    schema: Arc<Schema>,
    _of: (Weak<Principal>, Weak<CatalogIndex>),
}

/// The schemas used lately.
#[derive(Debug, Default)]
pub struct Schemas(Mutex<HashMap<Key, Made>>);

impl Schemas {
    /// What a principal may write to records of a type and module, by these forms.
    pub fn of(
        &self,
        (principal, index): (&Arc<Principal>, &Arc<CatalogIndex>),
        (record_type, module): (RecordType, Option<&str>),
        write: Write<'_>,
    ) -> Arc<Schema> {
        let how = match write {
            Write::Create => How::Create,
            Write::Update => How::Update,
            Write::Action(action) => How::Action(action.to_owned()),
        };
        let at = (place(principal), place(index), record_type, module.map(str::to_owned), how);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = known.get(&at) {
            return Arc::clone(&made.schema);
        }
        let permitted = Permitted { principal, index, record_type, module };
        let schema = Arc::new(permitted.writable(write));
        let of = (Arc::downgrade(principal), Arc::downgrade(index));
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(at, Made { schema: Arc::clone(&schema), _of: of });
        schema
    }
}

fn place<T>(of: &Arc<T>) -> usize {
    Arc::as_ptr(of).addr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_role_or_catalog_is_another_schema_and_the_same_is_made_once() {
        let schemas = Schemas::default();
        let index = Arc::new(CatalogIndex::default());
        let of = |principal: &Arc<Principal>, index: &Arc<CatalogIndex>, write: Write<'_>| {
            schemas.of((principal, index), (RecordType::Case, None), write)
        };
        let mut seen = Vec::new();
        for _ in 0..3 {
            // What was dropped may be followed by another at the same place.
            let principal = Arc::new(Principal::default());
            let first = of(&principal, &index, Write::Update);
            assert!(Arc::ptr_eq(&first, &of(&principal, &index, Write::Update)));
            assert!(!Arc::ptr_eq(&first, &of(&principal, &index, Write::Create)));
            let other = Arc::new(CatalogIndex::default());
            assert!(!Arc::ptr_eq(&first, &of(&principal, &other, Write::Update)));
            assert!(seen.iter().all(|one| !Arc::ptr_eq(one, &first)));
            seen.push(first);
        }
    }
}

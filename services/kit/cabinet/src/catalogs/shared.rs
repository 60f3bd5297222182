//! Many tenants work with one configuration: what is equal is held once, some megabytes each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use kit_records::{Catalog, CatalogIndex};

/// What tells most catalogs apart: version, epoch, how many forms.
type Kind = (u64, u64, usize);

/// The catalogs that somebody holds.
#[derive(Default)]
pub struct SharedCatalogs(Mutex<HashMap<Kind, Vec<Weak<CatalogIndex>>>>);

impl SharedCatalogs {
    /// The catalog with its indexes, which an equal one may have made before.
    pub fn of(&self, catalog: Catalog) -> Arc<CatalogIndex> {
        let kind = (catalog.version, catalog.epoch, catalog.forms.len());
        let mut known = self.0.lock().expect("not poisoned");
        let alike = known.entry(kind).or_default();
        alike.retain(|one| one.strong_count() > 0);
        let mut held = alike.iter().filter_map(Weak::upgrade);
        if let Some(equal) = held.find(|one| ***one == catalog) {
            return equal;
        }
        let index = Arc::new(CatalogIndex::new(Arc::new(catalog)));
        alike.push(Arc::downgrade(&index));
        index
    }

    /// How many there are that differ; those that nobody holds any more are let go.
    pub fn count(&self) -> usize {
        let mut known = self.0.lock().expect("not poisoned");
        known.retain(|_, alike| {
            alike.retain(|one| one.strong_count() > 0);
            !alike.is_empty()
        });
        known.values().map(Vec::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog(version: u64, locale: &str) -> Catalog {
        Catalog { version, locales: vec![locale.to_owned()], ..Catalog::default() }
    }

    #[test]
    fn what_is_equal_is_held_once() {
        let shared = SharedCatalogs::default();
        let one = shared.of(catalog(1, "en"));
        let other = shared.of(catalog(1, "ar"));
        assert!(Arc::ptr_eq(&one, &shared.of(catalog(1, "en"))));
        assert!(!Arc::ptr_eq(&one, &other));
        assert!(!Arc::ptr_eq(&one, &shared.of(catalog(2, "en"))));
        assert_eq!(shared.count(), 2);
        drop(other);
        assert_eq!(shared.count(), 1);
    }
}

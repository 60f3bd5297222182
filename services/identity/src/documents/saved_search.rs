//! A saved search as the contract (10.3) shows it.

use identity_domain::SavedSearch;
use serde_json::{Value, json};

/// The object of the contract.
pub(crate) fn saved_search_document(search: &SavedSearch) -> Value {
    json!({
        "id": search.number,
        "name": search.name,
        "record_type": search.record_type,
        "user_id": search.user,
        "module_ids": search.modules,
        "filters": search.filters,
    })
}

//! A saved search: a list's filters that a user wants to find again.

use kit_decider::{Aggregate, Stored};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedSearch {
    /// 0 until it exists.
    pub number: i64,
    pub user: i64,
    pub name: String,
    pub record_type: String,
    pub modules: Vec<String>,
    pub filters: Vec<SearchFilter>,
    pub deleted: bool,
}

/// One filter; its value may be words that someone typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchFilter {
    pub name: String,
    pub value: Value,
}

/// These are storage: version with care. Sealed: filters may hold names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SavedSearchEvent {
    Saved {
        number: i64,
        user: i64,
        name: String,
        record_type: String,
        modules: Vec<String>,
        filters: Vec<SearchFilter>,
    },
    Deleted,
}

impl Aggregate for SavedSearch {
    const CATEGORY: &'static str = "saved_search";
    type Event = SavedSearchEvent;

    fn evolve(&mut self, event: &SavedSearchEvent) {
        match event {
            SavedSearchEvent::Saved { number, user, name, record_type, modules, filters } => {
                *self = Self {
                    number: *number,
                    user: *user,
                    name: name.clone(),
                    record_type: record_type.clone(),
                    modules: modules.clone(),
                    filters: filters.clone(),
                    deleted: false,
                };
            }
            SavedSearchEvent::Deleted => self.deleted = true,
        }
    }
}

impl Stored for SavedSearch {}

//! Deletes a saved search.

use kit_decider::Command;

use crate::{Refusal, SavedSearch, SavedSearchEvent};

/// By its owner only.
#[derive(Clone)]
pub struct DeleteSavedSearch {
    /// Number of the user who asks.
    pub user: i64,
}

impl Command for DeleteSavedSearch {
    type Of = SavedSearch;
    type Refusal = Refusal;

    fn decide(self, search: &SavedSearch) -> Result<Vec<SavedSearchEvent>, Refusal> {
        if search.number == 0 || search.deleted {
            return Err(Refusal::Gone);
        }
        if search.user != self.user {
            return Err(Refusal::Forbidden);
        }
        Ok(vec![SavedSearchEvent::Deleted])
    }
}

//! Saves a search.

use kit_decider::Command;

use crate::refusal::{Problem, Problems};
use crate::{Refusal, SavedSearch, SavedSearchEvent, SearchFilter};

/// Everyone keeps their own.
#[derive(Clone)]
pub struct SaveSearch {
    pub number: i64,
    pub user: i64,
    pub name: String,
    pub record_type: String,
    pub modules: Vec<String>,
    pub filters: Vec<SearchFilter>,
}

impl Command for SaveSearch {
    type Of = SavedSearch;
    type Refusal = Refusal;

    fn decide(self, search: &SavedSearch) -> Result<Vec<SavedSearchEvent>, Refusal> {
        if search.number != 0 {
            return Ok(vec![]);
        }
        let Self { number, user, name, record_type, modules, filters } = self;
        let mut problems = Problems::default();
        let message = "errors.models.saved_search.name_present";
        problems.unless(!name.trim().is_empty(), Problem::new("name", message, "required"));
        let message = "errors.models.saved_search.record_type_present";
        let missing = Problem::new("record_type", message, "required");
        problems.unless(!record_type.trim().is_empty(), missing);
        problems.refuse()?;
        Ok(vec![SavedSearchEvent::Saved { number, user, name, record_type, modules, filters }])
    }
}

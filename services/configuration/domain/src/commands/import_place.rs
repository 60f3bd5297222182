//! `ImportPlace`: a place becomes what a table says.

use kit_decider::Command;
use kit_records::Text;

use crate::{Place, PlaceEvent, Refusal};

/// Adds the place or renames it. The table was checked as a whole before (`ImportPlan`).
#[derive(Debug, Clone, PartialEq)]
pub struct ImportPlace {
    pub id: i64,
    pub hierarchy: Vec<String>,
    pub place_type: String,
    pub placename: Text,
}

impl Command for ImportPlace {
    type Of = Place;
    type Refusal = Refusal;

    fn decide(self, place: &Place) -> Result<Vec<PlaceEvent>, Refusal> {
        let Self { id, hierarchy, place_type, placename } = self;
        if place.exists {
            return Ok(place.events_to(&placename, &place_type, place.disabled));
        }
        Ok(vec![PlaceEvent::Added { id, hierarchy, place_type, placename, disabled: false }])
    }
}

//! `RemovePlace`: takes a place away.

use kit_decider::Command;

use crate::{Place, PlaceEvent, Refusal};

/// Removes a place. Refused while there are places below it: records of those would otherwise name
/// places whose path leads nowhere.
#[derive(Debug, Clone)]
pub struct RemovePlace {
    pub has_children: bool,
}

impl Command for RemovePlace {
    type Of = Place;
    type Refusal = Refusal;

    fn decide(self, place: &Place) -> Result<Vec<PlaceEvent>, Refusal> {
        if !place.exists {
            return Err(Refusal::NotFound);
        }
        if self.has_children {
            let message = "errors.models.location.has_children";
            return Err(Refusal::one("hierarchy", message, "", "has_places_below"));
        }
        Ok(vec![PlaceEvent::Removed {}])
    }
}

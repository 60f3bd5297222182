//! Takes an agency out of use.

use kit_decider::Command;

use crate::{Agency, AgencyEvent, Authority, Refusal};

/// What deleting an agency means: its people and records still name it.
#[derive(Clone)]
pub struct DisableAgency {
    pub by: Authority,
}

impl Command for DisableAgency {
    type Of = Agency;
    type Refusal = Refusal;

    fn decide(self, agency: &Agency) -> Result<Vec<AgencyEvent>, Refusal> {
        if agency.number == 0 {
            return Err(Refusal::Gone);
        }
        if !self.by.may("agency", "destroy") || !self.by.handles_agency(&agency.unique_id) {
            return Err(Refusal::Forbidden);
        }
        if agency.attributes.disabled {
            return Ok(vec![]);
        }
        Ok(vec![AgencyEvent::Disabled])
    }
}

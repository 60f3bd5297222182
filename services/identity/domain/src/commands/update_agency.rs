//! Changes an agency.

use kit_decider::Command;

use super::create_agency::problems;
use crate::{Agency, AgencyEvent, Authority, Patch, Refusal, patched};

/// Replaces the attributes that were sent; texts per language.
#[derive(Clone)]
pub struct UpdateAgency {
    pub by: Authority,
    pub patch: Patch,
    pub code_taken: bool,
}

impl Command for UpdateAgency {
    type Of = Agency;
    type Refusal = Refusal;

    fn decide(self, agency: &Agency) -> Result<Vec<AgencyEvent>, Refusal> {
        if agency.number == 0 {
            return Err(Refusal::Gone);
        }
        if !self.by.may("agency", "write") || !self.by.handles_agency(&agency.unique_id) {
            return Err(Refusal::Forbidden);
        }
        let new = patched(&agency.attributes, &self.patch, &["name", "description"])?.settled();
        if new == agency.attributes {
            return Ok(vec![]);
        }
        problems(&new, self.code_taken).refuse()?;
        Ok(vec![AgencyEvent::Changed { attributes: Box::new(new) }])
    }
}

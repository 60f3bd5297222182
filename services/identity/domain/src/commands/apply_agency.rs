//! Creates or updates an agency from a configuration snapshot.

use kit_decider::Command;

use super::create_agency::problems;
use crate::{Agency, AgencyAttributes, AgencyEvent, Patch, Refusal, patched};

/// An agency as the snapshot has it; files stay as they are.
#[derive(Clone)]
pub struct ApplyAgency {
    /// For a new one.
    pub number: i64,
    pub unique_id: String,
    pub patch: Patch,
}

impl Command for ApplyAgency {
    type Of = Agency;
    type Refusal = Refusal;

    fn decide(self, agency: &Agency) -> Result<Vec<AgencyEvent>, Refusal> {
        let stored = if agency.number == 0 {
            AgencyAttributes { agency_code: self.unique_id.clone(), ..AgencyAttributes::default() }
        } else {
            agency.attributes.clone()
        };
        let new = patched(&stored, &self.patch, &["name", "description"])?.settled();
        problems(&new, false).refuse()?;
        let attributes = Box::new(new);
        if agency.number == 0 {
            let Self { number, unique_id, .. } = self;
            return Ok(vec![AgencyEvent::Created { number, unique_id, attributes }]);
        }
        if *attributes == agency.attributes {
            return Ok(vec![]);
        }
        Ok(vec![AgencyEvent::Changed { attributes }])
    }
}

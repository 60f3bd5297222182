//! Creates or updates a user group from a configuration snapshot.

use kit_decider::Command;

use crate::{Patch, Refusal, UserGroup, UserGroupEvent, patched};

/// A user group as the snapshot has it.
#[derive(Clone)]
pub struct ApplyUserGroup {
    /// For a new one.
    pub number: i64,
    pub unique_id: String,
    pub patch: Patch,
}

impl Command for ApplyUserGroup {
    type Of = UserGroup;
    type Refusal = Refusal;

    fn decide(self, group: &UserGroup) -> Result<Vec<UserGroupEvent>, Refusal> {
        let attributes = patched(&group.attributes, &self.patch, &[])?;
        if !group.exists() {
            let Self { number, unique_id, .. } = self;
            return Ok(vec![UserGroupEvent::Created { number, unique_id, attributes }]);
        }
        if attributes == group.attributes {
            return Ok(vec![]);
        }
        Ok(vec![UserGroupEvent::Changed { attributes }])
    }
}

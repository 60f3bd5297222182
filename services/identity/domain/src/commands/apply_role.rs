//! Creates or updates a role from a configuration snapshot.

use kit_decider::Command;

use crate::{Patch, Refusal, Role, RoleEvent, RoleSurroundings, patched};

/// A role as the snapshot has it. Its forms come with it, so none is dropped here.
#[derive(Clone)]
pub struct ApplyRole {
    /// For a new one.
    pub number: i64,
    pub unique_id: String,
    pub patch: Patch,
    pub around: RoleSurroundings,
}

impl Command for ApplyRole {
    type Of = Role;
    type Refusal = Refusal;

    fn decide(self, role: &Role) -> Result<Vec<RoleEvent>, Refusal> {
        let new = patched(&role.attributes, &self.patch, &[])?;
        new.problems(&self.around).refuse()?;
        let attributes = Box::new(new);
        if !role.exists() {
            let Self { number, unique_id, .. } = self;
            return Ok(vec![RoleEvent::Created { number, unique_id, attributes }]);
        }
        if *attributes == role.attributes {
            return Ok(vec![]);
        }
        Ok(vec![RoleEvent::Changed { attributes }])
    }
}

//! Deletes a role.

use kit_decider::Command;

use super::update_role::changes_role;
use crate::refusal::Problem;
use crate::{Authority, Refusal, Role, RoleEvent};

/// For good; refused while users have it.
#[derive(Clone)]
pub struct DeleteRole {
    pub by: Authority,
    pub in_use: bool,
}

impl Command for DeleteRole {
    type Of = Role;
    type Refusal = Refusal;

    fn decide(self, role: &Role) -> Result<Vec<RoleEvent>, Refusal> {
        if !role.exists() {
            return Err(Refusal::Gone);
        }
        if !changes_role(&self.by, role) {
            return Err(Refusal::Forbidden);
        }
        if self.in_use {
            let problem = Problem::new("users", "errors.models.role.in_use", "in_use");
            return Err(Refusal::Invalid(vec![problem]));
        }
        Ok(vec![RoleEvent::Deleted])
    }
}

//! Grants a new form to the role of whoever made it.

use kit_access::FormAccess;
use kit_decider::Command;

use crate::{Refusal, Role, RoleEvent};

/// Asked for by configuration, not by people.
#[derive(Clone)]
pub struct GrantForm {
    pub form: String,
}

impl Command for GrantForm {
    type Of = Role;
    type Refusal = Refusal;

    fn decide(self, role: &Role) -> Result<Vec<RoleEvent>, Refusal> {
        if !role.exists() {
            return Err(Refusal::Gone);
        }
        if role.attributes.forms.get(&self.form) == Some(&FormAccess::ReadWrite) {
            return Ok(vec![]);
        }
        Ok(vec![RoleEvent::FormGranted { form: self.form }])
    }
}

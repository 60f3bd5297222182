//! Deletes a user group.

use kit_decider::Command;

use crate::{Authority, Refusal, UserGroup, UserGroupEvent};

/// For good; its members leave it with `RemoveMember`.
#[derive(Clone)]
pub struct DeleteUserGroup {
    pub by: Authority,
}

impl Command for DeleteUserGroup {
    type Of = UserGroup;
    type Refusal = Refusal;

    fn decide(self, group: &UserGroup) -> Result<Vec<UserGroupEvent>, Refusal> {
        if !group.exists() {
            return Err(Refusal::Gone);
        }
        if !self.by.may("user_group", "destroy") || !self.by.reaches_group(&group.unique_id) {
            return Err(Refusal::Forbidden);
        }
        Ok(vec![UserGroupEvent::Deleted])
    }
}

//! Membership that follows from what happens to a group.

use kit_decider::Command;

use crate::{Refusal, User, UserEvent};

/// The maker of a group joins it.
#[derive(Clone)]
pub struct AddMember {
    pub group: String,
}

/// A group is gone.
#[derive(Clone)]
pub struct RemoveMember {
    pub group: String,
}

impl Command for AddMember {
    type Of = User;
    type Refusal = Refusal;

    fn decide(self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        if !user.exists() || user.membership.groups.contains(&self.group) {
            return Ok(vec![]);
        }
        let mut membership = user.membership.clone();
        membership.groups.push(self.group);
        Ok(vec![UserEvent::MembershipChanged { membership }])
    }
}

impl Command for RemoveMember {
    type Of = User;
    type Refusal = Refusal;

    fn decide(self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        if !user.exists() || !user.membership.groups.contains(&self.group) {
            return Ok(vec![]);
        }
        let mut membership = user.membership.clone();
        membership.groups.retain(|group| *group != self.group);
        Ok(vec![UserEvent::MembershipChanged { membership }])
    }
}

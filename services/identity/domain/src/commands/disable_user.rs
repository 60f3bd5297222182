//! Disables a user, one of many chosen at once.

use kit_decider::Command;

use crate::{Authority, Rank, Refusal, User, UserEvent};

/// Lets the user sign in no more.
#[derive(Clone)]
pub struct DisableUser {
    pub by: Authority,
    /// Rank of the user's role.
    pub rank: Rank,
}

impl Command for DisableUser {
    type Of = User;
    type Refusal = Refusal;

    fn decide(self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        if !user.exists() {
            return Err(Refusal::Gone);
        }
        let standing = user.standing(self.rank);
        if !self.by.may("user", "disable_multiple") || !self.by.reaches_user(&standing) {
            return Err(Refusal::Forbidden);
        }
        if user.disabled {
            return Ok(vec![]);
        }
        Ok(vec![UserEvent::Disabled])
    }
}

//! Takes the second factor of somebody away who lost theirs.

use kit_decider::Command;

use crate::{Authority, Rank, Refusal, User, UserEvent};

/// For those who may change the user; nobody's own, which is removed by proving it.
#[derive(Clone)]
pub struct ResetSecondFactor {
    pub by: Authority,
    /// Of the user's role.
    pub rank: Rank,
}

impl Command for ResetSecondFactor {
    type Of = User;
    type Refusal = Refusal;

    fn decide(self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        if !user.exists() {
            return Err(Refusal::Gone);
        }
        let standing = user.standing(self.rank);
        if self.by.is(&standing) || !self.by.writes_user(&standing) {
            return Err(Refusal::Forbidden);
        }
        if user.second_factor.is_none() && user.offered_secret.is_none() {
            return Ok(vec![]);
        }
        Ok(vec![UserEvent::SecondFactorRemoved])
    }
}

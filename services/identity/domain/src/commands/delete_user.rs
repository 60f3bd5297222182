//! Deletes a user.

use kit_decider::Command;

use crate::{Authority, Rank, Refusal, User, UserEvent};

/// For good. What they did stays under their user name.
#[derive(Clone)]
pub struct DeleteUser {
    pub by: Authority,
    /// Rank of the user's role.
    pub rank: Rank,
}

impl Command for DeleteUser {
    type Of = User;
    type Refusal = Refusal;

    fn decide(self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        if !user.exists() {
            return Err(Refusal::Gone);
        }
        let standing = user.standing(self.rank);
        let may = self.by.may("user", "manage") && self.by.reaches_user(&standing);
        if !may || self.by.is(&standing) {
            return Err(Refusal::Forbidden);
        }
        Ok(vec![UserEvent::Deleted])
    }
}

//! Asks that a user gets a way to choose a new password.

use kit_decider::Command;

use crate::{Authority, Rank, Refusal, User, UserEvent};

/// Recorded for whoever delivers the message.
#[derive(Clone)]
pub struct RequestPasswordReset {
    pub by: Authority,
    /// Rank of the user's role.
    pub rank: Rank,
}

impl Command for RequestPasswordReset {
    type Of = User;
    type Refusal = Refusal;

    fn decide(self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        if !user.exists() {
            return Err(Refusal::Gone);
        }
        let standing = user.standing(self.rank);
        if !self.by.is(&standing) && !self.by.writes_user(&standing) {
            return Err(Refusal::Forbidden);
        }
        Ok(vec![UserEvent::PasswordResetRequested])
    }
}

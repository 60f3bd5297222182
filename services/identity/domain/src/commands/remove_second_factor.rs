//! Takes one's own second factor away.

use kit_decider::Command;

use crate::refusal::Problem;
use crate::{Refusal, User, UserEvent};

const KEPT: Problem =
    Problem::new("base", "errors.models.user.second_factor_kept", "second_factor_kept");
pub(super) const NONE: Problem =
    Problem::new("base", "errors.models.user.no_second_factor", "no_second_factor");

/// Whose role demands one sets up a new one instead.
#[derive(Clone, Copy)]
pub struct RemoveSecondFactor {
    pub demanded: bool,
}

impl Command for RemoveSecondFactor {
    type Of = User;
    type Refusal = Refusal;

    fn decide(self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        if !user.exists() {
            return Err(Refusal::Gone);
        }
        if user.second_factor.is_none() && user.offered_secret.is_none() {
            return Ok(vec![]);
        }
        if self.demanded {
            return Err(Refusal::Invalid(vec![KEPT]));
        }
        Ok(vec![UserEvent::SecondFactorRemoved])
    }
}

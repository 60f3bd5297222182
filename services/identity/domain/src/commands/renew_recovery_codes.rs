//! Gives somebody new recovery codes; the old ones are worth nothing from then on.

use kit_decider::Command;

use super::remove_second_factor::NONE;
use crate::{Refusal, User, UserEvent};

#[derive(Clone)]
pub struct RenewRecoveryCodes {
    /// Hashes.
    pub recovery: Vec<String>,
}

impl Command for RenewRecoveryCodes {
    type Of = User;
    type Refusal = Refusal;

    fn decide(self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        if !user.exists() {
            return Err(Refusal::Gone);
        }
        if user.second_factor.is_none() {
            return Err(Refusal::Invalid(vec![NONE]));
        }
        Ok(vec![UserEvent::RecoveryCodesRenewed { recovery: self.recovery }])
    }
}

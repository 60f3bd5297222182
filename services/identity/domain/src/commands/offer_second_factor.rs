//! Shows somebody a secret for their device.

use kit_decider::Command;

use crate::{Refusal, TotpSecret, User, UserEvent};

/// Replaces a secret that was shown before; one that counts goes on counting.
#[derive(Clone)]
pub struct OfferSecondFactor {
    pub secret: TotpSecret,
}

impl Command for OfferSecondFactor {
    type Of = User;
    type Refusal = Refusal;

    fn decide(self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        if !user.exists() {
            return Err(Refusal::Gone);
        }
        Ok(vec![UserEvent::SecondFactorOffered { secret: self.secret }])
    }
}

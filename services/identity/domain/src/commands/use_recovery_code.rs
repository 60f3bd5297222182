//! Signs in with a recovery code, which is used up by that.

use kit_decider::Command;

use crate::{Refusal, User, UserEvent};

#[derive(Clone)]
pub struct UseRecoveryCode {
    pub hash: String,
}

impl Command for UseRecoveryCode {
    type Of = User;
    type Refusal = Refusal;

    fn decide(self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        let left = user.second_factor.as_ref().map(|factor| &factor.recovery);
        if !left.is_some_and(|left| left.contains(&self.hash)) {
            return Err(Refusal::Forbidden);
        }
        Ok(vec![UserEvent::RecoveryCodeUsed { hash: self.hash }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SecondFactor, TotpSecret};

    #[test]
    fn a_code_counts_once() {
        let recovery = vec!["h".to_owned()];
        let factor = SecondFactor { secret: TotpSecret::default(), recovery };
        let mut ann = User { number: 7, second_factor: Some(factor), ..User::default() };
        let events = UseRecoveryCode { hash: "h".into() }.decide(&ann).unwrap();
        kit_decider::Aggregate::evolve(&mut ann, &events[0]);
        assert_eq!(UseRecoveryCode { hash: "h".into() }.decide(&ann), Err(Refusal::Forbidden));
    }
}

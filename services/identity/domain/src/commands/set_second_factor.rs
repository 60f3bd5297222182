//! Makes the secret count that somebody was shown, once their device showed a code of it.

use kit_decider::Command;

use crate::refusal::Problem;
use crate::{Refusal, TotpSecret, User, UserEvent};

const NOT_BEGUN: Problem =
    Problem::new("code", "errors.models.user.second_factor_not_begun", "second_factor_not_begun");

/// The secret is the one that the code was of: another may have been shown meanwhile.
#[derive(Clone)]
pub struct SetSecondFactor {
    pub secret: TotpSecret,
    /// Hashes.
    pub recovery: Vec<String>,
}

impl Command for SetSecondFactor {
    type Of = User;
    type Refusal = Refusal;

    fn decide(self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        if !user.exists() {
            return Err(Refusal::Gone);
        }
        if user.offered_secret.as_ref() != Some(&self.secret) {
            return Err(Refusal::Invalid(vec![NOT_BEGUN]));
        }
        Ok(vec![UserEvent::SecondFactorSet { recovery: self.recovery }])
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;

    use super::*;
    use crate::{Membership, Profile};

    fn secret(text: &str) -> TotpSecret {
        TotpSecret(text.into())
    }

    fn ann(more: &[UserEvent]) -> User {
        let mut history = vec![UserEvent::Created {
            number: 7,
            user_name: "ann".into(),
            profile: Box::new(Profile::default()),
            membership: Membership::default(),
        }];
        history.extend_from_slice(more);
        fold(&history)
    }

    #[test]
    fn counts_only_the_secret_that_was_shown_last() {
        let shown = ann(&[
            UserEvent::SecondFactorOffered { secret: secret("A") },
            UserEvent::SecondFactorOffered { secret: secret("B") },
        ]);
        let set = |text| SetSecondFactor { secret: secret(text), recovery: vec!["h".into()] };
        assert_eq!(set("A").decide(&shown), Err(Refusal::Invalid(vec![NOT_BEGUN])));
        let events = set("B").decide(&shown).unwrap();
        assert_eq!(events, [UserEvent::SecondFactorSet { recovery: vec!["h".into()] }]);
        assert_eq!(set("B").decide(&ann(&[])), Err(Refusal::Invalid(vec![NOT_BEGUN])));
    }

    #[test]
    fn ends_sessions_and_is_gone_when_removed() {
        let offered = UserEvent::SecondFactorOffered { secret: secret("A") };
        let set = UserEvent::SecondFactorSet { recovery: vec!["h".into(), "i".into()] };
        let used = UserEvent::RecoveryCodeUsed { hash: "h".into() };
        let has = ann(&[offered.clone(), set.clone(), used.clone()]);
        assert_eq!(has.second_factor.as_ref().unwrap().recovery, ["i"]);
        assert_eq!(has.credential, 1);
        let lost = ann(&[offered, set, used, UserEvent::SecondFactorRemoved]);
        assert_eq!((lost.second_factor, lost.offered_secret, lost.credential), (None, None, 2));
    }
}

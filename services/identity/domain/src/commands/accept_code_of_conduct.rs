//! Records that a user accepted the code of conduct.

use kit_decider::Command;

use crate::refusal::Problem;
use crate::{Refusal, User, UserEvent};

/// Only people themselves accept, and only the text that counts now.
#[derive(Clone)]
pub struct AcceptCodeOfConduct {
    pub id: i64,
    pub current: Option<i64>,
    /// RFC 3339.
    pub at: String,
}

impl Command for AcceptCodeOfConduct {
    type Of = User;
    type Refusal = Refusal;

    fn decide(self, user: &User) -> Result<Vec<UserEvent>, Refusal> {
        if !user.exists() {
            return Err(Refusal::Gone);
        }
        if self.current != Some(self.id) {
            let message = "errors.models.user.code_of_conduct";
            let problem = Problem::new("code_of_conduct_id", message, "not_current");
            return Err(Refusal::Invalid(vec![problem]));
        }
        if user.code_of_conduct.as_ref().is_some_and(|(id, _)| *id == self.id) {
            return Ok(vec![]);
        }
        Ok(vec![UserEvent::CodeOfConductAccepted { id: self.id, at: self.at }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_current_text_is_accepted() {
        let user = User { number: 1, ..User::default() };
        let accept = |id| AcceptCodeOfConduct { id, current: Some(2), at: "now".into() };
        assert!(matches!(accept(1).decide(&user), Err(Refusal::Invalid(_))));
        let accepted = UserEvent::CodeOfConductAccepted { id: 2, at: "now".into() };
        assert_eq!(accept(2).decide(&user), Ok(vec![accepted]));
    }
}

//! A case is given to another user.

use kit_decider::Command;

use crate::{Case, CaseEvent, CaseRefusal, Named, OwnerChanged, Stamp};

/// Gives a case to another user, whom the directory must know.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeOwner {
    pub stamp: Stamp,
    pub to: String,
    /// What the directory says of `to`.
    pub owner: Named,
}

impl Command for ChangeOwner {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if !case.is_registered() {
            return Err(CaseRefusal::NotRegistered);
        }
        if case.owner == self.to {
            return Ok(vec![]);
        }
        if self.owner != Named::Known {
            return Err(CaseRefusal::OwnerUnknown);
        }
        Ok(vec![CaseEvent::OwnerChanged(OwnerChanged { stamp: self.stamp, to: self.to })])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Given;

    fn give(given: &Given, to: &str, owner: Named) -> ChangeOwner {
        ChangeOwner { stamp: given.context.stamp(), to: to.into(), owner }
    }

    #[test]
    fn the_previous_owner_is_remembered() {
        let mut given = Given::registered(json!({}));
        let command = give(&given, "bob", Named::Known);
        given.when(command).unwrap();
        assert_eq!(
            (given.case.owner.as_str(), given.case.previous_owner.as_deref()),
            ("bob", Some("ann"))
        );
        assert_eq!(give(&given, "bob", Named::Known).decide(&given.case), Ok(vec![]));
    }

    #[test]
    fn nobody_unknown_owns_a_case() {
        let given = Given::registered(json!({}));
        for named in [Named::Unknown, Named::Nobody] {
            let refused = give(&given, "ghost", named).decide(&given.case);
            assert_eq!(refused, Err(CaseRefusal::OwnerUnknown));
        }
    }
}

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

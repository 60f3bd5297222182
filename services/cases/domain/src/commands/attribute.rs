//! A case is attributed to the self-identified user whom it is about.

use kit_decider::Command;

use crate::{Attributed, Case, CaseEvent, CaseRefusal, Named, Stamp};

/// Attributes a case to a self-identified user, or to nobody. A user has at most one case.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeCase {
    pub stamp: Stamp,
    pub to: Option<String>,
    /// What the directory and the other cases say of `to`.
    pub user: Named,
}

impl Command for AttributeCase {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if !case.is_registered() {
            return Err(CaseRefusal::NotRegistered);
        }
        if case.identified.as_ref().map(|one| &one.by) == self.to.as_ref() {
            return Ok(vec![]);
        }
        match self.user {
            Named::Taken => return Err(CaseRefusal::IdentifiedByTaken),
            Named::Known => {}
            Named::Nobody if self.to.is_none() => {}
            Named::Nobody | Named::Unknown => return Err(CaseRefusal::IdentifiedByUnknown),
        }
        Ok(vec![CaseEvent::Attributed(Attributed { stamp: self.stamp, to: self.to })])
    }
}

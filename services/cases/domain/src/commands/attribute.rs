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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Given;

    fn attribute(
        given: &Given,
        to: Option<&str>,
        user: Named,
    ) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let to = to.map(str::to_owned);
        AttributeCase { stamp: given.context.stamp(), to, user }.decide(&given.case)
    }

    #[test]
    fn a_user_has_one_case_and_must_identify_themselves() {
        let given = Given::registered(json!({}));
        assert_eq!(attribute(&given, Some("sam"), Named::Known).unwrap().len(), 1);
        assert_eq!(
            attribute(&given, Some("sam"), Named::Taken),
            Err(CaseRefusal::IdentifiedByTaken)
        );
        assert_eq!(
            attribute(&given, Some("sam"), Named::Unknown),
            Err(CaseRefusal::IdentifiedByUnknown)
        );
        assert_eq!(attribute(&given, None, Named::Nobody), Ok(vec![]));
    }

    #[test]
    fn it_can_be_taken_back() {
        let mut given = Given::registered(json!({}));
        given.update(json!({"identified_by": "sam"}));
        assert_eq!(given.case.identified.as_ref().map(|one| one.by.as_str()), Some("sam"));
        given.update(json!({"identified_by": null}));
        assert_eq!(given.case.identified, None);
    }
}

//! A case leaves the default lists; nothing is removed.

use kit_decider::Command;

use crate::{Case, CaseEvent, CaseRefusal, Disabled, Stamp};

/// Hides a case from the default lists.
#[derive(Debug, Clone, PartialEq)]
pub struct DisableCase {
    pub stamp: Stamp,
}

impl Command for DisableCase {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if !case.is_registered() {
            return Err(CaseRefusal::NotRegistered);
        }
        if !case.record_state {
            return Ok(vec![]);
        }
        Ok(vec![CaseEvent::Disabled(Disabled { stamp: self.stamp })])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Given;

    #[test]
    fn disabling_twice_is_harmless_and_removes_nothing() {
        let mut given = Given::registered(json!({"age": 9}));
        let disable = DisableCase { stamp: given.context.stamp() };
        given.when(disable.clone()).unwrap();
        assert_eq!((given.case.record_state, &given.case.values["age"]), (false, &json!(9)));
        assert_eq!(given.when(disable), Ok(vec![]));
    }

    #[test]
    fn there_must_be_a_case() {
        let given = Given::nothing();
        let disable = DisableCase { stamp: given.context.stamp() };
        assert_eq!(disable.decide(&given.case), Err(CaseRefusal::NotRegistered));
    }
}

//! A disabled case comes back to the default lists.

use kit_decider::Command;

use crate::{Case, CaseEvent, CaseRefusal, Enabled, Stamp};

/// Brings a disabled case back to the default lists.
#[derive(Debug, Clone, PartialEq)]
pub struct EnableCase {
    pub stamp: Stamp,
}

impl Command for EnableCase {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(self, case: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        if !case.is_registered() {
            return Err(CaseRefusal::NotRegistered);
        }
        if case.record_state {
            return Ok(vec![]);
        }
        Ok(vec![CaseEvent::Enabled(Enabled { stamp: self.stamp })])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Given;

    #[test]
    fn a_disabled_case_comes_back() {
        let mut given = Given::registered(json!({}));
        let enable = EnableCase { stamp: given.context.stamp() };
        assert_eq!(enable.clone().decide(&given.case), Ok(vec![]));
        given.update(json!({"record_state": false}));
        given.when(enable).unwrap();
        assert!(given.case.record_state);
    }
}

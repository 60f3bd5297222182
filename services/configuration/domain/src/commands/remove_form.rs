//! `RemoveForm`: takes a form away.

use kit_decider::Command;

use crate::{Form, FormEvent, Refusal};

/// Removes a form. Core and fixed forms stay, unless a snapshot takes them away.
#[derive(Debug, Clone)]
pub struct RemoveForm {
    pub by_snapshot: bool,
}

impl Command for RemoveForm {
    type Of = Form;
    type Refusal = Refusal;

    fn decide(self, form: &Form) -> Result<Vec<FormEvent>, Refusal> {
        if !form.exists {
            return Err(Refusal::NotFound);
        }
        if form.is_fixed() && !self.by_snapshot {
            return Err(Refusal::Forbidden);
        }
        Ok(vec![FormEvent::Removed {}])
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;
    use serde_json::json;

    use super::*;

    #[test]
    fn core_forms_stay() {
        let attributes = serde_json::from_value(json!({"core_form": true})).unwrap();
        let form: Form = fold(&[FormEvent::Created { id: 1, attributes, fields: vec![] }]);
        assert_eq!(RemoveForm { by_snapshot: false }.decide(&form), Err(Refusal::Forbidden));
        assert_eq!(RemoveForm { by_snapshot: true }.decide(&form), Ok(vec![FormEvent::Removed {}]));
        assert_eq!(
            RemoveForm { by_snapshot: false }.decide(&Form::default()),
            Err(Refusal::NotFound)
        );
    }
}

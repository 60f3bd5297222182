//! Changes a user group.

use kit_decider::Command;

use crate::{Authority, Patch, Refusal, UserGroup, UserGroupEvent, patched};

/// Replaces the attributes that were sent.
#[derive(Clone)]
pub struct UpdateUserGroup {
    pub by: Authority,
    pub patch: Patch,
}

impl Command for UpdateUserGroup {
    type Of = UserGroup;
    type Refusal = Refusal;

    fn decide(self, group: &UserGroup) -> Result<Vec<UserGroupEvent>, Refusal> {
        if !group.exists() {
            return Err(Refusal::Gone);
        }
        if !self.by.may("user_group", "write") || !self.by.reaches_group(&group.unique_id) {
            return Err(Refusal::Forbidden);
        }
        let attributes = patched(&group.attributes, &self.patch, &[])?;
        if attributes == group.attributes {
            return Ok(vec![]);
        }
        Ok(vec![UserGroupEvent::Changed { attributes }])
    }
}

#[cfg(test)]
mod tests {
    use kit_access::{Principal, Scope};
    use serde_json::json;

    use super::*;

    #[test]
    fn group_scope_changes_only_own_groups() {
        let by = Authority::Person(Box::new(Principal {
            scope: Scope::Group,
            groups: vec!["mine".into()],
            permissions: [("user_group".into(), vec!["write".into()])].into(),
            ..Principal::default()
        }));
        let change = |group: &str| {
            let state = UserGroup { number: 1, unique_id: group.into(), ..UserGroup::default() };
            let patch = json!({"description": "new"}).as_object().unwrap().clone();
            UpdateUserGroup { by: by.clone(), patch }.decide(&state)
        };
        assert_eq!(change("theirs"), Err(Refusal::Forbidden));
        assert_eq!(change("mine").map(|events| events.len()), Ok(1));
    }
}

//! Changes a role.

use kit_decider::Command;

use super::create_role::may_grant_erasure;
use crate::{Authority, Patch, Rank, Refusal, Role, RoleEvent, RoleSurroundings, patched};

/// Replaces the attributes that were sent, each as a whole.
#[derive(Clone)]
pub struct UpdateRole {
    pub by: Authority,
    pub patch: Patch,
    pub around: RoleSurroundings,
}

impl Command for UpdateRole {
    type Of = Role;
    type Refusal = Refusal;

    fn decide(self, role: &Role) -> Result<Vec<RoleEvent>, Refusal> {
        if !role.exists() {
            return Err(Refusal::Gone);
        }
        if !changes_role(&self.by, role) {
            return Err(Refusal::Forbidden);
        }
        let new = patched(&role.attributes, &self.patch, &[])?;
        if !self.by.outranks(new.rank()) || !may_grant_erasure(&self.by, &role.attributes, &new) {
            return Err(Refusal::Forbidden);
        }
        new.problems(&self.around).refuse()?;
        let attributes = Box::new(new.without_foreign_forms(&self.around));
        if *attributes == role.attributes {
            return Ok(vec![]);
        }
        Ok(vec![RoleEvent::Changed { attributes }])
    }
}

/// Whether the caller may change or delete this role: nobody touches a super user role, only
/// super users the user admins' ones, and nobody their own unless they see everything.
pub(super) fn changes_role(by: &Authority, role: &Role) -> bool {
    let Authority::Person(person) = by else { return true };
    let own = person.role == role.unique_id && person.scope != kit_access::Scope::All;
    by.may("role", "write")
        && by.handles_role(&role.unique_id)
        && role.rank() != Rank::SuperUser
        && by.outranks(role.rank())
        && !own
}

#[cfg(test)]
mod tests {
    use kit_access::{Principal, Scope};
    use serde_json::json;

    use super::*;
    use crate::RoleAttributes;

    fn role(resources: &[&str]) -> Role {
        let permissions =
            resources.iter().map(|one| ((*one).to_owned(), vec!["manage".to_owned()])).collect();
        Role {
            number: 1,
            unique_id: "role-x".into(),
            attributes: RoleAttributes {
                name: "X".into(),
                permissions,
                ..RoleAttributes::default()
            },
            deleted: false,
        }
    }

    fn describe(by: Principal, role: &Role) -> Result<usize, Refusal> {
        let patch = json!({"description": "new"}).as_object().unwrap().clone();
        let by = Authority::Person(Box::new(by));
        UpdateRole { by, patch, around: RoleSurroundings::default() }
            .decide(role)
            .map(|events| events.len())
    }

    const SUPER: [&str; 9] = [
        "case",
        "incident",
        "report",
        "role",
        "user",
        "user_group",
        "agency",
        "metadata",
        "system",
    ];

    fn chief(resources: &[&str]) -> Principal {
        let permissions =
            resources.iter().map(|one| ((*one).to_owned(), vec!["manage".to_owned()])).collect();
        Principal { scope: Scope::All, permissions, ..Principal::default() }
    }

    #[test]
    fn nobody_touches_a_super_user_role() {
        assert_eq!(describe(chief(&SUPER), &role(&SUPER)), Err(Refusal::Forbidden));
    }

    #[test]
    fn only_super_users_change_a_user_admins_role() {
        let admins = role(&SUPER[3..]);
        assert_eq!(describe(chief(&SUPER), &admins), Ok(1));
        assert_eq!(describe(chief(&SUPER[3..]), &admins), Err(Refusal::Forbidden));
    }

    #[test]
    fn a_managed_role_list_limits_what_is_changed() {
        let mut by = chief(&["role"]);
        by.objects.role = vec!["role-y".into()];
        assert_eq!(describe(by.clone(), &role(&["case"])), Err(Refusal::Forbidden));
        by.objects.role.push("role-x".into());
        assert_eq!(describe(by, &role(&["case"])), Ok(1));
    }

    #[test]
    fn nobody_raises_their_own_role() {
        let mut by = chief(&["role"]);
        by.scope = Scope::Group;
        by.role = "role-x".into();
        assert_eq!(describe(by, &role(&["role"])), Err(Refusal::Forbidden));
    }
}

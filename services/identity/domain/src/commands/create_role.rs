//! Creates a role.

use kit_decider::Command;

use crate::{Authority, Rank, Refusal, Role, RoleAttributes, RoleEvent, RoleSurroundings};

/// A new role.
#[derive(Clone)]
pub struct CreateRole {
    pub by: Authority,
    pub number: i64,
    pub unique_id: String,
    pub attributes: RoleAttributes,
    pub around: RoleSurroundings,
}

impl Command for CreateRole {
    type Of = Role;
    type Refusal = Refusal;

    fn decide(self, role: &Role) -> Result<Vec<RoleEvent>, Refusal> {
        let Self { by, number, unique_id, attributes, around } = self;
        if !by.may("role", "create") || !by.outranks(attributes.rank()) {
            return Err(Refusal::Forbidden);
        }
        if !may_grant_erasure(&by, &RoleAttributes::default(), &attributes) {
            return Err(Refusal::Forbidden);
        }
        attributes.problems(&around).refuse()?;
        if around.unique_id_taken || role.number != 0 {
            return Err(Refusal::Taken);
        }
        let attributes = Box::new(attributes.without_foreign_forms(&around));
        Ok(vec![RoleEvent::Created { number, unique_id, attributes }])
    }
}

/// Who may erase records is for super users to say.
pub(super) fn may_grant_erasure(
    by: &Authority,
    old: &RoleAttributes,
    new: &RoleAttributes,
) -> bool {
    new.erases_as(old) || by.rank() == Rank::SuperUser
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kit_access::{FormAccess, Principal};

    use super::*;
    use crate::permissions::RESOURCES;

    fn create(permissions: &[(&str, &str)]) -> CreateRole {
        let mut map: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (resource, action) in permissions {
            map.entry((*resource).into()).or_default().push((*action).into());
        }
        CreateRole {
            by: Authority::Installation,
            number: 1,
            unique_id: "role-x".into(),
            attributes: RoleAttributes {
                name: "X".into(),
                permissions: map,
                modules: vec!["cp".into()],
                ..RoleAttributes::default()
            },
            around: RoleSurroundings::default(),
        }
    }

    fn problems(refused: Result<Vec<RoleEvent>, Refusal>) -> Vec<String> {
        let Err(Refusal::Invalid(problems)) = refused else { panic!("{refused:?}") };
        problems.iter().map(|one| format!("{}{}", one.attribute, one.below)).collect()
    }

    #[test]
    fn names_unknown_permissions() {
        let refused = create(&[("case", "fly"), ("ship", "read")]).decide(&Role::default());
        assert_eq!(problems(refused), ["permissions/case/fly", "permissions/ship"]);
    }

    #[test]
    fn needs_permissions() {
        assert_eq!(problems(create(&[]).decide(&Role::default())), ["permissions"]);
    }

    #[test]
    fn drops_forms_of_other_modules() {
        let mut command = create(&[("case", "read")]);
        for form in ["ours", "theirs", "nowhere"] {
            command.attributes.forms.insert(form.into(), FormAccess::Read);
        }
        command.around.form_modules = Some(
            [("ours".into(), vec!["cp".into()]), ("theirs".into(), vec!["gbv".into()])].into(),
        );
        let events = command.decide(&Role::default()).unwrap();
        let RoleEvent::Created { attributes, .. } = &events[0] else { panic!() };
        assert_eq!(attributes.forms.keys().collect::<Vec<_>>(), ["ours"]);
    }

    #[test]
    fn only_super_users_make_super_user_roles() {
        let all: Vec<_> = RESOURCES.iter().map(|one| (one.name, "manage")).collect();
        let mut command = create(&all);
        assert!(command.decide(&Role::default()).is_ok());
        command = create(&all);
        command.by = Authority::Person(Box::new(Principal {
            permissions: [("role".into(), vec!["manage".into()])].into(),
            ..Principal::default()
        }));
        assert_eq!(command.decide(&Role::default()), Err(Refusal::Forbidden));
    }

    #[test]
    fn no_role_asks_for_erasure_and_agrees_to_it() {
        let refused = create(&[("erasure", "request"), ("erasure", "approve")]);
        assert_eq!(problems(refused.decide(&Role::default())), ["permissions"]);
        assert!(create(&[("erasure", "approve")]).decide(&Role::default()).is_ok());
    }

    #[test]
    fn only_super_users_say_who_erases() {
        let mut command = create(&[("erasure", "approve")]);
        command.by = Authority::Person(Box::new(Principal {
            permissions: [("role".into(), vec!["manage".into()])].into(),
            ..Principal::default()
        }));
        assert_eq!(command.decide(&Role::default()), Err(Refusal::Forbidden));
    }
}

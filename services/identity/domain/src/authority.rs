//! Who asks, and whom and what they may manage (primero-backend 3.7). Pure rules over standings.

use std::collections::BTreeMap;

use kit_access::{Principal, Scope};
use serde::{Deserialize, Serialize};

/// In whose name a command comes.
#[derive(Debug, Clone)]
pub enum Authority {
    /// The installation itself: opening a tenant, applying a configuration.
    Installation,
    /// A signed-in person, with what their role lets them do.
    Person(Box<Principal>),
}

/// How much a role lets its users manage others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    #[default]
    Ordinary,
    /// Manages people and metadata, but no records.
    UserAdmin,
    /// Manages everything.
    SuperUser,
}

const ADMIN_RESOURCES: [&str; 6] = ["role", "user", "user_group", "agency", "metadata", "system"];
const SUPER_RESOURCES: [&str; 9] =
    ["case", "incident", "report", "role", "user", "user_group", "agency", "metadata", "system"];

/// The rank that follows from a role's permissions.
pub fn rank(permissions: &BTreeMap<String, Vec<String>>) -> Rank {
    let manages = |resource: &str| {
        permissions.get(resource).is_some_and(|actions| actions.iter().any(|one| one == "manage"))
    };
    if SUPER_RESOURCES.iter().all(|one| manages(one)) {
        Rank::SuperUser
    } else if ADMIN_RESOURCES.iter().all(|one| manages(one)) {
        Rank::UserAdmin
    } else {
        Rank::Ordinary
    }
}

/// What the rules need to know of a user who is acted upon.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserStanding {
    pub number: i64,
    pub rank: Rank,
    pub agency: String,
    pub groups: Vec<String>,
}

impl Authority {
    /// Whether the caller is granted `action` on `resource` at all.
    pub fn may(&self, resource: &str, action: &str) -> bool {
        match self {
            Self::Installation => true,
            Self::Person(person) => person.may(resource, action),
        }
    }

    /// The caller's own number, if it is a person.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Installation => None,
            Self::Person(person) => Some(person.user_id),
        }
    }

    pub fn rank(&self) -> Rank {
        match self {
            Self::Installation => Rank::SuperUser,
            Self::Person(person) => rank(&person.permissions),
        }
    }

    /// Whether `target` is the caller.
    pub fn is(&self, target: &UserStanding) -> bool {
        self.number() == Some(target.number)
    }

    /// Whether the caller reaches this user when managing people.
    pub fn reaches_user(&self, target: &UserStanding) -> bool {
        let Self::Person(person) = self else { return true };
        match self.rank() {
            Rank::SuperUser => return true,
            Rank::UserAdmin => return target.rank < Rank::SuperUser,
            Rank::Ordinary => {}
        }
        if target.rank > Rank::Ordinary {
            return false;
        }
        let own_agency = !person.agency.is_empty() && person.agency == target.agency;
        if person.grants("user", "agency_read") {
            return own_agency;
        }
        match person.scope {
            Scope::All => true,
            Scope::Group => target.groups.iter().any(|group| person.groups.contains(group)),
            Scope::Agency => own_agency,
            Scope::Own | Scope::AdminOnly | Scope::Identified | Scope::Webhook => {
                person.user_id == target.number
            }
        }
    }

    /// Whether the caller may read users other than themselves.
    pub fn reads_users(&self) -> bool {
        match self {
            Self::Installation => true,
            Self::Person(one) => one.may("user", "read") || one.grants("user", "agency_read"),
        }
    }

    /// Whether the caller may read this user.
    pub fn reads_user(&self, target: &UserStanding) -> bool {
        self.is(target) || (self.reads_users() && self.reaches_user(target))
    }

    /// Whether the caller may change this user beyond what everyone may on themselves.
    pub fn writes_user(&self, target: &UserStanding) -> bool {
        self.may("user", "write") && self.reaches_user(target)
    }

    /// Whether the caller may give this role to someone.
    pub fn gives_role(&self, role: &str, role_rank: Rank) -> bool {
        self.handles_role(role) && self.outranks(role_rank)
    }

    /// Whether the role is among those the caller is limited to.
    pub fn handles_role(&self, role: &str) -> bool {
        match self {
            Self::Installation => true,
            Self::Person(person) => {
                let limit = &person.objects.role;
                limit.is_empty() || limit.iter().any(|one| one == role)
            }
        }
    }

    /// Whether the caller may hand out power of this rank: people of a rank are made by those
    /// above it, and super users by super users.
    pub fn outranks(&self, other: Rank) -> bool {
        match other {
            Rank::Ordinary => true,
            Rank::UserAdmin | Rank::SuperUser => self.rank() == Rank::SuperUser,
        }
    }

    /// Whether the agency is among those the caller is limited to.
    pub fn handles_agency(&self, agency: &str) -> bool {
        match self {
            Self::Installation => true,
            Self::Person(person) => {
                let limit = &person.objects.agency;
                limit.is_empty() || limit.iter().any(|one| one == agency)
            }
        }
    }

    /// Whether the caller may put people into this agency.
    pub fn gives_agency(&self, agency: &str) -> bool {
        let own_only = match self {
            Self::Installation => return true,
            Self::Person(one) => one.grants("user", "agency_read").then_some(&one.agency),
        };
        own_only.is_none_or(|own| own == agency) || self.rank() == Rank::SuperUser
    }

    /// Whether the caller reaches this user group.
    pub fn reaches_group(&self, group: &str) -> bool {
        let Self::Person(person) = self else { return true };
        match person.scope {
            Scope::All | Scope::AdminOnly => true,
            Scope::Group | Scope::Agency | Scope::Own | Scope::Identified | Scope::Webhook => {
                self.rank() > Rank::Ordinary || person.groups.iter().any(|one| one == group)
            }
        }
    }

    /// Whether the caller may read this one group, having the right to read groups.
    pub fn reads_group(&self, group: &str) -> bool {
        let Self::Person(person) = self else { return true };
        !matches!(person.scope, Scope::Group | Scope::Agency) || self.reaches_group(group)
    }

    /// Whether whoever makes a group becomes a member of it.
    pub fn joins_own_groups(&self) -> bool {
        match self {
            Self::Installation => false,
            Self::Person(one) => matches!(one.scope, Scope::Own | Scope::Group | Scope::Agency),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(scope: Scope, permissions: &[(&str, &[&str])]) -> Authority {
        Authority::Person(Box::new(Principal {
            user_id: 1,
            scope,
            agency: "a".into(),
            groups: vec!["g".into()],
            permissions: permissions
                .iter()
                .map(|(name, actions)| {
                    ((*name).into(), actions.iter().map(|one| (*one).into()).collect())
                })
                .collect(),
            ..Principal::default()
        }))
    }

    fn user(rank: Rank, agency: &str, group: &str) -> UserStanding {
        UserStanding { number: 2, rank, agency: agency.into(), groups: vec![group.into()] }
    }

    #[test]
    fn group_scope_reaches_only_people_who_share_a_group() {
        let manager = person(Scope::Group, &[("user", &["read"])]);
        assert!(manager.reads_user(&user(Rank::Ordinary, "b", "g")));
        assert!(!manager.reads_user(&user(Rank::Ordinary, "a", "h")));
    }

    #[test]
    fn nobody_ordinary_reaches_a_super_user() {
        let chief = person(Scope::All, &[("user", &["manage"])]);
        assert!(chief.writes_user(&user(Rank::Ordinary, "b", "h")));
        assert!(!chief.writes_user(&user(Rank::SuperUser, "a", "g")));
        assert!(!chief.writes_user(&user(Rank::UserAdmin, "a", "g")));
    }

    #[test]
    fn a_user_admin_reaches_all_but_super_users() {
        let all: Vec<(&str, &[&str])> =
            ADMIN_RESOURCES.iter().map(|one| (*one, &["manage"] as &[&str])).collect();
        let admin = person(Scope::AdminOnly, &all);
        assert_eq!(admin.rank(), Rank::UserAdmin);
        assert!(admin.writes_user(&user(Rank::UserAdmin, "b", "h")));
        assert!(!admin.writes_user(&user(Rank::SuperUser, "b", "h")));
        assert!(!admin.gives_role("any", Rank::UserAdmin), "only super users make admins");
    }

    #[test]
    fn agency_read_limits_even_scope_all_to_the_own_agency() {
        let admin = person(Scope::All, &[("user", &["agency_read", "write"])]);
        assert!(admin.writes_user(&user(Rank::Ordinary, "a", "h")));
        assert!(!admin.writes_user(&user(Rank::Ordinary, "b", "g")));
        assert!(!admin.gives_agency("b"));
    }
}

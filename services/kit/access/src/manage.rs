//! Who may manage which users, roles, groups and agencies.

use std::collections::BTreeMap;

use crate::permissions::{is_super_user, is_user_admin};
use crate::{Principal, Scope};

/// What the rules need to know of the user to be acted on.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    pub user_name: &'a str,
    pub agency: &'a str,
    pub groups: &'a [String],
    /// The permissions of the target's role.
    pub grants: &'a BTreeMap<String, Vec<String>>,
}

/// The users that a principal's lists show, before single rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserReach {
    Everyone,
    /// Everyone but super users.
    AllButSuperUsers,
    /// Users of these groups.
    Groups(Vec<String>),
    Agency(String),
    Own(String),
}

impl Principal {
    /// Whether the role manages everything.
    pub fn is_super_user(&self) -> bool {
        is_super_user(&self.permissions)
    }

    /// Whether the role manages users and all configuration.
    pub fn is_user_admin(&self) -> bool {
        is_user_admin(&self.permissions)
    }
}

/// The users in a principal's reach, for lists of people to work with.
pub fn user_reach(principal: &Principal) -> UserReach {
    let own = || UserReach::Own(principal.user_name.clone());
    if principal.is_super_user() {
        return UserReach::Everyone;
    }
    match principal.scope {
        Scope::All => UserReach::Everyone,
        Scope::AdminOnly if principal.is_user_admin() => UserReach::AllButSuperUsers,
        Scope::Agency if !principal.agency.is_empty() => {
            UserReach::Agency(principal.agency.clone())
        }
        Scope::Group if !principal.groups.is_empty() => UserReach::Groups(principal.groups.clone()),
        _ => own(),
    }
}

/// Whether a principal may act on another user, given a right on users at all.
pub fn may_act_on(principal: &Principal, target: &Target<'_>) -> bool {
    if principal.is_super_user() {
        return true;
    }
    if principal.is_user_admin() {
        return !is_super_user(target.grants);
    }
    let own = principal.user_name == target.user_name;
    if own {
        return true;
    }
    if is_super_user(target.grants) || is_user_admin(target.grants) {
        return false;
    }
    if principal.grants("user", "agency_read") {
        return principal.agency == target.agency;
    }
    match principal.scope {
        Scope::All => true,
        Scope::Group => target.groups.iter().any(|group| principal.groups.contains(group)),
        _ => false,
    }
}

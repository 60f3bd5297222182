//! One tenant's people, roles, groups and agencies in memory, as of one revision.
//!
//! Every request asks Postgres for the revision (one row) and reads only what changed since, so
//! that a change takes effect on the next request of any process.

mod cache;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use identity_domain::{
    Agency, CodeOfConduct, Rank, Role, TenantStatus, User, UserGroup, UserStanding,
};
use jiff::Timestamp;
use uuid::Uuid;

pub(crate) use cache::Directories;

/// Everything of a tenant that decides who may do what.
#[derive(Clone, Default)]
pub(crate) struct Directory {
    pub tenant: Uuid,
    pub revision: i64,
    pub epoch: u64,
    pub status: TenantStatus,
    pub locales: Vec<String>,
    /// Users that may be enabled at once, as the installation says.
    pub max_users: Option<u64>,
    pub users: BTreeMap<i64, Arc<Versioned<User>>>,
    pub roles: BTreeMap<i64, Arc<Versioned<Role>>>,
    pub groups: BTreeMap<i64, Arc<Versioned<UserGroup>>>,
    pub agencies: BTreeMap<i64, Arc<Versioned<Agency>>>,
    pub code_of_conduct: Option<Arc<Versioned<CodeOfConduct>>>,
    user_numbers: HashMap<String, i64>,
    role_numbers: HashMap<String, i64>,
    group_numbers: HashMap<String, i64>,
    agency_numbers: HashMap<String, i64>,
}

/// A state with the version of its stream.
pub(crate) struct Versioned<A> {
    pub state: A,
    pub version: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl<A> std::ops::Deref for Versioned<A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.state
    }
}

impl Directory {
    /// The user with this name, in any case and with blanks around it.
    pub fn user_named(&self, name: &str) -> Option<&Arc<Versioned<User>>> {
        self.users.get(self.user_numbers.get(&tidy_name(name))?)
    }

    pub fn role(&self, unique_id: &str) -> Option<&Arc<Versioned<Role>>> {
        self.roles.get(self.role_numbers.get(unique_id)?)
    }

    pub fn group(&self, unique_id: &str) -> Option<&Arc<Versioned<UserGroup>>> {
        self.groups.get(self.group_numbers.get(unique_id)?)
    }

    pub fn agency(&self, unique_id: &str) -> Option<&Arc<Versioned<Agency>>> {
        self.agencies.get(self.agency_numbers.get(unique_id)?)
    }

    pub fn role_of(&self, user: &User) -> Option<&Arc<Versioned<Role>>> {
        self.role(&user.membership.role)
    }

    /// The rank of a user's role.
    pub fn rank_of(&self, user: &User) -> Rank {
        self.role_of(user).map_or(Rank::Ordinary, |role| role.rank())
    }

    pub fn standing_of(&self, user: &User) -> UserStanding {
        user.standing(self.rank_of(user))
    }

    /// Users who count towards the limit: enabled, with an ordinary role category.
    pub fn total_enabled(&self) -> usize {
        let standard = |user: &User| {
            self.role_of(user).is_none_or(|role| role.attributes.user_category.is_none())
        };
        self.users.values().filter(|user| !user.disabled && standard(user)).count()
    }

    /// Users who count towards the installation's limit: everybody who is enabled.
    pub fn enabled(&self) -> usize {
        self.users.values().filter(|user| !user.disabled).count()
    }

    fn index(&mut self) {
        let by = |id: &str, number: i64| (id.to_owned(), number);
        self.user_numbers = self.users.values().map(|one| by(&one.user_name, one.number)).collect();
        self.role_numbers = self.roles.values().map(|one| by(&one.unique_id, one.number)).collect();
        self.group_numbers =
            self.groups.values().map(|one| by(&one.unique_id, one.number)).collect();
        self.agency_numbers =
            self.agencies.values().map(|one| by(&one.unique_id, one.number)).collect();
    }
}

/// User names are compared and stored like this.
pub(crate) fn tidy_name(name: &str) -> String {
    name.trim().to_lowercase()
}

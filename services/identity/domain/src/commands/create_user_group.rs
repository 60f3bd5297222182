//! Creates a user group.

use kit_decider::Command;

use crate::{Authority, Refusal, UserGroup, UserGroupAttributes, UserGroupEvent};

/// A new group; the shell lets its maker join where `Authority::joins_own_groups`.
#[derive(Clone)]
pub struct CreateUserGroup {
    pub by: Authority,
    pub number: i64,
    pub unique_id: String,
    pub attributes: UserGroupAttributes,
    pub unique_id_taken: bool,
}

impl Command for CreateUserGroup {
    type Of = UserGroup;
    type Refusal = Refusal;

    fn decide(self, group: &UserGroup) -> Result<Vec<UserGroupEvent>, Refusal> {
        if !self.by.may("user_group", "create") {
            return Err(Refusal::Forbidden);
        }
        if self.unique_id_taken || group.number != 0 {
            return Err(Refusal::Taken);
        }
        let Self { number, unique_id, attributes, .. } = self;
        Ok(vec![UserGroupEvent::Created { number, unique_id, attributes }])
    }
}

//! A user group: people who share work, across agencies.

use kit_decider::{Aggregate, Stored};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserGroup {
    /// 0 until it exists.
    pub number: i64,
    pub unique_id: String,
    pub attributes: UserGroupAttributes,
    pub deleted: bool,
}

/// What may be written of a user group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserGroupAttributes {
    pub name: Option<String>,
    pub description: Option<String>,
    pub disabled: bool,
    /// Came with the organisation's configuration as part of its core.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub core_resource: bool,
    /// Unique ids.
    pub agencies: Vec<String>,
}

/// These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum UserGroupEvent {
    Created { number: i64, unique_id: String, attributes: UserGroupAttributes },
    Changed { attributes: UserGroupAttributes },
    Deleted,
}

impl Aggregate for UserGroup {
    const CATEGORY: &'static str = "user_group";
    type Event = UserGroupEvent;

    fn evolve(&mut self, event: &UserGroupEvent) {
        match event {
            UserGroupEvent::Created { number, unique_id, attributes } => {
                self.number = *number;
                self.unique_id.clone_from(unique_id);
                self.attributes = attributes.clone();
            }
            UserGroupEvent::Changed { attributes } => self.attributes = attributes.clone(),
            UserGroupEvent::Deleted => self.deleted = true,
        }
    }
}

impl UserGroup {
    /// Whether there is such a group now.
    pub const fn exists(&self) -> bool {
        self.number != 0 && !self.deleted
    }
}

impl Stored for UserGroup {
    const SEALED: bool = false;
}

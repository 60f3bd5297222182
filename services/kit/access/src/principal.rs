//! The principal: everything identity knows about a caller that decides what they may do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A signed-in user, as identity vouches for them in a token that lives minutes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Principal {
    pub tenant: Uuid,
    /// Numeric id of the user, as the REST contract shows it.
    pub user_id: i64,
    pub user_name: String,
    pub full_name: String,
    pub code: Option<String>,
    /// Unique id of the role.
    pub role: String,
    pub role_id: i64,
    pub scope: Scope,
    /// Resource to actions, as granted; aliases are resolved by [`Principal::may`].
    pub permissions: BTreeMap<String, Vec<String>>,
    pub objects: Objects,
    /// Form unique id to the access that the role grants.
    pub forms: BTreeMap<String, FormAccess>,
    /// Module unique ids of the role.
    pub modules: Vec<String>,
    /// Unique id of the agency; empty for service accounts without one.
    pub agency: String,
    pub agency_id: i64,
    pub agency_office: Option<String>,
    /// Unique ids of the user's groups.
    pub groups: Vec<String>,
    pub location: Option<String>,
    pub locale: Option<String>,
    pub is_manager: bool,
    pub user_category: Option<String>,
    pub reporting_location_level: Option<i64>,
    /// The configuration epoch that roles and forms belong to; see `Catalog::epoch`.
    pub epoch: u64,
    /// Opaque id of the session, if there is one; never its secret.
    pub session: Option<Uuid>,
    /// Unix seconds of when the person last proved who they are: with their password, and with a
    /// code where their account wants one. See [`recently_proven`](crate::recently_proven).
    #[serde(default)]
    pub proven_at: Option<i64>,
    /// The role demands a second factor and the person has none yet: they may set one up, and
    /// nothing else. Such a principal holds no permission.
    #[serde(default)]
    pub must_enrol: bool,
    /// Unix seconds.
    pub issued_at: i64,
    pub expires_at: i64,
}

/// How far a principal sees records (`group_permission` of the role).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    #[default]
    #[serde(rename = "self")]
    Own,
    Group,
    Agency,
    All,
    AdminOnly,
    Identified,
    /// Of accounts that webhooks deliver for; reaches what is their own.
    Webhook,
}

/// What a role may do with one form's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FormAccess {
    #[serde(rename = "r")]
    Read,
    #[serde(rename = "rw")]
    ReadWrite,
}

/// Permissions that are limited to listed objects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Objects {
    /// Agencies that may be managed; empty means no limit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agency: Vec<String>,
    /// Roles that may be read and given; empty means no limit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub role: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed_report: Option<ManagedReportScope>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedReportScope {
    pub scope: String,
}

impl Principal {
    /// Whether the role grants `action` on `resource` (singular, as in the permission table).
    ///
    /// `read` also grants index, show, view, list, export; `write` also edit, update, destroy,
    /// disable; `create` also new; `manage` grants everything.
    pub fn may(&self, resource: &str, action: &str) -> bool {
        let wanted = match action {
            "index" | "show" | "view" | "list" | "export" => "read",
            "edit" | "update" | "destroy" | "disable" => "write",
            "new" => "create",
            other => other,
        };
        self.grants(resource, "manage")
            || self.grants(resource, wanted)
            || self.grants(resource, action)
    }

    /// Whether the role names `action` literally; `manage` does not imply it.
    pub fn grants(&self, resource: &str, action: &str) -> bool {
        self.permissions
            .get(resource)
            .is_some_and(|granted| granted.iter().any(|one| one == action))
    }
}

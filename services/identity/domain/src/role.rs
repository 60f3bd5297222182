//! A role: what its users may do, how far they see, and which forms they read and write.

use std::collections::BTreeMap;

use kit_access::{FormAccess, Objects, Scope};
use kit_decider::{Aggregate, Stored};
use serde::{Deserialize, Serialize};

use crate::authority::{Rank, rank};
use crate::permissions::{self, ERASURE, Unknown};
use crate::refusal::{Problem, Problems};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Role {
    /// 0 until it exists.
    pub number: i64,
    pub unique_id: String,
    pub attributes: RoleAttributes,
    pub deleted: bool,
}

/// What may be written of a role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "the contract has that many switches")]
pub struct RoleAttributes {
    pub name: String,
    pub description: Option<String>,
    pub group_permission: Scope,
    pub is_manager: bool,
    pub referral: bool,
    pub transfer: bool,
    pub referral_authorization: bool,
    pub disabled: bool,
    pub reporting_location_level: Option<i64>,
    /// Whoever has this role signs in with a second factor, and does nothing before they have one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub second_factor_required: bool,
    /// `limited`, `identified`, `system`, `maintenance`, or none for standard users.
    pub user_category: Option<String>,
    /// Unique ids.
    pub modules: Vec<String>,
    /// Resource to actions.
    pub permissions: BTreeMap<String, Vec<String>>,
    pub objects: Objects,
    /// Form unique id to access.
    pub forms: BTreeMap<String, FormAccess>,
}

/// What the rules need to know of the tenant beyond the role itself.
#[derive(Debug, Clone, Default)]
pub struct RoleSurroundings {
    pub name_taken: bool,
    pub unique_id_taken: bool,
    /// Levels that reporting may use; `None` where the configuration names none.
    pub levels: Option<Vec<i64>>,
    /// Modules of the configuration; `None` before there is one.
    pub modules: Option<Vec<String>>,
    /// Form to modules; `None` before there is a configuration. Others are dropped on save.
    pub form_modules: Option<BTreeMap<String, Vec<String>>>,
}

/// These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RoleEvent {
    Created { number: i64, unique_id: String, attributes: Box<RoleAttributes> },
    Changed { attributes: Box<RoleAttributes> },
    FormGranted { form: String },
    Deleted,
}

impl Aggregate for Role {
    const CATEGORY: &'static str = "role";
    type Event = RoleEvent;

    fn evolve(&mut self, event: &RoleEvent) {
        match event {
            RoleEvent::Created { number, unique_id, attributes } => {
                self.number = *number;
                self.unique_id.clone_from(unique_id);
                self.attributes = (**attributes).clone();
            }
            RoleEvent::Changed { attributes } => self.attributes = (**attributes).clone(),
            RoleEvent::FormGranted { form } => {
                self.attributes.forms.insert(form.clone(), FormAccess::ReadWrite);
            }
            RoleEvent::Deleted => self.deleted = true,
        }
    }
}

impl Role {
    /// Whether there is such a role now.
    pub const fn exists(&self) -> bool {
        self.number != 0 && !self.deleted
    }

    pub fn rank(&self) -> Rank {
        self.attributes.rank()
    }
}

impl RoleAttributes {
    pub fn rank(&self) -> Rank {
        rank(&self.permissions)
    }

    /// Keeps only forms of the role's own modules.
    #[must_use]
    pub fn without_foreign_forms(mut self, around: &RoleSurroundings) -> Self {
        if let Some(form_modules) = &around.form_modules {
            let modules = &self.modules;
            self.forms.retain(|form, _| {
                form_modules
                    .get(form)
                    .is_some_and(|of_form| of_form.iter().any(|one| modules.contains(one)))
            });
        }
        self
    }

    /// Every rule that these attributes break.
    pub fn problems(&self, around: &RoleSurroundings) -> Problems {
        let mut problems = Problems::default();
        problems.unless(
            !self.name.trim().is_empty(),
            Problem::new("name", "errors.models.role.name_presence", "required"),
        );
        problems.unless(
            !around.name_taken,
            Problem::new("name", "errors.models.role.unique_name", "taken"),
        );
        problems.unless(
            self.permissions.values().any(|actions| !actions.is_empty()),
            Problem::new("permissions", "errors.models.role.permission_presence", "required"),
        );
        problems.extend(self.unknown_permissions());
        problems.unless(!self.asks_and_agrees(), ONE_PERSON);
        problems.unless(self.level_is_known(around), UNKNOWN_LEVEL);
        problems.extend(self.unknown_modules(around));
        problems
    }

    fn unknown_permissions(&self) -> Vec<Problem> {
        let mut unknown = Vec::new();
        for (resource, actions) in &self.permissions {
            for action in actions {
                let below = match permissions::check(resource, action) {
                    Ok(()) => continue,
                    Err(Unknown::Resource) => format!("/{resource}"),
                    Err(Unknown::Action) => format!("/{resource}/{action}"),
                };
                unknown.push(
                    Problem::new(
                        "permissions",
                        "errors.models.role.permission_unknown",
                        "unknown_permission",
                    )
                    .at(below),
                );
            }
        }
        unknown.dedup();
        unknown
    }

    /// Erasing takes two people with different rights, so no role holds both.
    fn asks_and_agrees(&self) -> bool {
        self.erases("request") && self.erases("approve")
    }

    fn erases(&self, action: &str) -> bool {
        let granted = self.permissions.get(ERASURE);
        granted.is_some_and(|actions| actions.iter().any(|one| one == action))
    }

    /// Whether `other` holds the same rights to erase records.
    pub fn erases_as(&self, other: &Self) -> bool {
        ["request", "approve"].iter().all(|one| self.erases(one) == other.erases(one))
    }

    fn level_is_known(&self, around: &RoleSurroundings) -> bool {
        match (self.reporting_location_level, &around.levels) {
            (Some(level), Some(levels)) => levels.contains(&level),
            (None, _) | (_, None) => true,
        }
    }

    fn unknown_modules(&self, around: &RoleSurroundings) -> Vec<Problem> {
        let Some(modules) = &around.modules else { return Vec::new() };
        self.modules
            .iter()
            .filter(|module| !modules.contains(module))
            .map(|module| UNKNOWN_MODULE.at(format!("/{module}")))
            .collect()
    }
}

const UNKNOWN_LEVEL: Problem = Problem::new(
    "reporting_location_level",
    "errors.models.role.reporting_location_level",
    "unknown_option",
);
const ONE_PERSON: Problem =
    Problem::new("permissions", "errors.models.role.erasure_takes_two", "erasure_takes_two");
const UNKNOWN_MODULE: Problem =
    Problem::new("module_unique_ids", "errors.models.role.module_unknown", "unknown_option");

impl Stored for Role {
    const SEALED: bool = false;
}

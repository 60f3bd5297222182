//! Bodies of the contract as typed attributes of the domain.

mod agency;
mod role;
mod user;
mod user_group;

pub(crate) use agency::{AGENCY_KEYS, agency_attributes, agency_patch};
pub(crate) use role::{ROLE_KEYS, role_attributes, role_patch, role_snapshot_patch};
pub(crate) use user::{UserBody, user_body};
pub(crate) use user_group::{USER_GROUP_KEYS, user_group_patch, user_group_snapshot_patch};

use identity_domain::Patch;
use serde_json::Value;

use crate::body::Body;

/// Takes texts over under their own names; null empties them.
fn take_texts(body: &Body, patch: &mut Patch, keys: &[&str]) {
    for key in keys {
        if let Some(text) = body.text(key) {
            patch.insert((*key).to_owned(), text.map_or(Value::Null, Value::String));
        }
    }
}

/// Takes flags over under their own names.
fn take_booleans(body: &Body, patch: &mut Patch, keys: &[&str]) {
    for key in keys {
        if let Some(value) = body.boolean(key) {
            patch.insert((*key).to_owned(), value.into());
        }
    }
}

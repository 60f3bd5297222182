//! A user group's body.

use identity_domain::Patch;

use super::{take_booleans, take_texts};
use crate::body::Body;
use crate::directory::Directory;

/// What a group's body may name; null is a wrong type.
pub(crate) const USER_GROUP_KEYS: [&str; 6] =
    ["unique_id", "name", "description", "disabled", "agency_unique_ids", "agency_ids"];

/// What was sent. Agencies by unique id or number; an empty list changes nothing.
pub(crate) fn user_group_patch(body: &Body, directory: &Directory) -> Patch {
    let mut patch = Patch::new();
    take_texts(body, &mut patch, &["name", "description"]);
    take_booleans(body, &mut patch, &["disabled"]);
    let mut agencies = body.texts("agency_unique_ids").unwrap_or_default();
    for number in body.integers("agency_ids").unwrap_or_default() {
        agencies.extend(directory.agencies.get(&number).map(|one| one.unique_id.clone()));
    }
    agencies.retain(|agency| directory.agency(agency).is_some());
    agencies.dedup();
    if !agencies.is_empty() {
        patch.insert("agencies".into(), agencies.into());
    }
    patch
}

/// As a snapshot has it: its agencies may come with it, so they are taken as they are.
pub(crate) fn user_group_snapshot_patch(body: &Body) -> Patch {
    let mut patch = Patch::new();
    take_texts(body, &mut patch, &["name", "description"]);
    take_booleans(body, &mut patch, &["disabled", "core_resource"]);
    if let Some(agencies) = body.texts("agency_unique_ids") {
        patch.insert("agencies".into(), agencies.into());
    }
    patch
}

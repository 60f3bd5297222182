//! A user group as the contract (8.6) and as snapshots show it.

use identity_domain::UserGroup;
use serde_json::{Value, json};

/// The object of the contract.
pub(crate) fn user_group_document(group: &UserGroup) -> Value {
    let one = &group.attributes;
    json!({
        "id": group.number,
        "unique_id": group.unique_id,
        "name": one.name,
        "disabled": one.disabled,
        "description": one.description,
        "core_resource": one.core_resource,
        "agency_unique_ids": one.agencies,
    })
}

/// The object of a configuration snapshot.
pub(crate) fn user_group_snapshot(group: &UserGroup) -> Value {
    let one = &group.attributes;
    let mut snapshot = json!({
        "unique_id": group.unique_id,
        "name": one.name,
        "description": one.description,
    });
    if one.disabled {
        snapshot["disabled"] = true.into();
    }
    if one.core_resource {
        snapshot["core_resource"] = true.into();
    }
    if !one.agencies.is_empty() {
        snapshot["agency_unique_ids"] = json!(one.agencies);
    }
    snapshot
}
